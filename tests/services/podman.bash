# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
# Sourced by `services`: podman's containers, with a published port and with a shared network namespace.

# Its files are all in the scratch directory. crun refuses hosts with both versions of cgroups, and the limits are named
# because podman otherwise raises them, which takes CAP_SYS_RESOURCE.
podman_here() {
    podman --root "$scratch/podman/root" --runroot "$scratch/podman/run" --tmpdir "$scratch/podman/tmp" \
        --network-config-dir "$scratch/podman/networks" --cgroup-manager cgroupfs --events-backend none \
        --runtime runc "$@"
}

# usage: run_container NAME PODMAN-OPTION... -- COMMAND...
run_container() {
    local name=$1 options=()
    shift
    while [[ $1 != -- ]]; do
        options+=("$1")
        shift
    done
    shift
    podman_here run -d --name "$name" --ulimit nofile=20000:20000 --ulimit nproc=1024:1024 "${options[@]}" \
        --rootfs "$scratch/busybox" "$@"
}

make_busybox() {
    mkdir -p "$scratch/busybox"/{bin,dev,etc,proc,sys,tmp}
    cp /bin/busybox "$scratch/busybox/bin/"
    ln -s busybox "$scratch/busybox/bin/httpd"
}

end_containers() {
    if [[ -d $scratch/podman ]]; then
        podman_here rm --all --force --time 0 >/dev/null 2>&1 || true
        umount --recursive --lazy "$scratch/podman" 2>/dev/null || true
        umount --lazy "$scratch/podman/root/overlay" 2>/dev/null || true
    fi
}

# The host's side of the port is with conmon.
published_port() {
    local web
    web=$(run_container web -p 127.0.0.1:18080:80 -- /bin/httpd -f -p 80)
    start_tracer $$
    refused "$here/../oracle/hold" tcp 127.0.0.1 18080
    refused run_container second -p 127.0.0.1:18080:80 -- /bin/httpd -f -p 80
    stop_tracer
    local held='.network.local.port == 18080 and (.bindtrace.holders[0] | .comm == "conmon" and .on_behalf_of.proxy == "conmon")'
    check "a port that podman publishes is said to be one" \
        "$held and .bindtrace.cause == \"container_port\" and .bindtrace.certainty == \"certain\""
    check "its container is named by id, name and engine" \
        "$held and (.bindtrace.holders[0].on_behalf_of | .container_id == \$id and .container_name == \"web\" and
            .container_runtime == \"podman\" and .unit == null)" --arg id "$web"
    check "the advice names the container" ".bindtrace.advice | any(contains(\"podman ps --filter id=\" + \$id[:12]))" \
        --arg id "$web"
    check "a second container that publishes the port is refused by podman itself" \
        "$held and .process.executable.name == \"podman\" and .bindtrace.cause == \"container_port\""
}

# Within a namespace that containers share, each of them is the one it is.
shared_namespace() {
    local web second
    web=$(podman_here inspect web --format '{{.Id}}')
    start_tracer "$(podman_here inspect web --format '{{.State.Pid}}')"
    second=$(run_container shares --network container:web -- /bin/httpd -f -p 80)
    await grep -q EADDRINUSE "$records"
    stop_tracer
    # shellcheck disable=SC2016 # variables of jq
    check "both containers are named where one refuses the other" \
        '.container.id == $second and .bindtrace.holders[0].container_id == $web and .bindtrace.netns != $host' \
        --arg web "$web" --arg second "$second" --argjson host "$(stat -L -c %i /proc/$$/ns/net)"
    check "the server of the other container is no stand-in" \
        '.bindtrace.holders[0] | .comm == "httpd" and (.on_behalf_of | all(.[]; . == null))'
    check "it is another instance of the same program" '.bindtrace.cause == "another_instance"'
}

block_of_podman() {
    make_busybox
    run_container web -p 127.0.0.1:18080:80 -- /bin/httpd -f -p 80 >/dev/null
    printf '%s\n' 'import socket, time' \
        'try: socket.create_server(("127.0.0.1", 18080))' 'except OSError: time.sleep(0.3); raise' >"$scratch/api.py"
    show_block container_port env --chdir "$scratch" /usr/bin/python3 api.py
    end_containers
}

podman_part() {
    make_busybox
    published_port
    port_of_docker_proxy "$(podman_here inspect web --format '{{.Id}}')" \
        "$(podman_here inspect web --format '{{.NetworkSettings.IPAddress}}')"
    shared_namespace
    end_containers
}
