# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
# Sourced by `fetch-otelcol` and `fetch-victorialogs`: a Go program from the sources that Debian ships, into a cache.
# Nothing is installed.
here=$(dirname "$(readlink -f "$0")")
# shellcheck disable=SC1091 source-path=SCRIPTDIR source=../vm/private-apt
. "$here/../vm/private-apt"

cache=${BINDTRACE_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/bindtrace}/services

# usage: unpack SUITE UNUSED PACKAGE...; a compiler, the packages, and the sources they depend on, into $tmp/root. UNUSED
# are large ones that they name but do not need for what we build: an extended regular expression.
unpack() {
    local suite=$1 unused=$2 names deb
    shift 2
    update_lists "$suite"
    names=$(apt-cache depends --recurse --important "$@" golang-go | grep '^golang-' | grep -Evx "${unused:-none}" | sort -u)
    mkdir "$tmp/debs" "$tmp/root"
    # shellcheck disable=SC2086 # a list of words
    (cd "$tmp/debs" && apt-get download -qq $names)
    for deb in "$tmp"/debs/*.deb; do
        dpkg-deb -x "$deb" "$tmp/root"
    done
    rm -r "$tmp/debs"
}

# usage: build IMPORT-PATH; $tmp/program is the result
build() {
    local goroot
    goroot=$(echo "$tmp"/root/usr/lib/go-[0-9]*)
    GOROOT=$goroot GOPATH=$tmp/root/usr/share/gocode GOCACHE=$tmp/objects GO111MODULE=off GOPROXY=off GOTOOLCHAIN=local \
        GOFLAGS='' CGO_ENABLED=0 "$goroot/bin/go" build -o "$tmp/program" "$1"
}

# usage: fetch NAME; calls make_program unless it is there, and prints its path
fetch() {
    if [[ ! -x $cache/$1 ]]; then
        mkdir -p "$cache"
        tmp=$(mktemp -d -p "$cache")
        trap 'rm -rf --one-file-system "$tmp"' EXIT
        make_program >&2
        mv "$tmp/program" "$cache/$1"
    fi
    echo "$cache/$1"
}
