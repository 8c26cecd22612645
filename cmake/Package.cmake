# SPDX-License-Identifier: Apache-2.0
# With BINDTRACE_PACKAGE: what the Debian package has beside the program, its man page and the completion, at the paths
# that Debian 12 wants, and CPack's settings: `cpack` makes it.
set(BINDTRACE_MAINTAINER "bindtrace authors <bindtrace@packages.invalid>" CACHE STRING
    "Whom the package names as its maintainer; the project has no address, which .invalid says (RFC 2606)")
find_program(GZIP NAMES gzip REQUIRED)

set(package_dir ${PROJECT_BINARY_DIR}/package)
set(doc_dir ${CMAKE_INSTALL_DATADIR}/doc/bindtrace)
file(MAKE_DIRECTORY ${package_dir})
file(READ LICENSES/BSD-2-Clause.txt bsd)
string(REGEX REPLACE "^.*(Redistribution and use)" "\\1" bsd "${bsd}")
string(STRIP "${bsd}" bsd)
string(REPLACE "\n\n" "\n.\n" bsd "${bsd}")
string(REPLACE "\n" "\n " BSD_2_CLAUSE " ${bsd}")
configure_file(packaging/debian/copyright.in ${package_dir}/copyright @ONLY)
configure_file(packaging/debian/changelog.in ${package_dir}/changelog @ONLY)
configure_file(man/bindtrace.8 ${package_dir}/bindtrace.8 COPYONLY)
execute_process(COMMAND ${GZIP} -9nkf ${package_dir}/changelog ${package_dir}/bindtrace.8 COMMAND_ERROR_IS_FATAL ANY)

install(FILES ${package_dir}/copyright ${package_dir}/changelog.gz README.md DESTINATION ${doc_dir})
install(FILES ${package_dir}/bindtrace.8.gz DESTINATION ${CMAKE_INSTALL_MANDIR}/man8)
install(FILES docs/operations.md docs/security.md docs/fields.md docs/how-it-works.md docs/metrics.md docs/fleet.md DESTINATION ${doc_dir}/docs)
install(FILES packaging/systemd/otlp.conf packaging/systemd/metrics.conf packaging/container/Dockerfile
              packaging/kubernetes/daemonset.yaml DESTINATION ${doc_dir}/examples)
install(FILES packaging/rsyslog/bindtrace.conf DESTINATION ${doc_dir}/examples RENAME rsyslog.conf)
install(FILES packaging/prometheus/bindtrace.rules.yml DESTINATION ${doc_dir}/examples)
install(FILES packaging/bindtrace.toml DESTINATION /etc/bindtrace)
install(FILES packaging/logrotate/bindtrace DESTINATION /etc/logrotate.d)
install(FILES packaging/systemd/bindtrace.service DESTINATION /lib/systemd/system)
if(BINDTRACE_JOURNALD)
  install(FILES packaging/bindtrace.catalog DESTINATION /usr/lib/systemd/catalog)
endif()

set(CPACK_GENERATOR DEB)
set(CPACK_STRIP_FILES ON)
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_INSTALL_DEFAULT_DIRECTORY_PERMISSIONS
    OWNER_READ OWNER_WRITE OWNER_EXECUTE GROUP_READ GROUP_EXECUTE WORLD_READ WORLD_EXECUTE)
set(CPACK_PACKAGE_NAME bindtrace)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_MAINTAINER ${BINDTRACE_MAINTAINER})
set(CPACK_DEBIAN_PACKAGE_SECTION admin)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
if(BINDTRACE_OTLP)
  set(CPACK_DEBIAN_PACKAGE_RECOMMENDS libcurl4) # loaded for --otlp alone, so that no tool sees it
endif()
set(CPACK_DEBIAN_PACKAGE_SUGGESTS logrotate)
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)
set(CPACK_DEBIAN_PACKAGE_CONTROL_EXTRA
    ${PROJECT_SOURCE_DIR}/packaging/debian/conffiles ${PROJECT_SOURCE_DIR}/packaging/debian/postinst
    ${PROJECT_SOURCE_DIR}/packaging/debian/prerm ${PROJECT_SOURCE_DIR}/packaging/debian/postrm)
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "tells who holds the port when bind fails")
string(CONCAT CPACK_DEBIAN_PACKAGE_DESCRIPTION
  "When a service dies with 'bind: Address already in use', the one that held\n"
  "the address may be gone a moment later. bindtrace watches by eBPF: it records\n"
  "who asked for which address, who held it at that instant and why the kernel\n"
  "refused, and says what to do.\n"
  "\n"
  "The service writes to the journal, where the story is shown by systemctl\n"
  "status of the unit that could not bind. It needs Linux 5.10 or newer with BTF.")
include(CPack)
