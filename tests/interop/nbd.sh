#!/usr/bin/env bash
# A real disk image, made by xorriso, is lent with oob-ider to a device of oob-sim, which exports it
# over NBD; nbdcopy reads it there and must get the same bytes, also when the line breaks three times
# in the middle. nbdinfo and sg_inq judge what it says of itself.
#
#   OOB_SIM   the oob-sim to use; oob-ider stands beside it
#
# Prints "ok", "FAIL" or "skip" and the name of the check, one a line.
set -uo pipefail

sim=${OOB_SIM:?}
ider=$(dirname "$sim")/../oob-ider/oob-ider
work=$(mktemp -d)
address=127.77.8.1
sim_pid=
ider_pid=
wait_limit_s=120

cleanup() {
    [ -n "$ider_pid" ] && kill -TERM "$ider_pid" 2>/dev/null && wait "$ider_pid"
    [ -n "$sim_pid" ] && kill "$sim_pid" 2>/dev/null && wait "$sim_pid"
    rm -rf "$work"
}
trap cleanup EXIT

for program in xorriso nbdcopy nbdinfo; do
    command -v "$program" >/dev/null && continue
    echo "skip nbd: $program is not installed"
    exit 0
done

check() {
    local name=$1
    shift
    if "$@" >"$work/said" 2>&1; then
        echo "ok $name"
    else
        echo "FAIL $name: $(head -c 300 "$work/said" | tr '\n' ' ')"
    fi
}

ctl() { "$sim" ctl --control "$work/control" "$@"; }

wait_for() {
    local i
    for ((i = 0; i < wait_limit_s * 10; ++i)); do
        grep -qs "$2" "$1" && return
        sleep 0.1
    done
    return 1
}

umask 077
printf 'Aa1!%s\n' "$(openssl rand -hex 8)" >"$work/password"
mkdir "$work/content"
head -c 20000000 /dev/urandom >"$work/content/random.bin"
printf 'hello\n' >"$work/content/hello.txt"
xorriso -as mkisofs -quiet -V RESCUE -o "$work/rescue.iso" "$work/content" 2>/dev/null

"$sim" run --listen "$address/32" --port-base 0 --password-file "$work/password" \
    --control "$work/control" --ider "nbd:$work/nbd" >"$work/ready" &
sim_pid=$!
wait_for "$work/ready" '"type":"ready"' || { echo 'FAIL nbd: oob-sim did not become ready'; exit 1; }
http=$(sed -n 's/.*"http":\([0-9]*\).*/\1/p' "$work/ready")

"$ider" serve "$work/rescue.iso" --start now -c "file:$work/password" -o ndjson \
    "amt+tcp://$address:$http" >"$work/record" 2>"$work/notes" &
ider_pid=$!
export XDG_STATE_HOME=$work
uri="nbd+unix:///?socket=$work/nbd"

check 'nbdinfo sees the image of xorriso' nbdinfo "$uri"
check '  with its size' test "$(nbdinfo --size "$uri")" = "$(stat -c %s "$work/rescue.iso")"
check 'nbdcopy reads it' nbdcopy "$uri" "$work/copy.iso"
check '  byte for byte' cmp "$work/rescue.iso" "$work/copy.iso"

ctl fault "$address" cut=4000000,count=3 >/dev/null
check 'nbdcopy reads it while the line breaks three times' nbdcopy "$uri" "$work/again.iso"
check '  byte for byte' cmp "$work/rescue.iso" "$work/again.iso"
check '  and xorriso reads the file inside' sh -c \
    "xorriso -osirrox on -indev '$work/again.iso' -extract /hello.txt '$work/hello' 2>/dev/null && grep -q hello '$work/hello'"

# What the drive says of itself, in the words of a program for SCSI.
if command -v sg_inq >/dev/null; then
    ctl disk "$address" probe | tr '{' '\n' |
        sed -n 's/.*"command":"INQUIRY".*"data":"\([0-9a-f]*\)".*/\1/p' | sed 's/../& /g' >"$work/inquiry"
    sg_inq --inhex="$work/inquiry" >"$work/drive" 2>&1
    check 'sg_inq reads that it is a drive for CDs' grep -q 'PDT=5\|CD/DVD' "$work/drive"
    check '  with a medium that can be taken out' grep -q 'RMB=1' "$work/drive"
    check '  and its name' grep -q 'Product identification: Virtual CD-ROM' "$work/drive"
else
    echo 'skip sg_inq: it is not installed'
fi

kill -TERM "$ider_pid"
wait "$ider_pid"
ider_pid=
check 'the record counts three new connections' grep -q '"reconnects":3' "$work/record"
