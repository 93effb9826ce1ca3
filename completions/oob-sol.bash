# bash completion for oob-sol

_oob_sol() {
    local current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD-1]}
    local verbs="connect log expect monitor replay"
    local options="--enable --close-sessions --exec --idle --consent-code --map --power --record --log --rotate
        --keep --no-timestamps --speed
        --user --credential --inventory --exclude --include-failed --output --quiet --verbose --trace
        --progress --summary --dry-run --yes --confirm --no-input --fanout --connect-timeout --timeout --deadline
        --batch --max-failures --journal --resume --tls-ca --tls-cert --tls-key --tls-key-password --tls-pin
        --tls-tofu --tls-compat --insecure --via --bind --help --version"

    if [ "$COMP_CWORD" -eq 1 ]; then
        mapfile -t COMPREPLY < <(compgen -W "$verbs --help --version" -- "$current")
        return
    fi
    case $previous in
        --via) mapfile -t COMPREPLY < <(compgen -W "ssh: socks5:" -- "$current"); compopt -o nospace; return ;;
        --map) mapfile -t COMPREPLY < <(compgen -W "vt100 vt-utf8 ansi" -- "$current"); return ;;
        --power) mapfile -t COMPREPLY < <(compgen -W "on off cycle reset" -- "$current"); return ;;
        -i|--inventory|--tls-ca|--tls-cert|--tls-key|--trace|--record|--log)
            mapfile -t COMPREPLY < <(compgen -f -- "$current"); return ;;
        --idle|--consent-code|--rotate|--keep|--speed) return ;;
    esac
    case $current in
        -*) mapfile -t COMPREPLY < <(compgen -W "$options" -- "$current") ;;
        *)
            if [ "$COMP_CWORD" -eq 2 ] && [[ ${COMP_WORDS[1]} == log || ${COMP_WORDS[1]} == expect || ${COMP_WORDS[1]} == replay ]]; then
                compopt -o filenames
                mapfile -t COMPREPLY < <(compgen -f -- "$current")
            else
                mapfile -t COMPREPLY < <(compgen -A hostname -- "$current")
            fi
            ;;
    esac
}
complete -F _oob_sol oob-sol
