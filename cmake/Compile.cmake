# SPDX-License-Identifier: Apache-2.0
# Flags for all of user space: warnings are errors, hardening is on, sanitizers and static links by option.
add_compile_options(-Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wnon-virtual-dtor -Werror)
add_compile_options($<$<CONFIG:Debug>:-D_GLIBCXX_ASSERTIONS> -fstack-protector-strong)

# What reads the records must not depend on where the project was built.
add_compile_options(-ffile-prefix-map=${PROJECT_SOURCE_DIR}/=)

if(BINDTRACE_SANITIZE)
  add_compile_options(-fsanitize=${BINDTRACE_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer)
  add_link_options(-fsanitize=${BINDTRACE_SANITIZE})
endif()

find_package(fmt REQUIRED)
find_package(spdlog REQUIRED)
if(BINDTRACE_STATIC)
  set(CMAKE_FIND_LIBRARY_SUFFIXES .a)
  # One file to copy: what nothing refers to is left out, and so are the symbols.
  add_link_options(-static -Wl,--gc-sections -Wl,--strip-all)
  # Debian has no static spdlog and fmt; both work from their headers. Its spdlog_header_only asks for libfmt.so.
  set(BINDTRACE_FMT fmt::fmt-header-only)
  set(BINDTRACE_SPDLOG bindtrace_spdlog_headers)
  add_library(bindtrace_spdlog_headers INTERFACE)
  target_compile_definitions(bindtrace_spdlog_headers INTERFACE SPDLOG_FMT_EXTERNAL)
  target_link_libraries(bindtrace_spdlog_headers INTERFACE ${BINDTRACE_FMT})
else()
  add_link_options(-Wl,-z,relro -Wl,-z,now)
  set(BINDTRACE_SPDLOG spdlog::spdlog)
  set(BINDTRACE_FMT fmt::fmt)
endif()
