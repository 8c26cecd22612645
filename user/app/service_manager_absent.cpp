// SPDX-License-Identifier: Apache-2.0
// Of a build without libsystemd.
#include "app/service_manager.h"

namespace bindtrace {

ServiceManager::ServiceManager() = default;
void ServiceManager::ready(const std::string& /*status*/) {}
void ServiceManager::stopping() {}
void ServiceManager::give_sign() {}

}  // namespace bindtrace
