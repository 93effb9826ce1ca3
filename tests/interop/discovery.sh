#!/usr/bin/env bash
# What scanners that nobody here wrote make of the virtual devices: nmap, rmcpping and ipmiping of
# FreeIPMI, and MeshCentral's amtscanner (reference discovery-posture, section 11.3). They know port
# 623 only, so the fleets of this script stand there.
#
#   OOB_SIM           the oob-sim to use
#   OOB_MESHCENTRAL   folder of the npm package; OOB_OPENSSL   settings that allow old TLS
set -uo pipefail
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/checks.sh"

address=127.77.4.1
work=$(mktemp -d)
sim_pid=
stop() {
    [ -n "$sim_pid" ] || return 0
    kill "$sim_pid" 2>/dev/null
    wait "$sim_pid" 2>/dev/null
    sim_pid=
}
trap 'stop; rm -rf "$work"' EXIT

# start KIND: a fleet that is KIND on UDP 623; leaves its plain port in `http`.
start() {
    local i
    : >"$work/ready"
    "$OOB_SIM" run --listen 127.77.4.0/29 --port-base 0 --rmcp-port 623 --rmcp-as "$1" \
        --generation 11.8 --control none >"$work/ready" 2>"$work/errors" &
    sim_pid=$!
    for ((i = 0; i < 1200; ++i)); do
        grep -qs '"type":"ready"' "$work/ready" && break
        kill -0 "$sim_pid" 2>/dev/null || return
        sleep 0.1
    done
    http=$(sed -n 's/.*"http":\([0-9]*\).*/\1/p' "$work/ready")
    https=$(sed -n 's/.*"https":\([0-9]*\).*/\1/p' "$work/ready")
    [ -n "$http" ]
}

check_ping() {
    if ! command -v rmcpping >/dev/null; then
        skip "rmcpping finds $1" 'FreeIPMI is not installed'
        return
    fi
    contains "rmcpping finds $1" "$(timeout 120 rmcpping -c 5 "$address" 2>&1)" '^pong received'
}

check_ipmi() {
    local reply
    if command -v ipmiping >/dev/null; then
        reply=$(timeout 120 ipmiping -c 5 -v -r 2.0 "$address" 2>&1)
        contains 'ipmiping hears a controller' "$reply" '^response received'
        contains 'ipmiping sees IPMI 2.0' "$reply" 'ipmi_v2.0=set'
        contains 'ipmiping hears one that is asked for IPMI 1.5' \
            "$(timeout 120 ipmiping -c 5 "$address" 2>&1)" '^response received'
    else
        skip 'ipmiping hears a controller' 'FreeIPMI is not installed'
    fi
    if ! command -v nmap >/dev/null; then
        skip 'nmap finds a controller' 'nmap is not installed'
        return
    fi
    reply=$(timeout 120 nmap -sU -n -Pn -p 623 --script ipmi-version "$address" 2>&1)
    contains 'nmap finds a controller' "$reply" '^623/udp +open +asf-rmcp'
    contains 'nmap names its version' "$reply" 'IPMI-2\.0'
}

check_amt() {
    local reply
    if command -v ipmiping >/dev/null; then
        reply=$(timeout 20 ipmiping -c 1 -t 2 "$address" 2>&1)
        lacks 'AMT is silent to ipmiping' "$reply" '^response received'
    fi
    if ! command -v nmap >/dev/null; then
        skip 'nmap knows AMT by its port' 'nmap is not installed'
        return
    fi
    reply=$(timeout 120 nmap -sU -n -Pn -p 623 "$address" 2>&1)
    contains 'nmap finds the presence pong of AMT' "$reply" '^623/udp +open +asf-rmcp'
    reply=$(timeout 120 nmap -sT -sV -n -Pn -p "$http" "$address" 2>&1)
    contains 'nmap knows AMT by its plain port' "$reply" "^$http/tcp +open +.*Intel Active Management Technology"
}

check_amtscanner() {
    if ! command -v node >/dev/null || [ ! -f "${OOB_MESHCENTRAL:-}/amtscanner.js" ]; then
        skip 'amtscanner finds the devices of a range' 'node or the npm package is missing'
        return
    fi
    OOB_RANGE=127.77.4.0/29 OOB_FOUND=8 OOB_VERSION=11.8 OOB_HOST=$address OOB_HTTPS_PORT=$https \
        timeout 300 node --openssl-config="$OOB_OPENSSL" "$(dirname "$0")/amtscanner.js" ||
        failures=$((failures + 1))
}

if ! start bmc; then
    skip 'scanners on port 623' "$(grep -m 1 . "$work/errors" || echo 'oob-sim did not start')"
    exit 0
fi
check_ping 'a controller'
check_ipmi
stop
if start amt; then
    check_ping AMT
    check_amt
    check_amtscanner
else
    fail 'the second fleet' "$(head -n 1 "$work/errors")"
fi
finish
