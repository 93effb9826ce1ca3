# bash completion for oob-sol

_oob_sol() {
    local current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD-1]} verb=${COMP_WORDS[1]}
    local verbs="connect log expect monitor replay"
    # What every verb that reaches a machine takes; then what only some take.
    local options="--user --credential --inventory --exclude --output --quiet --verbose --trace --progress --summary
        --dry-run --yes --confirm --no-input --connect-timeout --timeout --deadline --tls-ca --tls-cert --tls-key
        --tls-key-password --tls-pin --tls-tofu --tls-compat --insecure --via --bind --enable --close-sessions
        --consent-code --help --version"
    local many="--include-failed --fanout" resume="--batch --max-failures --journal --resume"

    if [ "$COMP_CWORD" -eq 1 ]; then
        mapfile -t COMPREPLY < <(compgen -W "$verbs --help --version" -- "$current")
        return
    fi
    case $verb in
        connect) options+=" --map --power --record --log --exec --idle" ;;
        log) options+=" $many --rotate --keep --no-timestamps" ;;
        expect) options+=" $many $resume --map --power" ;;
        monitor) options+=" $many" ;;
        replay) options="--speed --idle --quiet --verbose --help --version" ;;
    esac
    case $previous in
        -o|--output) mapfile -t COMPREPLY < <(compgen -W "table grouped ndjson json" -- "$current"); return ;;
        --progress) mapfile -t COMPREPLY < <(compgen -W "auto none ndjson" -- "$current"); return ;;
        -c|--credential|--tls-key-password)
            mapfile -t COMPREPLY < <(compgen -W "file: fd: env: netrc exec: systemd: ask" -- "$current")
            compopt -o nospace
            return ;;
        --via) mapfile -t COMPREPLY < <(compgen -W "ssh: socks5:" -- "$current"); compopt -o nospace; return ;;
        --map) mapfile -t COMPREPLY < <(compgen -W "vt100 vt-utf8 ansi" -- "$current"); return ;;
        --power) mapfile -t COMPREPLY < <(compgen -W "on off cycle reset" -- "$current"); return ;;
        -i|--inventory|--journal|--resume|--tls-ca|--tls-cert|--tls-key|--trace|--record|--log)
            compopt -o filenames; mapfile -t COMPREPLY < <(compgen -f -- "$current"); return ;;
        --idle|--consent-code|--rotate|--keep|--speed) return ;;
    esac
    case $current in
        -*) mapfile -t COMPREPLY < <(compgen -W "$options" -- "$current") ;;
        *)
            if [ "$COMP_CWORD" -eq 2 ] && [[ $verb == log || $verb == expect || $verb == replay ]]; then
                compopt -o filenames
                mapfile -t COMPREPLY < <(compgen -f -- "$current")
            else
                mapfile -t COMPREPLY < <(compgen -A hostname -- "$current")
            fi
            ;;
    esac
}
complete -F _oob_sol oob-sol
