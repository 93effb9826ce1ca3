# bash completion for oob-discover

_oob_discover() {
    local current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD-1]}
    local verbs="scan probe trust"
    local probe_options="--probe --copies --rmcp-port --amt-port --redfish-port --ssh-port --rfb-port"
    local scan_options="--rate --exclude-file --expect"
    local options="--user --credential --inventory --exclude --include-failed --output --quiet --verbose --trace
        --progress --summary --dry-run --yes --confirm --no-input --fanout --connect-timeout --timeout --deadline
        --batch --max-failures --journal --resume --tls-ca --tls-cert --tls-key --tls-key-password --tls-pin
        --tls-tofu --tls-compat --insecure --via --bind --help --version"

    if [ "$COMP_CWORD" -eq 1 ]; then
        mapfile -t COMPREPLY < <(compgen -W "$verbs --help --version" -- "$current")
        return
    fi
    [ "${COMP_WORDS[1]}" = scan ] && options="$scan_options $probe_options $options"
    [ "${COMP_WORDS[1]}" = probe ] && options="$probe_options $options"
    case $previous in
        -o|--output) mapfile -t COMPREPLY < <(compgen -W "table ndjson json" -- "$current"); return ;;
        --probe) mapfile -t COMPREPLY < <(compgen -W "ping ipmi amt redirection redfish ssh rfb udp tcp" -- "$current"); return ;;
        --progress) mapfile -t COMPREPLY < <(compgen -W "auto none ndjson" -- "$current"); return ;;
        -i|--inventory|--exclude-file) mapfile -t COMPREPLY < <(compgen -f -- "$current"); return ;;
        --rate|--copies|--*-port) return ;;
    esac
    case $current in
        -*) mapfile -t COMPREPLY < <(compgen -W "$options" -- "$current") ;;
        *) mapfile -t COMPREPLY < <(compgen -A hostname -- "$current") ;;
    esac
}
complete -F _oob_discover oob-discover
