# bash completion for oob-power

_oob_power() {
    local current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD-1]}
    local verbs="status on off cycle reset"
    local options="--user --credential --inventory --exclude --include-failed --output --quiet --verbose --trace
        --progress --summary --dry-run --yes --confirm --no-input --fanout --connect-timeout --timeout --deadline
        --batch --max-failures --tls-ca --tls-pin --tls-tofu --tls-compat --insecure --via --bind --help --version"

    if [ "$COMP_CWORD" -eq 1 ]; then
        mapfile -t COMPREPLY < <(compgen -W "$verbs --help --version" -- "$current")
        return
    fi
    case $previous in
        -o|--output) mapfile -t COMPREPLY < <(compgen -W "table ndjson json" -- "$current"); return ;;
        --progress) mapfile -t COMPREPLY < <(compgen -W "auto none ndjson" -- "$current"); return ;;
        -i|--inventory|--trace|--tls-ca) mapfile -t COMPREPLY < <(compgen -f -- "$current"); return ;;
        -c|--credential)
            mapfile -t COMPREPLY < <(compgen -W "file: fd: env: netrc exec: systemd: ask" -- "$current")
            compopt -o nospace
            return ;;
    esac
    case $current in
        -*) mapfile -t COMPREPLY < <(compgen -W "$options" -- "$current") ;;
        *) mapfile -t COMPREPLY < <(compgen -A hostname -- "$current") ;;
    esac
}
complete -F _oob_power oob-power
