# Manual pages are lint clean and say what the programs say: each setting, each
# option, both ways. What the *.md files link to is there.
set -u
LC_ALL=C
export LC_ALL
here=$(cd "$(dirname "$0")/../.." && pwd)
src=${CF_SRCDIR:-$here}
build=${CF_BUILDDIR:-${builddir:-$here/build}}
T=$(mktemp -d "${TMPDIR:-/tmp}/captcha-docs.XXXXXX") || exit 1
trap 'rm -rf "$T"' EXIT
trap 'exit 1' HUP INT TERM
n=0
n_failed=0

# A test passes when its command says nothing.
silent() {
    name=$1
    shift
    n=$((n + 1))
    "$@" >"$T/said" 2>&1
    if [ -s "$T/said" ]; then
        n_failed=$((n_failed + 1))
        echo "not ok $n - $name"
        sed 's/^/# /' "$T/said"
    else
        echo "ok $n - $name"
    fi
}

skip() {
    n=$((n + 1))
    echo "ok $n - $1 # SKIP $2"
}

# needs PROGRAM NAME FUNCTION...: a test that needs a program
needs() {
    if command -v "$1" >/dev/null; then
        shift
        silent "$@"
    else
        skip "$2" "no $1"
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
is_read_back() {
    # a sample whose every line counts gives the defaults
    sh "$src/doc/settings.sh" sample "$build/captchactl" |
        sed -n 's/^#\([a-z_]* =\)/\1/p' >"$T/all.conf"
    [ "$(wc -l <"$T/all.conf")" -gt 20 ] || echo 'too few settings'
    env -i "$build/captchactl" config --config "$T/all.conf" |
        cut -f 1 | sed 's/ $//' >"$T/values"
    sed 's/ $//' "$T/all.conf" | diff - "$T/values"
}
sed_md_settings() {
    # the first column of the table of settings in README
    awk '/^## Settings/ { on = 1 } /^## What/ { on = 0 }
        on && /^\| `/ { split($0, c, "|"); print c[2] }' "$src/README.md" |
        tr -d '` ' | tr , '\n'
}
readme_settings() {
    [ "$(sed_md_settings | wc -l)" -gt 5 ] || echo 'no table in README'
    sed_md_settings | while read -r key; do
        grep -q "^#$key = " "$src/doc/captcha.conf.sample" ||
            echo "README has a setting that is not: $key"
    done
}
silent 'captcha.conf(5) has what captchactl config --man prints' keys_section
silent 'the sample is what captchactl config --sample prints' sample
silent 'and read back it gives the defaults' is_read_back
silent 'the settings in README exist' readme_settings

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
# A command's own options stand in its own section.
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
silent 'captcha.fcgi(8) has the options of --help, and no more' \
    service_options
silent 'captchactl(1) has the commands of --help, and no more' ctl_commands
silent 'and their options, and no more' ctl_options
silent 'each where it belongs' ctl_options_placed

# --- README and the like --------------------------------------------------------

md_files() { (cd "$src" && ls ./*.md doc/*.md); }
slug() {
    tr 'A-Z ' 'a-z-' | tr -cd 'a-z0-9\n-'
}
links() {
    md_files | while read -r file; do
        grep -o '](\([^)]*\))' "$src/$file" | sed 's/^](//; s/)$//' |
            sort -u | while read -r link; do
            case $link in
            http*) continue ;;
            esac
            target=$src/$(dirname "$file")/${link%%#*}
            case $link in
            \#*) target=$src/$file ;;
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
# Files of the project that are named in the text, in `code` or in commands;
# not those below another directory, nor a pattern such as test_<file>.c.
named_files() {
    for file in README.md CONTRIBUTING.md SECURITY.md doc/architecture.md; do
        tr -s ' \t`()"|,;' '\n' <"$src/$file" |
            sed 's/[.:]*$//; s/^\*\**//; s/#.*//' |
            grep -E '^(src|tests|deploy|doc|script|cron|schema|cgi-bin|examples)/[A-Za-z0-9_./-]*$' |
            sort -u | while read -r name; do
            [ -e "$src/$name" ] ||
                echo "$file: names $name, which is not there"
        done
    done
}
deploy_in_readme() {
    find "$src/deploy" \( -name '*.conf' -o -name 'captcha-fcgi.so*' \) |
        sed "s|^$src/||" | sort | while read -r file; do
        grep -qF -e "$file" "$src/README.md" ||
            echo "README does not name $file"
    done
    # and what its commands copy is there
    grep -oE '(apache|lighttpd|nginx)/captcha-[a-z-]*\.conf' \
        "$src/README.md" | sort -u | while read -r file; do
        [ -e "$src/deploy/$file" ] || echo "deploy/$file is not there"
    done
}
no_machine() {
    grep -nE '/home/[a-z]|/root/' "$src"/*.md "$src"/doc/*.[158m]* \
        "$src/doc/captcha.conf.sample"
}
silent 'links lead somewhere' links
silent 'files that are named exist' named_files
silent 'README names each configuration in deploy/' deploy_in_readme
silent 'no path of a machine it was written on' no_machine

echo "1..$n"
[ $n_failed -eq 0 ]
