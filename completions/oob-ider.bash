# bash completion for oob-ider

_oob_ider() {
    local current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD-1]} verb=${COMP_WORDS[1]}
    local verbs="serve boot status stop"
    # What every verb takes; then what only some take.
    local options="--user --credential --inventory --exclude --include-failed --output --quiet --verbose --trace
        --progress --summary --no-input --fanout --connect-timeout --timeout --deadline --tls-ca --tls-cert --tls-key
        --tls-key-password --tls-pin --tls-tofu --tls-compat --insecure --via --bind --help --version"
    local caution="--dry-run --yes --confirm" resume="--batch --max-failures --journal --resume"
    local lend="--as --cd --floppy --empty-floppy --writable --in-place --start --idle --for --enable --close-sessions
        --consent-code"

    if [ "$COMP_CWORD" -eq 1 ]; then
        mapfile -t COMPREPLY < <(compgen -W "$verbs --help --version" -- "$current")
        return
    fi
    case $verb in
        serve|boot) options+=" $caution $lend" ;;
        status) options+=" $resume" ;;
        stop) options+=" $caution $resume" ;;
    esac
    case $previous in
        --via) mapfile -t COMPREPLY < <(compgen -W "ssh: socks5:" -- "$current"); compopt -o nospace; return ;;
        --start) mapfile -t COMPREPLY < <(compgen -W "now graceful on-reboot" -- "$current"); return ;;
        --as) mapfile -t COMPREPLY < <(compgen -W "cd floppy" -- "$current"); return ;;
        --progress) mapfile -t COMPREPLY < <(compgen -W "auto none ndjson" -- "$current"); return ;;
        -o|--output) mapfile -t COMPREPLY < <(compgen -W "table grouped ndjson json" -- "$current"); return ;;
        -c|--credential|--tls-key-password)
            mapfile -t COMPREPLY < <(compgen -W "file: fd: env: netrc exec: systemd: ask" -- "$current")
            compopt -o nospace
            return ;;
        -i|--inventory|--journal|--resume|--tls-ca|--tls-cert|--tls-key|--trace|--cd|--floppy)
            compopt -o filenames; mapfile -t COMPREPLY < <(compgen -f -- "$current"); return ;;
        --idle|--for|--consent-code) return ;;
    esac
    case $current in
        -*) mapfile -t COMPREPLY < <(compgen -W "$options" -- "$current") ;;
        *)
            if [ "$COMP_CWORD" -eq 2 ] && [[ $verb == serve || $verb == boot ]]; then
                compopt -o filenames
                mapfile -t COMPREPLY < <(compgen -f -- "$current")
            else
                mapfile -t COMPREPLY < <(compgen -A hostname -- "$current")
            fi
            ;;
    esac
}
complete -F _oob_ider oob-ider
