#!/usr/bin/env bash
# How our programs show a client certificate to a peer that asks for one: openssl s_server, which
# judges it by a CA of its own.
#
#   OOB_DISCOVER   the oob-discover to use
set -uo pipefail
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/checks.sh"

work=$(mktemp -d)
server_pid=
stop_server() {
    [ -n "$server_pid" ] || return 0
    kill "$server_pid" 2>/dev/null
    wait "$server_pid" 2>/dev/null
    server_pid=
}
trap 'stop_server; rm -rf "$work"' EXIT
umask 077
cd "$work" || exit 2

# certificate NAME COMMON-NAME [CA]: NAME.pem and NAME.key, signed by the CA or by itself.
certificate() {
    local signer=()
    [ -n "${3:-}" ] && signer=(-CA "$3.pem" -CAkey "$3.key")
    openssl req -x509 -newkey rsa:2048 -noenc -days 2 -subj "/CN=$2" -keyout "$1.key" -out "$1.pem" \
        "${signer[@]}" 2>/dev/null
}

# start_server OPTION...: sets port.
start_server() {
    stop_server
    openssl s_server -accept 127.0.0.1:0 -cert device.pem -key device.key -CAfile ca.pem \
        -www -verify_return_error -Verify 2 "$@" >server.log 2>&1 </dev/null &
    server_pid=$!
    port=
    for ((i = 0; i < 1200; ++i)); do
        port=$(sed -n 's/^ACCEPT .*:\([0-9]*\)$/\1/p' server.log)
        [ -n "$port" ] && return
        sleep 0.1
    done
    return 1
}

look() {
    XDG_STATE_HOME=$work/state "$OOB_DISCOVER" trust -o ndjson "$@" "amt://127.0.0.1:$port" 2>&1
}

certificate ca 'a CA'
certificate device device.example
certificate console console.example ca
certificate stranger stranger.example
cat console.pem console.key >console.both
openssl pkcs12 -export -in console.pem -inkey console.key -passout pass:hunter2 -out console.p12
printf 'hunter2\n' >passphrase
openssl pkcs8 -topk8 -in console.key -passout pass:hunter2 -out console.locked

if ! start_server -tls1_2; then
    fail 's_server starts' "$(tail -n 1 server.log)"
    finish
    exit
fi
contains 's_server takes a certificate and key of one PEM file' \
    "$(look --tls-cert console.both)" '"ok":true'
contains 's_server takes those of two PEM files' \
    "$(look --tls-cert console.pem --tls-key console.key)" '"ok":true'
contains 's_server takes a key with a passphrase' \
    "$(look --tls-cert console.pem --tls-key console.locked --tls-key-password file:passphrase)" '"ok":true'
contains 's_server takes a PKCS#12 bundle' \
    "$(look --tls-cert console.p12 --tls-key-password file:passphrase)" '"ok":true'
contains 's_server saw who we are' "$(cat server.log)" 'CN ?= ?console\.example'
contains 'without a certificate the error names the option' "$(look)" \
    '"code":"tls.client_certificate".*--tls-cert'
cat stranger.pem stranger.key >stranger.both
contains 'a certificate of another CA is refused, and the error says so' \
    "$(look --tls-cert stranger.both)" '"code":"tls.client_refused"'
finish
