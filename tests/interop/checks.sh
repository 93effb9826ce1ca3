# shellcheck shell=bash
# Sourced by the peers that are shell scripts: one line for each check, and a count of failures.

failures=0

ok() { printf 'ok %s\n' "$1"; }

# fail NAME WHAT
fail() {
    printf 'FAIL %s: %s\n' "$1" "$2"
    failures=$((failures + 1))
}

# skip NAME WHY
skip() { printf 'skip %s: %s\n' "$1" "$2"; }

# contains NAME TEXT EXTENDED-REGULAR-EXPRESSION: a line of the text has to match.
contains() {
    if grep -Eq -- "$3" <<<"$2"; then ok "$1"; else fail "$1" "no line is like $3"; fi
}

# lacks NAME TEXT EXTENDED-REGULAR-EXPRESSION: no line may match.
lacks() {
    if grep -Eq -- "$3" <<<"$2"; then fail "$1" "a line is like $3"; else ok "$1"; fi
}

# equals NAME FOUND WANTED
equals() {
    if [ "$2" = "$3" ]; then ok "$1"; else fail "$1" "it is '$2' and not '$3'"; fi
}

finish() { [ "$failures" -eq 0 ]; }
