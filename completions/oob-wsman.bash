# bash completion for oob-wsman

_oob_wsman() {
    local current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD-1]} verb=${COMP_WORDS[1]}
    local verbs="identify get enum put create delete invoke"
    # What every verb takes; then what only some take.
    local options="--user --credential --inventory --exclude --include-failed --output --quiet --verbose --trace
        --progress --summary --no-input --fanout --connect-timeout --timeout --deadline --batch --max-failures
        --journal --resume --tls-ca --tls-cert --tls-key --tls-key-password --tls-pin --tls-tofu --tls-compat
        --insecure --via --bind --help --version"
    local caution="--dry-run --yes --confirm"

    if [ "$COMP_CWORD" -eq 1 ]; then
        mapfile -t COMPREPLY < <(compgen -W "$verbs --help --version" -- "$current")
        return
    fi
    options+=" --raw"
    case $verb in
        identify|enum) ;;
        get) options+=" --selector" ;;
        create) options+=" $caution" ;;
        put) options+=" $caution --selector --only" ;;
        *) options+=" $caution --selector" ;;
    esac
    case $previous in
        -o|--output) mapfile -t COMPREPLY < <(compgen -W "table grouped ndjson json" -- "$current"); return ;;
        --progress) mapfile -t COMPREPLY < <(compgen -W "auto none ndjson" -- "$current"); return ;;
        -i|--inventory|--trace|--journal|--resume|--tls-ca|--tls-cert|--tls-key)
            compopt -o filenames; mapfile -t COMPREPLY < <(compgen -f -- "$current")
            return ;;
        --via) mapfile -t COMPREPLY < <(compgen -W "ssh: socks5:" -- "$current"); compopt -o nospace; return ;;
        --selector) return ;;
        -c|--credential|--tls-key-password)
            mapfile -t COMPREPLY < <(compgen -W "file: fd: env: netrc exec: systemd: ask" -- "$current")
            compopt -o nospace
            return ;;
    esac
    local classes="AMT_BootCapabilities AMT_BootSettingData AMT_EthernetPortSettings AMT_GeneralSettings
        AMT_RedirectionService AMT_SetupAndConfigurationService AMT_TLSSettingData AMT_TimeSynchronizationService
        CIM_AssociatedPowerManagementService CIM_BootConfigSetting CIM_BootService CIM_BootSourceSetting
        CIM_ComputerSystemPackage CIM_PowerManagementService CIM_SoftwareIdentity IPS_HostBasedSetupService
        IPS_OptInService IPS_PowerManagementService"
    if [ "$COMP_CWORD" -eq 2 ] && [ "$verb" != identify ] && [[ $current != -* ]]; then
        mapfile -t COMPREPLY < <(compgen -W "$classes" -- "$current")
        return
    fi
    case $current in
        -*) mapfile -t COMPREPLY < <(compgen -W "$options" -- "$current") ;;
        *) mapfile -t COMPREPLY < <(compgen -A hostname -- "$current") ;;
    esac
}
complete -F _oob_wsman oob-wsman
