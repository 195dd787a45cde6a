world='WORLD' image='ROOT'
printf '%s %s\n' "${0##*/}" "$*" >>"$world/calls"
# Whether this call must fail. A test sets how many of the first calls fail.
fails() {
    local left
    left=$(cat "$world/$1-failures" 2>/dev/null) && ((left > 0)) && echo "$((left - 1))" >"$world/$1-failures"
}
