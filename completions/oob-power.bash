# bash completion for oob-power

_oob_power() {
    local current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD-1]} verb=${COMP_WORDS[1]}
    local verbs="status on off cycle reset soft-off soft-reset sleep hibernate nmi wake wait boot alarm"
    local devices="pxe disk disk:1 disk:2 cd cd:1 cd:2 bios diag ider-cd ider-floppy https show clear"
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
    if [ "$COMP_CWORD" -eq 2 ] && [[ $current != -* ]]; then
        case $verb in
            wait) mapfile -t COMPREPLY < <(compgen -W "on off sleep hibernate" -- "$current"); return ;;
            alarm) mapfile -t COMPREPLY < <(compgen -W "list add delete" -- "$current"); return ;;
            boot) mapfile -t COMPREPLY < <(compgen -W "$devices" -- "$current"); return ;;
        esac
    fi
    case "$verb ${COMP_WORDS[2]}" in
        "boot show"|"alarm list") ;;
        "boot clear") options+=" $caution" ;;
        "alarm add") options+=" $caution --name --at --every" ;;
        "alarm delete") options+=" $caution --name" ;;
        "boot "*) options+=" $caution --close-sessions --once --reset --on --console --consent-code --url" ;;
        "status "*|"wait "*) ;;
        "alarm "*) options="--help --version" ;;
        *) options+=" $caution --close-sessions" ;;
    esac
    case $previous in
        -o|--output) mapfile -t COMPREPLY < <(compgen -W "table grouped ndjson json" -- "$current"); return ;;
        --progress) mapfile -t COMPREPLY < <(compgen -W "auto none ndjson" -- "$current"); return ;;
        -i|--inventory|--trace|--journal|--resume|--tls-ca|--tls-cert|--tls-key)
            compopt -o filenames; mapfile -t COMPREPLY < <(compgen -f -- "$current")
            return ;;
        --via) mapfile -t COMPREPLY < <(compgen -W "ssh: socks5:" -- "$current"); compopt -o nospace; return ;;
        --consent-code|--name|--at|--every|--url) return ;;
        -c|--credential|--tls-key-password)
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
