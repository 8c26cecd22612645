# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
# Sourced by `services`: bindtrace at work, programs that hold a port or want it, and checks of what was recorded.
passed=0
failed=0
tracer=
holder=
records=$scratch/records
: >"$records"

# usage: start_tracer PID [FORM]; it watches the network namespace of that process
start_tracer() {
    local ready=$scratch/ready
    rm -f "$ready"
    mkfifo "$ready"
    "$bindtrace" -o "${2:-json}" --color=never --netns "/proc/$1/ns/net" --ready-fd 3 3<>"$ready" >"$records" 2>"$scratch/messages" &
    tracer=$!
    if ! read -r -t 60 <>"$ready"; then
        cat "$scratch/messages" >&2
        exit 1
    fi
}

# usage: show_block CAUSE COMMAND...; what is printed of a command that is refused
show_block() {
    echo "== $1"
    start_tracer $$ text
    refused "${@:2}"
    stop_tracer
    cat "$records"
}

# What it saw is in the records then.
stop_tracer() {
    kill -INT "$tracer"
    wait "$tracer"
    tracer=
}

end_tracer() {
    if [[ -n $tracer ]]; then
        kill "$tracer" || true
    fi
}

# usage: hold [tcp|udp] ADDRESS PORT...
hold() {
    rm -f "$scratch/held"
    mkfifo "$scratch/held"
    "$here/../oracle/hold" "$@" >"$scratch/held" &
    holder=$!
    read -r -t 30 <"$scratch/held"
}

end_holder() {
    if [[ -n $holder ]]; then
        kill "$holder" || true
        wait "$holder" || true
        holder=
    fi
}

# usage: refused COMMAND...; the address is taken, so the command must not succeed
refused() {
    "$@" >"$scratch/refused" 2>&1 &
    local victim=$! status=0
    if ! timeout 60 tail --pid "$victim" -f /dev/null; then
        kill "$victim"
        status=1
    elif wait "$victim"; then
        status=1
    fi
    if ((status)); then
        echo "services: not refused: $*" >&2
        exit 1
    fi
}

# usage: await COMMAND...; half a minute at most
await() {
    local i
    for ((i = 0; i < 300; i++)); do
        if "$@" >/dev/null 2>&1; then
            return
        fi
        sleep 0.1
    done
    echo "services: gave up waiting for: $*" >&2
    exit 1
}

# usage: check SENTENCE CONDITION [JQ-OPTION...]; CONDITION is of jq, on a record of a conflict that was refused, and must
# hold for one at least. $port and the like come by JQ-OPTION.
check() {
    local sentence=$1 condition=$2
    shift 2
    true_of_all "$sentence" "map(select(.event.name == \"bindtrace.bind.conflict\")) | any($condition)" "$@"
}

# usage: true_of_all SENTENCE CONDITION [JQ-OPTION...]; the same on the array of all records
true_of_all() {
    local sentence=$1 condition=$2
    shift 2
    if jq -es "$@" "$condition" "$records" >/dev/null; then
        passed=$((passed + 1))
    else
        failed=$((failed + 1))
        echo "services: not true: $sentence"
        jq -c 'select(.event.name == "bindtrace.bind.conflict") | .message, .bindtrace.evidence' "$records"
    fi
}
