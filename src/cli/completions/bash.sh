# Completions of plimsoll for bash 3.2 or newer. The program itself is asked what fits.
_plimsoll() {
    # Bash cuts words at : and =, which stand inside names of contexts and levels: they are joined
    # again. What stands before the part that bash is about to replace is taken off the answers.
    local line="${COMP_LINE:0:COMP_POINT}" words=() last=-1 i space word value
    for ((i = 0; i <= COMP_CWORD; i++)); do
        space="${line%%[![:space:]]*}"
        line="${line#"$space"}"
        if ((last < 0)) || [[ -n $space ]]; then
            last=$((last + 1))
            words[last]=""
        fi
        if ((i == COMP_CWORD)); then word="$line"; else word="${COMP_WORDS[i]}"; fi
        words[last]+="$word"
        line="${line#"$word"}"
    done
    local before="${words[last]%"$2"}"
    COMPREPLY=()
    while IFS= read -r value; do
        value="${value#"$before"}"
        # A name is inserted as it is: one that the shell would not take as plain text is quoted.
        [[ $value == *[!A-Za-z0-9_./:=@%+,~-]* ]] && printf -v value %q "$value"
        COMPREPLY+=("$value")
    done < <(@VARIABLE@=bash plimsoll -- "${words[@]}" 2>/dev/null)
    if ((${#COMPREPLY[@]} == 1)) && [[ ${COMPREPLY[0]} != *[=/:] ]]; then
        COMPREPLY[0]+=" "
    fi
}
complete -o nospace -o bashdefault -o default -F _plimsoll plimsoll
