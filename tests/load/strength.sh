#!/bin/sh
# A smoke run of script/strength: each program reads its pictures, and there are
# the sheet and the score for people. No figure is judged.
. "$(dirname "$0")/lib.sh"

strength() {
    "$here/script/strength" "$@" >"$work/said" 2>"$work/complained" && return
    tail -n 40 "$work/said" "$work/complained" | sed 's/^/# /'
    return 1
}
rows() {
    [ "$(grep -c -E '^\| (tesseract|recogniser).* [0-9.]+ % \(' \
        "$work/said")" -eq 5 ]
}
is_png() {
    [ "$(od -An -v -tx1 -N8 "$1" | tr -d ' \n')" = 89504e470d0a1a0a ]
}
scores() { grep -q '^6 of 6: ' "$work/said"; }

ok 'pictures are drawn, read and learnt' strength --smoke --out "$work/data"
ok 'two ways of tesseract and three recognisers have a row' rows
ok 'a sheet for people is drawn' strength sheet --n 6 --data "$work/data" \
    --out "$work/sheet.png"
ok 'as a PNG' is_png "$work/sheet.png"
cut -f 2 "$work/data/pictures/labels.tsv" | head -n 6 |
    awk '{ print NR - 1 "\t" $0 }' >"$work/answers"
ok 'answers are scored' strength score "$work/answers" --data "$work/data"
ok 'and the right ones count' scores
plan
