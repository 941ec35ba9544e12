# Built-in faces: the service draws where no font is installed, over CGI and
# FastCGI, and opens no font file. A font that the settings name is used instead.
. "$CF_SRCDIR/tests/shell/lib.sh"
needs cgi-fcgi

new_world
N_FACES=$(ls "$CF_SRCDIR"/fonts/face-*.ttf | wc -l | tr -d ' ')

check 'all built-in faces have the default alphabet' '
    "$CTL" fonts >out && has_not out WRONG &&
    [ "$(grep -c "^ok      built-in:face-[0-9]*\.ttf  Captcha Face " out)" = \
        "$N_FACES" ] && [ "$(wc -l <out)" = "$N_FACES" ]'
check 'all built-in faces have digits' '
    "$CTL" fonts --set alphabet=digits >out &&
    [ "$(grep -c "built-in:.* 7 of 7$" out)" = "$N_FACES" ]'
for alphabet in greek cyrillic; do
    check "$alphabet: the built-in faces that have it are used" '
        "$CTL" fonts --set alphabet=$alphabet >out && has_not out WRONG &&
        [ "$(grep -c built-in: out)" -ge 8 ] && has_not out /usr/share'
done
check 'a named font is used instead' '
    "$CTL" fonts --set "fonts=$CF_SRCDIR/tests/data/sans.ttf" >out &&
    has out tests/data/sans.ttf && has_not out built-in:'

# --- no font file is opened -----------------------------------------------------

# -D: the program is the child of this shell, strace is not. Its leaks cannot
# be looked for while it is traced.
TRACED=$CF_BUILDDIR/traced.$$ # the trash may be mounted noexec
trap 'rm -f "$TRACED"' EXIT
cat >"$TRACED" <<END
#!/bin/sh
ASAN_OPTIONS=\${ASAN_OPTIONS-}:detect_leaks=0
export ASAN_OPTIONS
exec strace -D -f -A -o "$TRASH/trace" -e trace=%file "\$PROGRAM" "\$@"
END
chmod +x "$TRACED"

# Whether the trace has a font or a font directory of the system.
touched_fonts()
{
    grep -E '\.tt[fc]"|\.otf"|share/fonts' trace
}

# drawn: the answer has a picture that was drawn in its request.
drawn()
{
    issue && req GET "/image/$pid.png" && status 200 &&
        has out 'Content-Type: image/png'
}

if strace -D -o trace -e trace=%file true 2>/dev/null; then
    export PROGRAM="$CTL"
    check 'render looks for no font file' '
        rm -f trace && "$TRACED" render --count 1 --out r &&
        soon grep -q "+++ exited" trace && ! touched_fonts'
    check 'fonts looks for font files for other letters' '
        rm -f trace && { "$TRACED" fonts --set alphabet=AÉ >out 2>&1 || :; } &&
        soon grep -q "+++ exited" trace && touched_fonts >/dev/null'
    export PROGRAM="$CAPTCHA"
    CAPTCHA=$TRACED
    for mode in cgi fcgi; do
        new_world
        rm -f trace
        check "$mode: starts" 'start $mode'
        check "$mode: draws" drawn
        check "$mode: stops" stop
        check "$mode: looked for no font file" '
            soon grep -q "+++ exited" trace && ! touched_fonts'
    done
else
    skip 'no font file is opened' 'no strace, or it may not trace'
fi

finish
