#!/bin/sh
# Each part of script/bench runs and prints its figures. A smoke run judges no
# figure.
. "$(dirname "$0")/lib.sh"

bench=$here/script/bench

# The parts, how many figures each prints, and the lines that these are on.
figures='
issue 2 ^issue, full pool, [12] process
issue 2 ^  CPU of a request, us +[0-9.]+ +[0-9.]+$
empty 1 ^issue, empty pool
check 2 ^check, right code, [12] process
check 2 ^  CPU of a request, us +[0-9.]+ +[0-9.]+$
verify 2 ^siteverify, [12] process
verify 2 ^token for an answer, [12] process
verify 4 ^  CPU of a request, us +[0-9.]+ +[0-9.]+$
nginx 4 ^(issue|check), nginx, kept, [12] process
view 8 ^(first|later) view, against (get|box/new), [12] process
view 8 ^  CPU of a view and an issue, us +[0-9.]+ +[0-9.]+$
view 2 ^  challenges of [1-9][0-9]* views: issued, live +0 +0$
cgi 1 ^plain CGI
live 2 ^(issue|check), 1,000,000 live
sandbox 2 ^(issue|check), shut in
redis 24 ^(issue|check)[ ,].* [0-9]+ +[0-9]+  [0-9.]+ \(
redis 16 ^(issue|check)[ ,].*( +[0-9.]+){3,4}$
redis 8 ^(the store|SET|GET|GETDEL|DEL)[ ,].*( +[0-9.]+){3}$
redis 2 ^(challenges alone|and pictures).*( +[0-9]+){3}$
redis 3 ^ +10+0( +[0-9.]+){7}$
heap 2 ^handle_(get|check)
draw 1 ^drawing, a CPU second
draw 2 "encoder":
draw 9 ^  [a-zPNG ,2]* +[0-9]+ +[0-9.]+ %$
peers 5 (PNG|SVG|JPEG|GIF) [0-9]+x[0-9]+ +[0-9]+
peers 1 ^SVG is drawn .* those have [0-9]+ bytes$
audio 1 ^mixing, a CPU second .* us, [0-9]+ bytes$
audio 1 ^heap before and after [0-9]+, bytes +[0-9]+ +[0-9]+
audio 1 ^instructions of a sound +[1-9][0-9]+$
audio 1 ^\| -?[0-9]+ dB, the default \| 16 (\| [0-9.]+ % \([^)]*\) ){2}\|$
audio 4 ^\| (spectra|waves), .* (\| [0-9.]+ % \([^)]*\) ){2}\|$
audio 1 ^\| -?[0-9]+ dB, the default (\| [0-9.]+ % \([^)]*\) ){2}\|$
audio 7 ^\| [0-9a-z].*(\| [+-][0-9.]+ dB ){2}\| [0-9]+ of 12 \|$
leak 2 ^ok
distinct 4 ^ok
'

# prints_figures PART: the right number of figures, each complete
prints_figures() {
    printf '%s' "$figures" | sed -n "s/^$1 //p" >"$work/wanted"
    [ -s "$work/wanted" ] || return 1
    while read -r count pattern; do
        got=$(grep -c -E -e "$pattern" "$work/said")
        [ "$got" -eq "$count" ] || {
            note "$got lines, not $count, are like $pattern"
            return 1
        }
    done <"$work/wanted"
    ! grep -q -w -E -e '-?(nan|inf)' "$work/said"
}

runs() {
    code=0
    builddir=$builddir "$bench" --smoke "$1" >"$work/said" \
        2>"$work/complained" || code=$?
    [ "$code" -eq 0 ] && prints_figures "$1" && return
    note "exit code $code"
    sed 's/^/# /' "$work/said" "$work/complained"
    return 1
}
knows_all() {
    printf '%s' "$figures" | sed -n 's/ .*//p' | sort -u >"$work/known"
    "$bench" --list | sort | diff - "$work/known" | sed 's/^/# /' >"$work/new"
    cat "$work/new"
    [ ! -s "$work/new" ]
}
judges_nothing() {
    ! grep -q -E 'reached|MISSED' "$work/all"
}

ok 'this test knows the figures of each part' knows_all
for part in $("$bench" --list); do
    ok "$part runs and prints its figures" runs "$part"
    cat "$work/said" >>"$work/all"
done
ok 'a smoke run judges no figure' judges_nothing
plan
