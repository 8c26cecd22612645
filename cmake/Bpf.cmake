# SPDX-License-Identifier: Apache-2.0
# bindtrace_add_bpf(NAME SOURCE file [ARCH_LEVEL v2|v3] [DEFINES ...])
#
# Compiles a .bpf.c for the target's architecture, links it by bpftool, which keeps BTF and leaves DWARF out, and
# compresses it: to a sixth, which is most of what a static program can be made smaller by. The result is the library NAME
# with the compressed bytes, from NAME_begin to NAME_end. Every included header is a dependency, by clang's own list.
find_program(BPF_CLANG NAMES clang clang-14 clang-19 REQUIRED)
find_program(BPFTOOL NAMES bpftool HINTS /usr/sbin REQUIRED)
find_program(GZIP NAMES gzip REQUIRED)
enable_language(ASM)

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
  set(object ${CMAKE_CURRENT_BINARY_DIR}/${name}.bpf.o)
  set(compressed ${object}.gz)
  set(embedded ${CMAKE_CURRENT_BINARY_DIR}/${name}.S)
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
    COMMAND ${BPFTOOL} gen object ${object} ${raw}
    DEPENDS ${raw}
    VERBATIM)
  add_custom_command(
    OUTPUT ${compressed}
    COMMAND sh -c "${GZIP} -9nc ${object} > ${compressed}.tmp && mv ${compressed}.tmp ${compressed}"
    DEPENDS ${object}
    VERBATIM)
  configure_file(${PROJECT_SOURCE_DIR}/cmake/embedded.S.in ${embedded} @ONLY)
  set_source_files_properties(${embedded} PROPERTIES OBJECT_DEPENDS ${compressed})
  add_library(${name} STATIC ${embedded})
endfunction()
