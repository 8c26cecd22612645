# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
# Sourced by workloads that start a server against held ports: strict mode, and the two things they all do.
set -euo pipefail
export PATH=$PATH:/usr/sbin:/sbin
here=$(dirname "$(readlink -f "$0")")

# usage: hold [tcp|udp] ADDRESS PORT...; until the workload ends
hold() {
    mkfifo held
    "$here/../hold" "$@" >held &
    holder=$!
    trap 'kill $holder' EXIT
    read -r <held
}

# usage: fails COMMAND...; the address is taken, so the command must not succeed
fails() {
    if "$@"; then
        echo "succeeded: $*" >&2
        exit 1
    fi
}
