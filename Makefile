# SPDX-License-Identifier: Apache-2.0
# A thin front to CMake and the test scripts; each target installs what it needs from Debian 12 first.
SUDO := $(shell [ "$$(id -u)" = 0 ] || echo sudo)

.PHONY: all demo package test test-builds scenarios test-full oracle bench load-table lint clean

all:
	packaging/deps build
	cmake --preset dev -DBINDTRACE_TESTS=OFF
	cmake --build --preset dev

# Provokes a real conflict and shows how bindtrace explains it.
demo: all
	$(SUDO) tests/demo build/bindtrace

# build/release/bindtrace_VERSION_amd64.deb, for Debian 12.
package:
	packaging/deps package
	cmake --workflow --preset release

# Unit tests, real failing binds on this kernel, and a short form of the same on the kernels of the matrix (tests/run).
test: test-builds
	$(SUDO) tests/run

test-builds:
	packaging/deps test
	cmake --preset dev -DBINDTRACE_TESTS=ON
	cmake --build --preset dev --target bindtrace bindtrace_unit_tests
	cmake --preset portable -DBINDTRACE_TESTS=ON
	cmake --build --preset portable --target bindtrace bindtrace_kernel_tests bindtrace_conflict_tests

# Every way to fail with EADDRINUSE, and what the last `make test` saw of it on each kernel and tier.
scenarios:
	tests/scenario-table

# What takes longer: all tests on every tier of every kernel and of a preemptible 6.1, the linters, strace as oracle, the
# sanitizers, storms of ten million failures, a hundred thousand pids that become another process's, real servers,
# containers and a real systemd, a real Collector, VictoriaLogs and Prometheus, the package on a fresh Debian and the image
# in a container, the page of a report in a browser, the traps that tests must catch, and bcc's and libbpf-tools' bindsnoop
# beside bindtrace.
test-full: test-builds lint oracle package
	cmake --workflow --preset asan
	$(SUDO) tests/run unit host schema demo log-full rules vm-full lockdown preempt-full storm races
	packaging/deps services
	$(SUDO) tests/run services metrics otlp package container destinations
	packaging/deps browser
	$(SUDO) tests/run report
	$(SUDO) tests/traps/run
	$(SUDO) tests/vm/compare-bindsnoop build/portable/bindtrace

# Real programs fail to bind: strace and bindtrace must tell of the same failures. ORACLE="--only tcp,udp" narrows it.
oracle: all
	packaging/deps oracle
	tests/oracle/tests.py
	$(SUDO) tests/oracle/oracle $(ORACLE) build/bindtrace

# What each tier costs before it is ready, on this machine and on the kernels of the matrix (docs/load.md).
load-table:
	packaging/deps test
	cmake --preset portable -DBINDTRACE_TESTS=ON
	cmake --build --preset portable --target bindtrace bindtrace_load_cost
	$(SUDO) tests/vm/load-table build/portable

lint:
	packaging/deps lint
	shellcheck packaging/deps bench/measure tests/count-tests tests/demo tests/demo-test tests/flaky-restart tests/readme-test tests/report-test tests/run tests/scenario-table tests/show-failures \
	    .ci/run packaging/bash-completion/bindtrace \
	    tests/vm/fetch-kernel tests/vm/run-guest tests/vm/run-matrix tests/vm/load-table tests/vm/python-files tests/traps/run \
	    tests/vm/compare-bindsnoop tests/vm/fetch-bindsnoop tests/vm/private-apt tests/oracle/fetch-selftests \
	    $$(grep -lEd skip '^#!/bin/(ba)?sh' tests/oracle/workloads/*) tests/oracle/workloads/holding.bash
	shellcheck -xa tests/services/services tests/services/fetch tests/services/fetch-otelcol tests/services/fetch-victorialogs
	shellcheck -x tests/services/package tests/services/container tests/services/destinations packaging/debian/postinst packaging/debian/prerm packaging/debian/postrm
	(git ls-files '*.py'; git grep -l '^#!/usr/bin/python3' -- bench tests) | sort -u | xargs /usr/bin/python3 -m py_compile
	git ls-files 'user/*.cpp' 'user/*.h' 'tests/*.cpp' 'tests/*.h' 'bench/*.cpp' 'bench/*.h' | xargs clang-format --dry-run --Werror
	cmake --workflow --preset tidy

# What tracing costs, on this machine in nanoseconds and in a guest in instructions (docs/bench.md): a quarter of an hour on a
# machine that is otherwise idle. BENCH_TO=docs/bench.md renews the tables there.
bench:
	packaging/deps bench
	cmake --preset portable -DBINDTRACE_TESTS=ON
	cmake --build --preset portable --target bindtrace_bench
	$(SUDO) bench/measure build/portable build/measured
	bench/table build/measured $(BENCH_TO)

clean:
	rm -rf build
