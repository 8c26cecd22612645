// SPDX-License-Identifier: Apache-2.0
// A program that runs while this object lives.
#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

namespace bindtrace::bench {

class Child {
 public:
  // Its stdout is the file `output`, its stderr is thrown away; other descriptors of ours it has only where they are
  // not close-on-exec. A program that cannot be run has ended with 127.
  Child(std::vector<std::string> command, int output);
  ~Child() { stop(); }
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;

  // Whether it has ended by itself.
  bool ended();
  // Asks it to end and waits until it has.
  void stop();
  // Its status, as waitpid(2) gives it, once it ends by itself.
  int wait();

 private:
  pid_t pid_;
  bool waited_for_ = false;
};

}  // namespace bindtrace::bench
