# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
# Sourced by `services`: a guest that systemd boots (systemd-nspawn), with sockets that it holds for units.
guest=$scratch/guest
nspawn=
nspawn_options=() # more of them
manager=

# usage: unit NAME LINE...; NAME is a path below /etc/systemd/system
unit() {
    local file=$guest/etc/systemd/system/$1
    shift
    mkdir -p "$(dirname "$file")"
    printf '%s\n' "$@" >"$file"
}

mount_guest() {
    mkdir -p "$guest" "$scratch/upper" "$scratch/work"
    mount -t overlay overlay -o "lowerdir=$("$here/fetch" guest),upperdir=$scratch/upper,workdir=$scratch/work" "$guest"
}

# usage: prepare_guest_for DEB PACKAGE...; all that DEB depends on and recommends and the packages are there then, and DEB itself is
# /root/bindtrace.deb. Debian's mirror is asked.
prepare_guest_for() {
    local deb=$1 needed
    shift
    mapfile -t needed < <({ dpkg-deb --field "$deb" Depends && dpkg-deb --field "$deb" Recommends; } |
        tr ',' '\n' | sed 's/[|(].*//; s/ //g') # without versions
    cp "$deb" "$guest/root/bindtrace.deb"
    cp /etc/apt/apt.conf.d/* "$guest/etc/apt/apt.conf.d/" # what this machine's mirror needs
    chroot "$guest" sh -c 'apt-get -qq update && apt-get -qq -y --no-install-recommends install "$@"' sh \
        "${needed[@]}" "$@" >"$scratch/apt" 2>&1 || {
        tail -n 20 "$scratch/apt" >&2
        exit 1
    }
}

# usage: make_rivals PORT; nginx.service and api.service of nobody both want it on 127.0.0.1, and none starts by itself
make_rivals() {
    rm "$guest/etc/systemd/system/multi-user.target.wants/nginx.service" "$guest/etc/nginx/sites-enabled/default"
    echo "server { listen 127.0.0.1:$1; }" >"$guest/etc/nginx/sites-enabled/default"
    echo "import socket; socket.create_server(('127.0.0.1', $1))" >"$guest/usr/local/bin/api.py"
    unit api.service "[Service]" "User=nobody" "ExecStart=/usr/bin/python3 /usr/local/bin/api.py"
}

# What is asked of the guest: sockets of units, one with its address in a drop-in, one of a Unix path, one of a service
# that does not take its socket; and a masked one that names the same port.
make_guest() {
    mount_guest
    unit app.socket "[Socket]" "ListenStream=127.0.0.1:18090"
    unit app.service "[Service]" "Type=oneshot" \
        "ExecStart=/usr/bin/python3 -c 'import socket; socket.create_server((\"127.0.0.1\", 18090))'"
    unit dropped.socket "[Socket]" "ListenStream=1" "Service=other.service" "ListenDatagram=2"
    unit dropped.socket.d/10.conf "[Socket]" "ListenStream=" "ListenDatagram=18091"
    unit other.service "[Service]" "ExecStart=/bin/true"
    unit path.socket "[Socket]" "ListenStream=/run/path.sock" "Accept=yes"
    unit path@.service "[Service]" "ExecStart=/bin/true"
    ln -s /dev/null "$guest/etc/systemd/system/masked.socket"
    mkdir -p "$guest/usr/local/lib/systemd/system"
    cp "$guest/etc/systemd/system/app.socket" "$guest/usr/local/lib/systemd/system/masked.socket"
    rm "$guest/etc/systemd/system/multi-user.target.wants/nginx.service" "$guest/etc/nginx/sites-enabled/default"
    echo 'server { listen 127.0.0.1:18092; }' >"$guest/etc/nginx/sites-enabled/default"
}

in_guest() {
    nsenter --target "$manager" --all -- "$@"
}

# usage: hold_in_guest [tcp|udp] ADDRESS PORT...
hold_in_guest() {
    in_guest /usr/bin/python3 - "$@" <"$here/../oracle/hold"
}

has_manager() {
    manager=$(pgrep --parent "$nspawn" systemd)
}

boot_guest() {
    systemd-nspawn --quiet -D "$guest" --register=no --keep-unit --boot --console=pipe --link-journal=no \
        --capability=all "${nspawn_options[@]}" </dev/null >"$scratch/console" 2>&1 &
    nspawn=$!
    await has_manager
    await in_guest systemctl is-active --quiet multi-user.target
}

boot_with_sockets() {
    make_guest
    boot_guest
    in_guest systemctl start app.socket dropped.socket path.socket
}

end_guest() {
    if [[ -n $nspawn ]]; then
        in_guest systemctl poweroff >/dev/null 2>&1 || true
        timeout 20 tail --pid "$nspawn" -f /dev/null || kill -KILL "$nspawn" || true
        wait "$nspawn" || true
        nspawn=
    fi
    if mountpoint --quiet "$guest"; then
        umount --recursive --lazy "$guest"
    fi
}

sockets_of_units() {
    start_tracer $$
    refused "$here/../oracle/hold" tcp 127.0.0.1 18090
    refused hold_in_guest udp 0.0.0.0 18091
    refused in_guest /usr/bin/python3 -c 'import socket; socket.socket(socket.AF_UNIX).bind("/run/path.sock")'
    refused in_guest systemctl start app.service
    stop_tracer
    local systemd='(.bindtrace.holders[0] | .comm == "systemd" and .on_behalf_of.proxy == "systemd")'
    check "a port of a .socket unit is said to be one" \
        ".network.local.port == 18090 and $systemd and .bindtrace.cause == \"socket_unit\" and
            .bindtrace.certainty == \"certain\""
    check "the unit is named, and not the masked one that has the same port" \
        ".network.local.port == 18090 and .bindtrace.holders[0].on_behalf_of.unit == \"app.socket\""
    check "the advice names the unit" '.bindtrace.advice | any(contains("stop app.socket"))'
    check "a unit whose address a drop-in changed is found by the new one" \
        ".network.local.port == 18091 and .network.transport == \"udp\" and $systemd and
            .bindtrace.holders[0].on_behalf_of.unit == \"dropped.socket\" and (.message | contains(\"other.service\"))"
    check "a unit is found by its Unix path" \
        ".network.local.address == \"/run/path.sock\" and $systemd and .bindtrace.cause == \"socket_unit\" and
            .bindtrace.holders[0].on_behalf_of.unit == \"path.socket\""
    check "the service that the socket is for is told to take it" \
        '.bindtrace.unit == "app.service" and .bindtrace.cause == "socket_unit" and
            (.bindtrace.advice | any(contains("sd_listen_fds")))'
}

# The victim is named by its unit, whoever holds the port.
unit_of_the_victim() {
    hold tcp 127.0.0.1 18092
    start_tracer $$
    refused in_guest systemctl restart nginx.service
    stop_tracer
    end_holder
    check "nginx.service is the one that could not bind" \
        '.network.local.port == 18092 and .bindtrace.unit == "nginx.service" and .process.executable.name == "nginx" and
            (.message | startswith("nginx.service "))'
    check "a holder that is no stand-in is none" \
        '.network.local.port == 18092 and (.bindtrace.holders[0].on_behalf_of.proxy == null) and
            .bindtrace.cause == "other_program"'
}

# A service that is restarted for ever against a port that is held, for RESTART_SECONDS: one story, told a few times, with
# as many failures as nginx itself has logged. Its configuration test, which is refused too, is a story of its own.
restarts_for_ever() {
    local log=$guest/var/log/nginx/error.log logged lines
    unit nginx.service.d/restart.conf "[Unit]" "StartLimitIntervalSec=0" "[Service]" "Restart=always" "RestartSec=100ms"
    in_guest systemctl daemon-reload
    : >"$log"
    hold tcp 127.0.0.1 18092
    start_tracer $$
    in_guest systemctl start --no-block nginx.service
    sleep "${RESTART_SECONDS:-60}"
    end_holder
    await grep -q '"bindtrace.conflict.bound"' "$records"
    stop_tracer
    in_guest systemctl stop nginx.service
    logged=$(grep -c 'bind() to 127.0.0.1:18092 failed (98' "$log")
    lines=$(grep -c . "$records")
    echo "services: nginx failed $logged times, $lines records"
    true_of_all "nginx.service got the port, at the attempt after as many failures as it logged" \
        "any(.event.name == \"bindtrace.conflict.bound\" and .bindtrace.unit == \"nginx.service\" and
            .bindtrace.episode.attempt == $logged + 1)"
    true_of_all "each failure is in the account" \
        "(map(select(.event.name == \"bindtrace.agent.stopped\"))[0].bindtrace.stats.emitted) >= $logged"
    true_of_all "a story of a minute or of ten takes fewer than 40 records" "length < 40"
}

block_of_systemd() {
    boot_with_sockets
    show_block socket_unit in_guest systemctl start app.service
    end_guest
}

systemd_part() {
    boot_with_sockets
    sockets_of_units
    unit_of_the_victim
    restarts_for_ever
    end_guest
}
