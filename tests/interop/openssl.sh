#!/usr/bin/env bash
# Which TLS versions, suites and keys a device has, as openssl s_client sees them (reference wsman,
# section 1.7).
#
#   OOB_HOST, OOB_HTTPS_PORT   the device
#   OOB_TLS_VERSIONS           those that it must offer, for instance "1.0 1.1"; no other is allowed
set -uo pipefail
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/checks.sh"

# Everything that OpenSSL still knows, old versions and their SHA-1 handshakes too.
shake() {
    timeout 120 openssl s_client -connect "$OOB_HOST:$OOB_HTTPS_PORT" "$@" </dev/null 2>&1
}
succeeded() { grep -Eq '^New, .*Cipher is [A-Z0-9]' <<<"$1" && ! grep -q '(NONE)' <<<"$1"; }
offers() { grep -qw -- "${1//./\\.}" <<<"$OOB_TLS_VERSIONS"; }

check_version() {
    local version=$1 option=$2 reply
    reply=$(shake "$option" -cipher 'ALL:@SECLEVEL=0')
    if offers "$version"; then
        if succeeded "$reply"; then ok "openssl is offered TLS $version"; else
            fail "openssl is offered TLS $version" "$(grep -m 1 -i error <<<"$reply")"
        fi
    elif succeeded "$reply"; then
        fail "openssl is refused TLS $version" 'the handshake succeeded'
    else
        ok "openssl is refused TLS $version"
    fi
}

check_suite() {
    local option=$1 suite=$2 reply
    reply=$(shake "$option" -cipher "$suite:@SECLEVEL=0")
    contains "openssl is offered $suite with $option" "$reply" "Cipher is $suite\$"
}

check_certificate() {
    local option=$1 chain text
    chain=$(shake "$option" -cipher 'ALL:@SECLEVEL=0')
    text=$(openssl x509 -noout -text <<<"$chain" 2>&1)
    contains 'openssl sees an RSA key of 2048 bits' "$text" 'Public-Key: \(2048 bit\)'
    contains 'openssl sees a subject' "$text" 'Subject: .*CN *= *[^ ]'
}

check_version 1.0 -tls1
check_version 1.1 -tls1_1
check_version 1.2 -tls1_2
check_version 1.3 -tls1_3

# Consoles offer RSA key exchange, which the device must take.
if offers 1.2; then
    for suite in AES128-SHA AES256-SHA AES128-GCM-SHA256 AES256-GCM-SHA384 \
        ECDHE-RSA-AES128-GCM-SHA256 ECDHE-RSA-AES256-GCM-SHA384; do
        check_suite -tls1_2 "$suite"
    done
    check_certificate -tls1_2
else
    for suite in AES128-SHA AES256-SHA; do check_suite -tls1_1 "$suite"; done
    check_certificate -tls1_1
fi
finish
