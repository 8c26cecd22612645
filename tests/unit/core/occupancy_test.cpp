// SPDX-License-Identifier: Apache-2.0
#include "core/occupancy.h"

#include <gtest/gtest.h>

#include "incidents.h"

namespace bindtrace {
namespace {

Incident with(const std::vector<HolderSocket>& sockets) {
  Incident found = bare_incident();
  found.failure.request.endpoint.address = ipv4(10, 0, 0, 1);
  found.failure.sockets = sockets;
  found.failure.socket_count = static_cast<std::uint32_t>(sockets.size());
  for (const HolderSocket& socket : sockets) {
    found.holders.push_back(holder(socket));
  }
  return found;
}

TEST(Outlook, OfAFreePortIsGood) {
  const Outlook outlook = outlook_of(with({}));
  EXPECT_EQ(outlook.plain, Prospect::kFree);
  EXPECT_EQ(outlook.reuseaddr, Prospect::kFree);
}

TEST(Outlook, BesideAListenerIsBadInAnyCase) {
  const Outlook outlook = outlook_of(with({listener()}));
  EXPECT_EQ(outlook.plain, Prospect::kInUse);
  EXPECT_EQ(outlook.reuseaddr, Prospect::kInUse);
}

TEST(Outlook, BesideTimeWaitDependsOnBothSides) {
  HolderSocket waiting = time_wait(1000);
  EXPECT_EQ(outlook_of(with({waiting})).reuseaddr, Prospect::kInUse);
  waiting.options.reuseaddr = true;
  EXPECT_EQ(outlook_of(with({waiting})).reuseaddr, Prospect::kFree);
  EXPECT_EQ(outlook_of(with({waiting})).plain, Prospect::kInUse);
}

TEST(Outlook, BesideAnotherAddressIsGood) {
  HolderSocket apart = listener();
  apart.local.address = ipv4(10, 0, 0, 9);
  apart.overlaps = false;
  EXPECT_EQ(outlook_of(with({apart})).plain, Prospect::kFree);
}

TEST(Outlook, IsUnknownWhereNotAllSocketsWereSeen) {
  HolderSocket apart = listener();
  apart.local.address = ipv4(10, 0, 0, 9);
  apart.overlaps = false;
  Incident found = with({apart});
  found.failure.sockets_cut = true;
  EXPECT_EQ(outlook_of(found).plain, Prospect::kUnknown);
}

TEST(Outlook, OfAPathDependsOnTheFile) {
  Incident found = bare_incident();
  found.failure.walked = false;
  found.failure.request.endpoint = {Transport::kUnix, std::nullopt, std::nullopt, "/run/app.sock"};
  EXPECT_EQ(outlook_of(found).plain, Prospect::kUnknown);
  found.path_file = PathFile::kNothing;
  EXPECT_EQ(outlook_of(found).plain, Prospect::kFree);
  found.path_file = PathFile::kRegular;
  EXPECT_EQ(outlook_of(found).plain, Prospect::kInUse);
  EXPECT_FALSE(outlook_of(found).reuseaddr);
}

TEST(Outlook, OfANameDependsOnWhoeverHasIt) {
  Incident found = bare_incident();
  found.failure.walked = false;
  found.failure.request.endpoint = {Transport::kUnix, std::nullopt, std::nullopt, "@app"};
  EXPECT_EQ(outlook_of(found).plain, Prospect::kFree);
  found.holder_status = HolderStatus::kSkipped;
  EXPECT_EQ(outlook_of(found).plain, Prospect::kUnknown);
  found.holders = {holder(listener())};
  EXPECT_EQ(outlook_of(found).plain, Prospect::kInUse);
}

TEST(Occupancy, IsInUseWhenAnyOfItsAddressesIs) {
  Occupancy occupancy;
  occupancy.outlooks = {{{}, Prospect::kFree, {}}, {{}, Prospect::kUnknown, {}}};
  EXPECT_EQ(prospect_of(occupancy), Prospect::kUnknown);
  occupancy.outlooks.push_back({{}, Prospect::kInUse, {}});
  EXPECT_EQ(prospect_of(occupancy), Prospect::kInUse);
  occupancy.outlooks = {{{}, Prospect::kFree, {}}};
  EXPECT_EQ(prospect_of(occupancy), Prospect::kFree);
}

}  // namespace
}  // namespace bindtrace
