# bash completion for oob-discover

_oob_discover() {
    local current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD-1]}
    local verbs="scan probe trust"
    local probe_options="--probe --copies --rmcp-port --amt-port --redfish-port --ssh-port --rfb-port"
    local scan_options="--rate --exclude-file --expect"
    local options="--inventory --exclude --output --quiet --verbose --summary --fanout --connect-timeout
        --deadline --bind --help --version"
    local reach="--include-failed --no-input --progress --timeout --batch --max-failures --tls-cert --tls-key
        --tls-key-password --via"

    if [ "$COMP_CWORD" -eq 1 ]; then
        mapfile -t COMPREPLY < <(compgen -W "$verbs --help --version" -- "$current")
        return
    fi
    case ${COMP_WORDS[1]} in
        scan) options+=" $probe_options $scan_options --dry-run" ;;
        probe) options+=" $probe_options $reach" ;;
        trust) options+=" $reach --dry-run --tls-compat --tls-pin" ;;
    esac
    case $previous in
        -o|--output) mapfile -t COMPREPLY < <(compgen -W "table grouped ndjson json" -- "$current"); return ;;
        --probe) mapfile -t COMPREPLY < <(compgen -W "ping ipmi amt redirection redfish ssh rfb udp tcp" -- "$current"); return ;;
        --progress) mapfile -t COMPREPLY < <(compgen -W "auto none ndjson" -- "$current"); return ;;
        --via) mapfile -t COMPREPLY < <(compgen -W "ssh: socks5:" -- "$current"); compopt -o nospace; return ;;
        -i|--inventory|--exclude-file|--tls-cert|--tls-key) compopt -o filenames; mapfile -t COMPREPLY < <(compgen -f -- "$current"); return ;;
        --rate|--copies|--*-port) return ;;
    esac
    case $current in
        -*) mapfile -t COMPREPLY < <(compgen -W "$options" -- "$current") ;;
        *) mapfile -t COMPREPLY < <(compgen -A hostname -- "$current") ;;
    esac
}
complete -F _oob_discover oob-discover
