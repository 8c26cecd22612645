# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
# Sourced by `services`: docker-proxy as dockerd starts it, in front of a container that podman runs.
proxy=

proxy_listens() {
    (exec 3<>/dev/tcp/127.0.0.1/18081) 2>/dev/null
}

end_proxy() {
    if [[ -n $proxy ]]; then
        kill "$proxy" || true
        wait "$proxy" || true
        proxy=
    fi
}

# usage: port_of_docker_proxy CONTAINER-ID CONTAINER-ADDRESS; it answers dockerd on descriptor 3
port_of_docker_proxy() {
    "$("$here/fetch" docker-proxy)" -proto tcp -host-ip 127.0.0.1 -host-port 18081 -container-ip "$2" -container-port 80 \
        3>/dev/null >/dev/null 2>&1 &
    proxy=$!
    await proxy_listens
    start_tracer $$
    refused "$here/../oracle/hold" tcp 127.0.0.1 18081
    stop_tracer
    end_proxy
    # shellcheck disable=SC2016 # variables of jq
    check "a port of docker-proxy is of the container with the address that it forwards to" \
        '.network.local.port == 18081 and .bindtrace.cause == "container_port" and .bindtrace.certainty == "certain" and
            (.bindtrace.holders[0].on_behalf_of | .proxy == "docker-proxy" and .container_id == $id and
            .address == $address + ":80")' --arg id "$1" --arg address "$2"
}
