// SPDX-License-Identifier: Apache-2.0
// A value that a test and the processes that it forks share.
#pragma once

#include <new>
#include <stdexcept>

#include <sys/mman.h>

namespace bindtrace {

template <typename T>
class Shared {
 public:
  Shared() : page_(mmap(nullptr, sizeof(T), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0)) {
    if (page_ == MAP_FAILED) {
      throw std::runtime_error("no shared memory");
    }
    value_ = new (page_) T{};
  }
  Shared(const Shared&) = delete;
  Shared& operator=(const Shared&) = delete;
  ~Shared() { munmap(page_, sizeof(T)); }
  T* operator->() const { return value_; }
  T& operator*() const { return *value_; }

 private:
  void* page_;
  T* value_ = nullptr;
};

}  // namespace bindtrace
