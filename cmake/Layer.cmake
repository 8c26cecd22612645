# SPDX-License-Identifier: Apache-2.0
# bindtrace_add_layer(NAME sources...): the library bindtrace_NAME of user/NAME. Its headers are
# reached as "NAME/..." through a link in the build tree, so that a target sees the layers it is
# linked with and never its neighbours in user/: a wrong include does not compile.
function(bindtrace_add_layer name)
  set(include_dir ${CMAKE_CURRENT_BINARY_DIR}/include)
  file(MAKE_DIRECTORY ${include_dir})
  file(CREATE_LINK ${CMAKE_CURRENT_SOURCE_DIR} ${include_dir}/${name} SYMBOLIC)
  add_library(bindtrace_${name} STATIC ${ARGN})
  target_include_directories(bindtrace_${name} PUBLIC ${include_dir})
endfunction()
