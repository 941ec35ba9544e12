# The form of files, line by line: .editorconfig.
. "$(dirname "$0")/lib.sh"

tab=$(printf '\t')

# ours FIND-OPTION...: files of the project below the current directory
ours()
{
    for d in bench cgi-bin cron deploy doc schema script src tests; do
        [ ! -d "$d" ] || find "$d" -name node_modules -prune -o \
            -type f \( "$@" \) -print
    done | sort
}

c_files()
{
    ours -name '*.[ch]' | grep -v '_html\.c$\|/schema\.c$\|/faces\.c$\|/assets_table\.c$\|/lang_table\.c$'
}

texts()
{
    c_files
    ours -name '*.mk' -o -name '*.sh' -o -name '*.sql' -o -name '*.md' \
        -o -name '*.conf'
}

# Each rule prints what breaks it; run below a root.
trailing_blanks() { texts | xargs grep -nE "[ $tab]+\$" /dev/null; }
carriage_returns() { texts | xargs grep -n "$(printf '\r')" /dev/null; }
indented_by_spaces() { c_files | xargs grep -nE '^ {8}' /dev/null; }
no_newline_at_the_end()
{
    texts | while read -r f; do
        [ ! -s "$f" ] || [ -z "$(tail -c 1 "$f")" ] || echo "$f"
    done
}
no_opening_comment()
{
    ours -name '*.c' | grep -v '_html\.c$\|/schema\.c$\|/faces\.c$\|/assets_table\.c$\|/lang_table\.c$' | while read -r f; do
        head -n 1 "$f" | grep -q '^/\*' || echo "$f"
    done
}
line_comments() { c_files | xargs grep -nE "^(.*[ $tab;{}])?//" /dev/null; }
wide_lines()
{
    c_files | while read -r f; do
        expand -t 8 "$f" | awk -v f="$f" '
            # a printed sentence may be on one line, so that grep finds it
            /"[^"]*"[,;)]*$/ { next }
            # continuation bytes of UTF-8 have no width
            { t = $0; gsub(/[\200-\277]/, "", t) }
            length(t) > 80 { print f ":" NR ": " length(t) " columns" }'
    done
}
no_guard()
{
    ours -name '*.h' | while read -r f; do
        grep -q '^#ifndef CF_.*_H$' "$f" || echo "$f"
    done
}
machine_paths()
{
    # no file names a directory of the machine it was written on
    texts | grep -v '^tests/lint/' |
        xargs grep -nE '(^|[^a-z])/(work|home|root|Users)/' /dev/null
}

cd "$CF_SRCDIR"
for rule in trailing_blanks carriage_returns indented_by_spaces \
    no_newline_at_the_end no_opening_comment line_comments wide_lines \
    no_guard machine_paths; do
    holds "$rule: none" $rule
done

# Each rule finds what it is for.
mkdir -p "$TRASH/tree/src"
cd "$TRASH/tree"
finds()
{
    printf "$3" >"src/$2"
    prints "src/$2" "$1 finds it" "$1"
    rm "src/$2"
}
finds trailing_blanks a.c '/* x */\nint a; \n'
finds carriage_returns a.c '/* x */\r\n'
finds indented_by_spaces a.c '/* x */\n        int a;\n'
finds no_newline_at_the_end a.c '/* x */\nint a;'
finds no_opening_comment a.c 'int a;\n'
finds line_comments a.c '/* x */\nint a; // a\n'
finds wide_lines a.c "/* $(head -c 90 /dev/zero | tr '\000' x) */\\n"
finds no_guard a.h '/* x */\nint a;\n'
finds machine_paths a.c '/* see /home/somebody/notes */\n'

plan
