# Manual pages have no warnings, and name exactly the settings and options of the
# programs. Pages link to and name only what exists. README is short.
export CF_SRCDIR="${CF_SRCDIR-$(cd "$(dirname "$0")/../.." && pwd)}"
. "$(dirname "$0")/lib.sh"
set +e

src=$CF_SRCDIR
build=${CF_BUILDDIR:-${builddir:-$src/build}}
T=$TRASH

# needs PROGRAM NAME FUNCTION...: a test that needs a program
needs() {
    if command -v "$1" >/dev/null; then
        shift
        holds "$@"
    else
        n=$((n + 1))
        echo "ok $n - $2 # SKIP no $1"
    fi
}

# --- manual pages -------------------------------------------------------------

by_man() { MANROFFSEQ='' man --warnings -E ascii -l "$1" 2>&1 >/dev/null; }
by_groff() { groff -ww -z -man -Tascii "$1"; }
by_mandoc() { mandoc -T lint -W warning "$1"; }

for page in captcha.fcgi.8 captchactl.1 captcha.conf.5; do
    needs man "$page: man has no warnings" by_man "$src/doc/$page"
    needs groff "$page: nor has groff" by_groff "$src/doc/$page"
    needs mandoc "$page: nor has mandoc" by_mandoc "$src/doc/$page"
done

# --- settings -----------------------------------------------------------------

keys_section() {
    sh "$src/doc/settings.sh" man "$build/captchactl" >"$T/keys"
    sed '1,/^\.\\" begin of keys/d; /^\.\\" end of keys/,$d' \
        "$src/doc/captcha.conf.5" | diff - "$T/keys"
}
sample() {
    sh "$src/doc/settings.sh" sample "$build/captchactl" |
        diff "$src/doc/captcha.conf.sample" -
}
installed_sample() {
    env -i "$build/captchactl" config --sample --config /dev/null |
        diff "$build/deploy/captcha.conf" -
}
is_read_back() {
    # a sample whose every line counts gives the defaults
    sh "$src/doc/settings.sh" sample "$build/captchactl" |
        sed -n 's/^#\([a-z_]* =\)/\1/p' >"$T/all.conf"
    [ "$(wc -l <"$T/all.conf")" -gt 20 ] || echo 'too few settings'
    env -i "$build/captchactl" config --config "$T/all.conf" |
        cut -f 1 | sed 's/ $//' >"$T/values"
    sed 's/ $//' "$T/all.conf" | diff - "$T/values"
}
page_keys() {
    # the first column of the table in doc/settings.md
    awk '/^\| `/ { split($0, c, "|"); print c[2] }' "$1/doc/settings.md" |
        tr -d '` ' | tr , '\n'
}
# unknown_keys ROOT: keys in that table which the sample does not have
unknown_keys() {
    [ "$(page_keys "$1" | wc -l)" -gt 5 ] ||
        echo 'doc/settings.md has no table of settings'
    page_keys "$1" | while read -r key; do
        grep -q "^#$key = " "$src/doc/captcha.conf.sample" ||
            echo "doc/settings.md: there is no setting $key"
    done
}
holds 'captcha.conf(5) has what captchactl config --man prints' keys_section
holds 'the sample is what captchactl config --sample prints' sample
holds 'and with the places of this build it is installed' installed_sample
holds 'and read back it gives the defaults' is_read_back
# `key = value`, an indented line of that form, and CAPTCHA_KEY=value, in pages
# and manual pages; not in other languages' code, which is fenced
written_keys() {
    (cd "$1" && ls ./*.md doc/*.md doc/*.[158]) |
        grep -vx ./CHANGES.md | # it has the old names
        while read -r file; do
            sed '/^```/,/^```/d; s/\\-/-/g' "$1/$file" |
                grep -oE '(^    +|`|^\.B )[a-z][a-z_]+ = |CAPTCHA_[A-Z_]+=' |
                sed 's/^\.B//; s/^CAPTCHA_//' | tr -d ' `=' | tr A-Z a-z |
                sort -u | sed "s|\$| $file|"
        done
}
unknown_examples() {
    written_keys "$1" | while read -r key file; do
        [ "$key" = config ] ||
            grep -q "^#$key = " "$src/doc/captcha.conf.sample" ||
            echo "$file: there is no setting $key"
    done
}
holds 'the settings in doc/settings.md exist' unknown_keys "$src"
holds 'settings that pages show with a value exist' unknown_examples "$src"

# --- events of the log --------------------------------------------------------

# The events that an operator may meet at the default level of the log.
events() {
    cat "$1"/src/*/*.c "$1"/cgi-bin/*.c | tr -s '\n\t ' ' ' |
        grep -oE 'LOG_LEVEL_(WARN|ERROR), "[a-z-]+"|\[(NO|TOO)_[A-Z]+\] = "[a-z-]+"' |
        sed 's/.*"\(.*\)"/\1/' | sort -u
}
untold_events() {
    [ "$(events "$src" | wc -l)" -gt 12 ] || echo 'no events in the source'
    events "$src" | while read -r event; do
        grep -qE "\`(event=)?$event\`" "$1" ||
            echo "doc/troubleshooting.md: no row for the event $event"
    done
}
holds 'each event of the log is in doc/troubleshooting.md' \
    untold_events "$src/doc/troubleshooting.md"
sed '/moved/d' "$src/doc/troubleshooting.md" >"$T/untold.md"
prints 'the event moved' 'an event without a row is found' \
    untold_events "$T/untold.md"

# --- options ------------------------------------------------------------------

# Options in a help text: lines that begin with one.
help_options() {
    sed -n 's/^ *\(-[a-zA-Z], \)\{0,1\}\(--[a-z-]*\).*/\1\2/p' |
        tr -d ' ' | tr , '\n' | sort -u
}
# Options that a page describes: the lines after .TP.
page_options() {
    awk '/^\.TP/ { getline; print }' "$1" |
        sed 's/\\-/-/g; s/\\~/ /g; s/\\f[A-Z]/ /g; s/[",]/ /g' |
        tr ' ' '\n' | grep '^--*[a-zA-Z]' | sort -u
}
service_options() {
    "$build/captcha.fcgi" --help | help_options >"$T/help"
    page_options "$src/doc/captcha.fcgi.8" | diff "$T/help" -
}
ctl_commands() {
    "$build/captchactl" --help | sed -n 's/^  \([a-z]*\)  *[A-Z].*/\1/p' |
        sort >"$T/commands"
    [ -s "$T/commands" ] || echo 'no commands in --help'
    sed -n 's/^\.SS //p' "$src/doc/captchactl.1" | sort |
        diff "$T/commands" -
}
ctl_options() {
    while read -r command; do
        "$build/captchactl" "$command" --help
    done <"$T/commands" | help_options >"$T/help"
    page_options "$src/doc/captchactl.1" | diff "$T/help" -
}
# A command's options are in the section of that command.
ctl_options_placed() {
    while read -r command; do
        "$build/captchactl" "$command" --help |
            sed '/^Options of every/,$d' | help_options >"$T/help"
        awk -v command="$command" '/^\.S[HS]/ { on = $2 == command } on' \
            "$src/doc/captchactl.1" >"$T/section"
        page_options "$T/section" | diff "$T/help" - |
            sed "s/^/$command: /"
    done <"$T/commands"
}
holds 'captcha.fcgi(8) has the options of --help, and no more' \
    service_options
holds 'captchactl(1) has the commands of --help, and no more' ctl_commands
holds 'and their options, and no more' ctl_options
holds 'each where it belongs' ctl_options_placed

# --- README and doc/ ------------------------------------------------------------
# Each of these functions prints what is wrong below a root.

md_files() { (cd "$1" && ls ./*.md doc/*.md); }
slug() {
    tr 'A-Z ' 'a-z-' | tr -cd 'a-z0-9\n-'
}
links() {
    md_files "$1" | while read -r file; do
        grep -o '](\([^)]*\))' "$1/$file" | sed 's/^](//; s/)$//' |
            sort -u | while read -r link; do
            case $link in
            http*) continue ;;
            esac
            target=$1/$(dirname "$file")/${link%%#*}
            case $link in
            \#*) target=$1/$file ;;
            esac
            if [ ! -e "$target" ]; then
                echo "$file: links to $link, which is not there"
                continue
            fi
            case $link in
            *#*)
                sed -n 's/^##* //p' "$target" | slug |
                    grep -qxF -e "${link#*#}" ||
                    echo "$file: no heading for $link"
                ;;
            esac
        done
    done
}
# Files of the project that a page or a script names. Patterns such as
# test_<file>.c are left out, and names below another directory.
named_files() {
    (cd "$1" && ls ./*.md doc/*.md script/*) | while read -r file; do
        tr -s ' \t`()"|,;' '\n' <"$1/$file" |
            sed 's/[.:]*$//; s/^\*\**//; s/#.*//' |
            grep -E '^(src|tests|deploy|doc|script|cron|schema|cgi-bin|examples|bench)/[A-Za-z0-9_./-]*$' |
            sort -u | while read -r name; do
            # a program is named without the .c of its source
            [ -e "$1/$name" ] || [ -e "$1/$name.c" ] ||
                echo "$file: names $name, which is not there"
        done
    done
}
unnamed_configurations() {
    (cd "$1" && find deploy \
        \( -name '*.conf' -o -name 'captcha-fcgi.so*' \)) | sort |
        while read -r file; do
            grep -qF -e "$file" "$1/doc/webservers.md" \
                "$1/doc/install.md" ||
                echo "doc/webservers.md and doc/install.md do not name $file"
        done
    # and the files that their commands copy are there
    grep -ohE '(^| )(apache|lighttpd|nginx)/captcha-[a-z-]*\.conf' \
        "$1/doc/webservers.md" | sort -u | while read -r file; do
        [ -e "$1/deploy/$file" ] ||
            echo "doc/webservers.md copies $file, which is not in deploy/"
    done
}
# Every page is reached from README.
unlinked_pages() {
    (cd "$1" && ls doc/*.md) | while read -r page; do
        grep -qF "($page)" "$1/README.md" ||
            echo "README.md does not link to $page"
    done
}
long_readme() {
    lines=$(wc -l <"$1/README.md")
    [ "$lines" -le 60 ] ||
        echo "README.md has $lines lines, at most 60: move text to doc/"
}
machine_paths() {
    grep -nE '/home/[a-z]|/root/' "$1"/*.md "$1"/doc/*.[158m]* \
        "$1/doc/captcha.conf.sample"
}
# Messages of the program, in quotes in the first column of a table.
unknown_messages() {
    cut -d '|' -f 2 "$1/doc/troubleshooting.md" | grep -o '"[a-z][^"]*"' |
        tr -d '"' | while read -r message; do
        grep -rqF -e "$message" "$src/src" ||
            echo "doc/troubleshooting.md: no message has \"$message\""
    done
}
# --- error codes and texts for visitors ---------------------------------------
# The program's table of codes, less the two that are no errors.

program_codes() {
    sed -n 's/^.*\[NOTICE_[A-Z_]*\] = {"\([a-z-]*\)".*/\1/p' \
        "$src/src/http/notice.c" | grep -vx -e pass -e new-picture | sort -u
}
# Those that a check may answer; the other two are for a page alone.
answered_codes() {
    program_codes | grep -vx -e unavailable -e no-picture
}
# The first column of the table below "## Error codes".
page_codes() {
    sed -n '/^## Error codes/,/^## /p' "$1/doc/http.md" |
        sed -n 's/^| `\([a-z-]*\)` |.*/\1/p' | sort -u
}
man_codes() {
    sed -n '/^\.SH ERROR CODES/,/^\.SH OPTIONS/p' "$1/doc/captcha.fcgi.8" |
        sed 's/\\-/-/g' | sed -n '/^\.TP/{n;s/^\.B //p;}' | sort -u
}
wrong_codes() {
    answered_codes >"$T/codes"
    [ "$(wc -l <"$T/codes")" -ge 6 ] || echo 'src/http/notice.c has few codes'
    page_codes "$1" | diff "$T/codes" - | sed 's|^|doc/http.md: |'
    man_codes "$1" | diff "$T/codes" - | sed 's|^|doc/captcha.fcgi.8: |'
}
# examples/messages.json as lines "language section key text"
messages() {
    awk -F '"' '/^\t"/ { lang = $2 } /^\t\t"/ { section = $2 }
        /^\t\t\t"/ { print lang, section, $2, $4 }' "$1/examples/messages.json"
}
# Each language has a text for each code, and a label for each kind of picture.
wrong_messages() {
    {
        program_codes | sed 's/^/errors /'
        sed -n 's/.*words_kind\[\] = {\(.*\), NULL};/\1/p' \
            "$src/src/conf/keys.c" | tr -d '" ' | tr , '\n' |
            sed 's/^/labels /'
        echo 'labels new-picture'
    } | sort >"$T/wanted"
    messages "$1" | cut -d ' ' -f 1 | sort -u >"$T/languages"
    [ "$(wc -l <"$T/languages")" -ge 8 ] ||
        echo 'examples/messages.json has few languages'
    while read -r lang; do
        messages "$1" | awk -v lang="$lang" '$1 == lang && NF > 3 {
            print $2, $3 }' | sort | diff "$T/wanted" - |
            sed "s|^|examples/messages.json, $lang: |"
    done <"$T/languages"
}
holds 'both tables have the error codes of the program' wrong_codes "$src"
holds 'examples/messages.json has a text for each' wrong_messages "$src"

holds 'links lead somewhere' links "$src"
holds 'files that are named exist' named_files "$src"
holds 'doc/ names each configuration in deploy/' \
    unnamed_configurations "$src"
holds 'messages in doc/troubleshooting.md exist' unknown_messages "$src"
holds 'README links to every page' unlinked_pages "$src"
holds 'README has at most 60 lines' long_readme "$src"
holds 'no path of a machine it was written on' machine_paths "$src"

# --- each rule finds what it is for, in a made-up tree ------------------------

# finds RULE FILE TEXT WHAT: with TEXT in FILE, the rule prints WHAT
finds() {
    rm -rf "$T/tree"
    mkdir -p "$T/tree/doc" "$T/tree/deploy/nginx" "$T/tree/script" \
        "$T/tree/examples"
    : >"$T/tree/script/x"
    for page in README.md doc/settings.md doc/install.md doc/webservers.md \
        doc/troubleshooting.md doc/captcha.conf.sample doc/captcha.conf.5; do
        echo '# A page' >"$T/tree/$page"
    done
    : >"$T/tree/deploy/nginx/captcha-x.conf"
    cp "$src/doc/http.md" "$src/doc/captcha.fcgi.8" "$T/tree/doc"
    cp "$src/examples/messages.json" "$T/tree/examples"
    printf "$3" >"$T/tree/$2"
    prints "$4" "$1 finds it" "$1" "$T/tree"
}
finds unknown_keys doc/settings.md '| `no_such` | 1 |\n' 'no setting no_such'
finds unknown_examples doc/install.md 'write `no_such = 1`\n' \
    'doc/install.md: there is no setting no_such'
finds unknown_examples doc/install.md '    no_such = 1\n' 'setting no_such'
finds unknown_examples doc/captcha.conf.5 '.B no_such = 1\n' 'setting no_such'
finds unknown_examples doc/install.md 'CAPTCHA_NO_SUCH=1\n' 'setting no_such'
finds links doc/install.md '[x](gone.md)\n' 'links to gone.md'
finds links README.md '[x](doc/install.md#gone)\n' \
    'no heading for doc/install.md#gone'
finds named_files doc/install.md 'see `src/gone.c`\n' 'names src/gone.c'
finds named_files script/x 'echo src/gone.c ;;\n' 'script/x: names src/gone.c'
finds unnamed_configurations doc/webservers.md 'nothing\n' \
    'do not name deploy/nginx/captcha-x.conf'
finds unnamed_configurations doc/webservers.md 'cp nginx/captcha-y.conf /\n' \
    'copies'
finds unknown_messages doc/troubleshooting.md '| 503, "no such text" | x |\n' \
    'no message has "no such text"'
finds unlinked_pages README.md '# x\n' 'does not link to doc/install.md'
finds long_readme README.md "$(yes '\n' | head -n 61 | tr -d '\n')" \
    'has 61 lines'
finds wrong_codes doc/http.md '## Error codes\n\n| `wrong` | x |\n' \
    'doc/http.md: < missing-pid'
finds wrong_codes doc/captcha.fcgi.8 '.SH ERROR CODES\n.TP\n.B gone\n' \
    'doc/captcha.fcgi.8: > gone'
finds wrong_messages examples/messages.json \
    '\t"xy": {\n\t\t"errors": {\n\t\t\t"wrong": "No."\n' \
    'examples/messages.json, xy: < errors missing-pid'
finds machine_paths doc/install.md 'cd /home/somebody\n' '/home/somebody'

plan
