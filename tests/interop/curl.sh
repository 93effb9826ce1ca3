#!/usr/bin/env bash
# Asks a device for AMT_GeneralSettings with curl, whose HTTP, digest and TLS nobody here wrote, and
# looks at the bytes that come back (reference wsman, sections 1.2 to 1.8 and 6.1).
#
#   OOB_HOST, OOB_HTTP_PORT, OOB_HTTPS_PORT   the device; an empty port is left out
#   OOB_CLOSED_PORT                           one that must not be open; may be empty
#   OOB_USER, OOB_PASSWORD
set -uo pipefail
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/checks.sh"

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# The account goes through a file, so that it does not stand in the list of processes.
account() { printf 'user = "%s:%s"\n' "$OOB_USER" "$1" >"$work/$2"; }
umask 077
account "$OOB_PASSWORD" account
account "not-$OOB_PASSWORD" wrong_account

# envelope CLASS-URI >FILE
envelope() {
    local addressing=http://schemas.xmlsoap.org/ws/2004/08/addressing
    printf '%s' '<?xml version="1.0" encoding="utf-8"?>' \
        '<Envelope xmlns="http://www.w3.org/2003/05/soap-envelope"' \
        " xmlns:a=\"$addressing\"" \
        ' xmlns:w="http://schemas.dmtf.org/wbem/wsman/1/wsman.xsd">' \
        '<Header><a:Action>http://schemas.xmlsoap.org/ws/2004/09/transfer/Get</a:Action>' \
        "<a:To>/wsman</a:To><w:ResourceURI>$1</w:ResourceURI><a:MessageID>7</a:MessageID>" \
        "<a:ReplyTo><a:Address>$addressing/role/anonymous</a:Address></a:ReplyTo>" \
        '<w:OperationTimeout>PT60S</w:OperationTimeout></Header><Body></Body></Envelope>'
}
amt=http://intel.com/wbem/wscim/1/amt-schema/1
envelope $amt/AMT_GeneralSettings >"$work/get"
envelope $amt/AMT_NoSuchClass >"$work/unknown"

# post BODY OPTION...: the replies with their headers, CR taken away.
post() {
    local body=$1
    shift
    curl --silent --show-error --max-time 120 --include --data-binary "@$work/$body" \
        --header 'Content-Type: application/soap+xml; charset=utf-8' \
        "${tls_options[@]}" "$@" "$url" 2>&1 | tr -d '\r'
}
login() { post "$1" --digest --config "$work/account" "${@:2}"; }
last_status() { grep -E '^HTTP/1.1 [0-9]+' <<<"$1" | tail -n 1 | cut -d ' ' -f 2; }

name_of() { printf 'curl %s %s' "$label" "$1"; }

check_refusal() {
    local reply names
    local digest='^WWW-Authenticate: Digest realm="Digest:[0-9A-F]{32}", nonce="[A-Za-z0-9+/]{32}"'
    reply=$(post get)
    equals "$(name_of 'is asked to log on')" "$(last_status "$reply")" 401
    contains "$(name_of 'gets the challenge in its exact form')" "$reply" \
        "$digest"',stale="false",qop="(auth|auth-int, auth)"$'
    contains "$(name_of 'sees the Server header')" "$reply" \
        '^Server: Intel\(R\) Active Management Technology [0-9]+(\.[0-9]+){2,3}$'
    names=$(sed '/^$/q' <<<"$reply" | sed -n 's/^\([A-Za-z-]*\): .*/\1/p' | tr '\n' ' ')
    equals "$(name_of 'sees the fields of a 401 in order')" "$names" \
        'WWW-Authenticate Content-Type Server Content-Length Connection '
    contains "$(name_of 'is told that the connection closes')" "$reply" '^Connection: close$'

    reply=$(post get --digest --config "$work/wrong_account")
    equals "$(name_of 'is refused with a wrong password')" "$(last_status "$reply")" 401
}

check_get() {
    local reply realm
    reply=$(login get)
    equals "$(name_of 'logs in with digest')" "$(last_status "$reply")" 200
    contains "$(name_of 'gets a chunked reply')" "$reply" '^Transfer-Encoding: chunked$'
    contains "$(name_of 'gets the whole envelope in one line')" "$reply" \
        '^<\?xml version="1.0" encoding="UTF-8"\?><a:Envelope .*</a:Envelope>$'
    contains "$(name_of 'finds its MessageID')" "$reply" '<b:RelatesTo>7</b:RelatesTo>'
    realm=$(sed -n 's/.*Digest realm="\([^"]*\)".*/\1/p' <<<"$reply" | head -n 1)
    contains "$(name_of 'finds the realm of the challenge')" "$reply" \
        "<g:DigestRealm>${realm:-none}</g:DigestRealm>"
    lacks "$(name_of 'sees no self-closing element')" "$(tail -n 1 <<<"$reply")" '<[^?>]*/>'
}

# Sizes of four upper-case digits, 0220 first, and the closing zero.
check_chunks() {
    local raw
    raw=$(login get --raw | sed -n '/^Transfer-Encoding: chunked$/,$p' | sed '1,/^$/d')
    equals "$(name_of 'gets 0x220 bytes first')" "$(head -n 1 <<<"$raw")" 0220
    contains "$(name_of 'gets 0x2FA bytes next')" "$raw" '^02FA$'
    equals "$(name_of 'sees the closing chunk')" "$(tail -n 1 <<<"$raw")" 0
}

# Curl waits for the interim reply as long as it is told to; the device must not let it wait.
check_expect() {
    local reply
    reply=$(login get --anyauth --header 'Expect: 100-continue' --expect100-timeout 15 \
        --write-out '\ntook %{time_total}')
    equals "$(name_of 'gets through with Expect: 100-continue')" "$(last_status "$reply")" 200
    contains "$(name_of 'is told to continue')" "$reply" '^HTTP/1.1 100 Continue$'
    contains "$(name_of 'does not wait for that')" "$reply" '^took [0-4]\.'
}

# Curl logs on anew for its second request, whose first half goes over the kept connection; the
# refusal closes that one, so one new connection is seen and not two.
check_connections() {
    local counts reply
    counts=$(curl --silent --max-time 120 --digest --config "$work/account" \
        --data-binary "@$work/get" --output /dev/null --output /dev/null \
        --write-out '%{http_code}:%{num_connects} ' "${tls_options[@]}" "$url" "$url")
    equals "$(name_of 'keeps the connection for a second request')" "$counts" '200:2 200:1 '
    reply=$(login get --header 'Transfer-Encoding: chunked')
    equals "$(name_of 'may send its request in chunks')" "$(last_status "$reply")" 200
}

check_faults() {
    local reply
    reply=$(login unknown)
    equals "$(name_of 'gets 400 for an unknown class')" "$(last_status "$reply")" 400
    contains "$(name_of 'gets the fault DestinationUnreachable')" "$reply" \
        '<a:Subcode><a:Value>b:DestinationUnreachable</a:Value></a:Subcode>'
    reply=$(curl --silent --max-time 120 --include "${tls_options[@]}" "${url%/wsman}/" | tr -d '\r')
    equals "$(name_of 'is sent on from /')" "$(last_status "$reply")" 303
    contains "$(name_of 'is sent to the log-on page')" "$reply" '^Location: /logon.htm$'
}

check_device() {
    check_refusal
    check_get
    check_chunks
    check_expect
    check_connections
    check_faults
}

if [ -n "$OOB_HTTP_PORT" ]; then
    label=plain url=http://$OOB_HOST:$OOB_HTTP_PORT/wsman tls_options=()
    check_device
fi
if [ -n "$OOB_CLOSED_PORT" ]; then
    curl --silent --max-time 120 "http://$OOB_HOST:$OOB_CLOSED_PORT/" >/dev/null
    case $? in # no connection, no reply, connection reset
    7 | 52 | 56) ok 'curl finds the plain port closed' ;;
    *) fail 'curl finds the plain port closed' 'there was a reply' ;;
    esac
fi
if [ -n "$OOB_HTTPS_PORT" ]; then
    # Old firmware needs what OpenSSL has switched off by now: TLS 1.0, SHA-1 in handshakes.
    label=TLS url=https://$OOB_HOST:$OOB_HTTPS_PORT/wsman
    tls_options=(--insecure --tlsv1.0 --ciphers 'DEFAULT:@SECLEVEL=0')
    check_device
fi
finish
