# SPDX-License-Identifier: Apache-2.0
# bindtrace_add_bpf(NAME SOURCE file [ARCH_LEVEL v2|v3] [DEFINES ...])
#
# Compiles a .bpf.c for the target's architecture, strips DWARF (BTF stays) and makes a skeleton.
# The result is the INTERFACE library NAME with the header <NAME.skel.h>. Every included header is a
# dependency, by clang's own list.
find_program(BPF_CLANG NAMES clang clang-14 clang-19 REQUIRED)
find_program(BPF_STRIP NAMES llvm-strip llvm-strip-14 llvm-strip-19 REQUIRED)
find_program(BPFTOOL NAMES bpftool HINTS /usr/sbin REQUIRED)

if(CMAKE_SYSTEM_PROCESSOR MATCHES "x86_64|AMD64")
  set(BPF_TARGET_ARCH x86)
elseif(CMAKE_SYSTEM_PROCESSOR MATCHES "aarch64|arm64")
  set(BPF_TARGET_ARCH arm64)
else()
  message(FATAL_ERROR "bindtrace knows x86-64 and arm64, not ${CMAKE_SYSTEM_PROCESSOR}")
endif()

function(bindtrace_add_bpf name)
  cmake_parse_arguments(arg "" "SOURCE;ARCH_LEVEL" "DEFINES" ${ARGN})
  get_filename_component(source ${arg_SOURCE} ABSOLUTE)
  set(raw ${CMAKE_CURRENT_BINARY_DIR}/${name}.raw.o)
  # bpftool names the skeleton's struct after the file.
  set(object ${CMAKE_CURRENT_BINARY_DIR}/${name}.bpf.o)
  set(skeleton_dir ${CMAKE_CURRENT_BINARY_DIR}/skeleton)
  set(skeleton ${skeleton_dir}/${name}.skel.h)
  file(MAKE_DIRECTORY ${skeleton_dir})
  list(TRANSFORM arg_DEFINES PREPEND -D)

  add_custom_command(
    OUTPUT ${raw}
    COMMAND ${BPF_CLANG} -g -O2 -target bpf -mcpu=${arg_ARCH_LEVEL} -D__TARGET_ARCH_${BPF_TARGET_ARCH} ${arg_DEFINES}
            -Wall -Wextra -Werror -Wno-unused-parameter -I${PROJECT_SOURCE_DIR}/vmlinux -I${PROJECT_SOURCE_DIR}/bpf
            -MD -MF ${raw}.d -MT ${raw} -c ${source} -o ${raw}
    DEPENDS ${source}
    DEPFILE ${raw}.d
    COMMENT "BPF ${name}"
    VERBATIM)
  add_custom_command(
    OUTPUT ${object}
    COMMAND ${BPF_STRIP} -g ${raw} -o ${object}
    DEPENDS ${raw}
    VERBATIM)
  add_custom_command(
    OUTPUT ${skeleton}
    COMMAND sh -c "${BPFTOOL} gen skeleton ${object} name ${name} > ${skeleton}.tmp && mv ${skeleton}.tmp ${skeleton}"
    DEPENDS ${object}
    VERBATIM)

  add_custom_target(${name}_skeleton DEPENDS ${skeleton})
  add_library(${name} INTERFACE)
  add_dependencies(${name} ${name}_skeleton)
  target_include_directories(${name} SYSTEM INTERFACE ${skeleton_dir})
endfunction()
