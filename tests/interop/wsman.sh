#!/usr/bin/env bash
# Talks to a device with wsman, the command-line tool of openwsman (reference wsman, section 6.8).
#
#   OOB_HOST, OOB_HTTP_PORT, OOB_HTTPS_PORT   the device; TLS is used where it has no plain port
#   OOB_USER, OOB_PASSWORD
set -uo pipefail
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/checks.sh"

if ! command -v wsman >/dev/null; then
    skip 'wsman' 'wsmancli is not installed and not packaged for this system'
    exit 0
fi
if [ -n "$OOB_HTTP_PORT" ]; then
    transport=(--port "$OOB_HTTP_PORT")
else
    transport=(--https --port "$OOB_HTTPS_PORT" --noverifypeer --noverifyhost)
fi

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

cim=http://schemas.dmtf.org/wbem/wscim/1/cim-schema/2
addressing=http://schemas.xmlsoap.org/ws/2004/08/addressing
management=http://schemas.dmtf.org/wbem/wsman/1/wsman.xsd

# wsman has no other place for the password than its arguments; the account is a test's own.
talk() {
    timeout 120 wsman "$@" --non-interactive --hostname "$OOB_HOST" "${transport[@]}" \
        --username "$OOB_USER" --password "$OOB_PASSWORD" 2>&1 </dev/null
}

# power_input STATE >FILE: the parameters of RequestPowerStateChange.
power_input() {
    printf '%s' "<p:RequestPowerStateChange_INPUT xmlns:p=\"$cim/CIM_PowerManagementService\">" \
        "<p:PowerState>$1</p:PowerState><p:ManagedElement>" \
        "<a:Address xmlns:a=\"$addressing\">$addressing/role/anonymous</a:Address>" \
        "<a:ReferenceParameters xmlns:a=\"$addressing\" xmlns:w=\"$management\">" \
        "<w:ResourceURI>$cim/CIM_ComputerSystem</w:ResourceURI><w:SelectorSet>" \
        '<w:Selector Name="CreationClassName">CIM_ComputerSystem</w:Selector>' \
        '<w:Selector Name="Name">ManagedSystem</w:Selector></w:SelectorSet>' \
        '</a:ReferenceParameters></p:ManagedElement></p:RequestPowerStateChange_INPUT>'
}

power_state() {
    talk enumerate "$cim/CIM_AssociatedPowerManagementService" |
        sed -n 's|.*<[a-z]*:PowerState>\([0-9]*\)</.*|\1|p' | head -n 1
}

# switch_power STATE: asks for it and waits, at most two minutes.
switch_power() {
    local reply i
    power_input "$1" >"$work/input"
    reply=$(talk invoke -a RequestPowerStateChange -J "$work/input" \
        "$cim/CIM_PowerManagementService")
    contains "wsman asks for power state $1" "$reply" '<[a-z]+:ReturnValue>0</'
    for ((i = 0; i < 240; ++i)); do
        [ "$(power_state)" = "$1" ] && break
        sleep 0.5
    done
    equals "wsman sees power state $1" "$(power_state)" "$1"
}

contains 'wsman identifies the device' "$(talk identify)" '<[a-z]+:ProductVendor>[^<]'
contains 'wsman enumerates CIM_SoftwareIdentity' "$(talk enumerate "$cim/CIM_SoftwareIdentity")" \
    '<[a-z]+:InstanceID>AMT</'
contains 'wsman enumerates references' \
    "$(talk enumerate -M epr "$cim/CIM_SoftwareIdentity")" 'Selector Name="InstanceID"'
contains 'wsman gets AMT_GeneralSettings' \
    "$(talk get http://intel.com/wbem/wscim/1/amt-schema/1/AMT_GeneralSettings)" \
    '<[a-z]+:DigestRealm>Digest:[0-9A-F]{32}</'
contains 'wsman gets a fault for an unknown class' "$(talk get "$cim/CIM_NoSuchClass")" \
    'DestinationUnreachable'
switch_power 8
switch_power 2
finish
