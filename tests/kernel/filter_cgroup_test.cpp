// SPDX-License-Identifier: Apache-2.0
// Filters by the victim's cgroup, and by the unit that a cgroup is.
#include <optional>

#include "filter_scenario.h"

namespace bindtrace {
namespace {

class CgroupFilter : public FilterTest {
 protected:
  void SetUp() override { holder_.emplace(hold(netns(), request())); }

  // The victims' address.
  [[nodiscard]] static Request request() { return tcp_at(9300); }

 private:
  std::optional<Holder> holder_;
};

// By a name at any level, or by a path from the root.
TEST_P(CgroupFilter, ByNameOrPath) {
  Tracer own(tier(), here({"-c", "bt-b.service", "--cgroup", "/bt-c.slice/bt-d.service"}));
  const Cgroup other_name("bt-a.slice/bt-b.service2");
  const Cgroup above("bt-c.slice");
  const Cgroup deeper("bt-a.slice/bt-c.slice/bt-d.service");
  const Cgroup named("bt-a.slice/bt-b.service");
  const Cgroup below_named("bt-a.slice/bt-b.service/payload/inner");
  const Cgroup at_path("bt-c.slice/bt-d.service");
  const Cgroup below_path("bt-c.slice/bt-d.service/payload");
  std::vector<pid_t> hidden;
  for (const Cgroup* cgroup : {&other_name, &above, &deeper}) {
    hidden.push_back(fail_within(*cgroup, request()).tried.pid);
  }
  std::vector<pid_t> shown;
  for (const Cgroup* cgroup : {&named, &below_named, &at_path, &below_path}) {
    shown.push_back(fail_within(*cgroup, request()).tried.pid);
  }

  expect_shown(own, shown, hidden);
}

TEST_P(CgroupFilter, ByAUnitThatIsMadeLater) {
  Tracer own(tier(), here({"--unit", "bt-later", "--unit", "bt-never.socket"}));
  const Victim hidden = fail_to_bind(netns(), request());
  const Cgroup unit("bt-a.slice/bt-later.service");
  const Victim shown = fail_within(unit, request());

  expect_shown(own, shown, hidden);
}

TEST_P(CgroupFilter, OfAUnitAndACgroupBothHaveToHold) {
  Tracer own(tier(), here({"--unit", "bt-b", "-c", "bt-a.slice"}));
  const Cgroup one("bt-c.slice/bt-b.service");
  const Cgroup other("bt-a.slice/bt-d.service");
  const Cgroup both("bt-a.slice/bt-b.service");
  const Victim first = fail_within(one, request());
  const Victim second = fail_within(other, request());
  const Victim shown = fail_within(both, request());

  expect_shown(own, {shown.tried.pid}, {first.tried.pid, second.tried.pid});
}

BINDTRACE_ON_ONE_TIER(CgroupFilter);

}  // namespace
}  // namespace bindtrace
