# Bash completion of oob-sim.

# Offers those of the words on standard input that begin as the current one does. They come from a program, or from
# whatever answers on a socket: they are compared and never expanded, and one that a shell would read as anything but a
# plain word is left out.
_oob_sim_offer() {
    local each
    while IFS= read -r each; do
        [[ $each =~ ^[A-Za-z0-9._:-]+$ && ${each:0:${#word}} == "$word" ]] && COMPREPLY+=("$each")
    done
}

_oob_sim_generations() {
    oob-sim generations 2>/dev/null | sed -n 's/.*"name":"\([^"]*\)".*/\1/p'
    echo mixed
}

_oob_sim_devices() {
    local control=() i
    for ((i = 1; i + 1 < ${#COMP_WORDS[@]}; i++)); do
        [[ ${COMP_WORDS[i]} == --control ]] && control=(--control "${COMP_WORDS[i + 1]}")
    done
    oob-sim ctl list "${control[@]}" 2>/dev/null | sed -n 's/.*"target":"\([^"]*\)".*/\1/p'
}

_oob_sim() {
    local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD - 1]}
    local verbs="run ctl generations"
    local run_options="--listen --port-base --rmcp-port --rmcp-as --generation --profile --password-file
        --power-delay --fault --ider --sol --tls-keys --for"
    local options="--quiet --verbose --help --version"
    local disk_options="--drive --bytes --no-digest --read-12 --block --text --wait"
    local ctl_verbs="list get set fault journal disk stop"
    local faults="latency= jitter= dribble= reset= digest=wrong nonce=stale status=503
        body=malformed body=endless certificate=changed cut= mute=on rtt= rate=
        uuid=all-f uuid=duplicate count= none"
    local verb="" ctl_verb="" ctl_words=0 i
    COMPREPLY=()

    for ((i = 1; i < COMP_CWORD; i++)); do
        case ${COMP_WORDS[i]} in
            --control | --since | --drive | --bytes | --block | --text | --wait) ((i++)) ;;
            -*) ;;
            *)
                if [[ -z $verb ]]; then
                    verb=${COMP_WORDS[i]}
                elif [[ $verb == ctl && -z $ctl_verb ]]; then
                    ctl_verb=${COMP_WORDS[i]}
                elif [[ $verb == ctl ]]; then
                    ((ctl_words++))
                fi
                ;;
        esac
    done

    case $before in
        --profile | --password-file | --control)
            compopt -o filenames
            mapfile -t COMPREPLY < <(compgen -f -- "$word")
            return
            ;;
        --generation)
            _oob_sim_offer < <(_oob_sim_generations)
            return
            ;;
        --listen)
            mapfile -t COMPREPLY < <(compgen -W "127.77.0.0/24 127.77.0.0/16" -- "$word")
            return
            ;;
        --fault)
            compopt -o nospace
            mapfile -t COMPREPLY < <(compgen -W "$faults" -- "$word")
            return
            ;;
        --ider) compopt -o nospace; mapfile -t COMPREPLY < <(compgen -W "nbd:" -- "$word"); return ;;
        --sol) compopt -o nospace; mapfile -t COMPREPLY < <(compgen -W "unix:" -- "$word"); return ;;
        --drive) mapfile -t COMPREPLY < <(compgen -W "cd floppy" -- "$word"); return ;;
        --rmcp-as) mapfile -t COMPREPLY < <(compgen -W "amt bmc" -- "$word"); return ;;
        --port-base | --rmcp-port | --power-delay | --tls-keys | --for | --since | --bytes | --block | --text | --wait) return ;;
    esac

    if [[ $word == -* ]]; then
        case $verb:$ctl_verb in
            run:) options+=" --control $run_options" ;;
            ctl:journal) options+=" --control --since --clear" ;;
            ctl:disk) options+=" --control $disk_options" ;;
            ctl:?*) options+=" --control" ;;
            ctl:) options="--control --help" ;;
            :*) options="--help --version" ;;
        esac
        mapfile -t COMPREPLY < <(compgen -W "$options" -- "$word")
        return
    fi
    case $verb:$ctl_verb:$ctl_words in
        :*) mapfile -t COMPREPLY < <(compgen -W "$verbs" -- "$word") ;;
        ctl::*) mapfile -t COMPREPLY < <(compgen -W "$ctl_verbs" -- "$word") ;;
        ctl:get:0 | ctl:set:0 | ctl:disk:0)
            _oob_sim_offer < <(_oob_sim_devices)
            ;;
        ctl:fault:0 | ctl:journal:0)
            _oob_sim_offer < <(echo all; _oob_sim_devices)
            ;;
        ctl:fault:1)
            compopt -o nospace
            mapfile -t COMPREPLY < <(compgen -W "$faults" -- "$word")
            ;;
        ctl:disk:1) mapfile -t COMPREPLY < <(compgen -W "probe read write" -- "$word") ;;
    esac
}

complete -F _oob_sim oob-sim
