# Each face in fonts/ has a row in the table of its README, a licence file, and a
# name of its own, as the licences ask. Each is compiled in.
. "$(dirname "$0")/lib.sh"

faces() { ls | grep '\.[ot]t[fc]$' || :; }

# Columns of the table: file, and what stands in column $1.
column()
{
    awk -F ' *[|] *' -v k="$1" '/^\| `face-/ {
        gsub("`", "", $2); print $2 "\t" $(k + 1) }' README.md
}

# Each rule prints what breaks it; run in the directory.
without_row()
{
    column 1 | cut -f 1 >"$TRASH/rows"
    faces | diff - "$TRASH/rows"
}
not_compiled_in()
{
    sed -n 's|^	fonts/\(face-[^ ]*\).*|\1|p' fonts.mk >"$TRASH/mk"
    faces | diff - "$TRASH/mk"
}
empty_cells()
{
    for k in 2 3 4 5 6; do
        column $k | awk -F '\t' '$2 == "" { print }'
    done
}
without_licence()
{
    column 6 | while read -r face licence; do
        [ -s "$licence.txt" ] || echo "$face: no $licence.txt"
        grep -q "fonts/$licence\.txt" fonts.mk ||
            echo "$face: $licence.txt is not installed"
    done
}
licence_of_nothing()
{
    for text in *.txt; do
        column 6 | grep -q "	${text%.txt}\$" || echo "$text"
    done
}
# Names in a font are UTF-16: without NULs they can be read.
not_renamed()
{
    for face in $(faces); do
        tr -d '\000' <"$face" | grep -aq 'Captcha Face [0-9]' ||
            echo "$face: is not called Captcha Face"
    done
}

cd "$CF_SRCDIR/fonts"
for rule in without_row not_compiled_in empty_cells without_licence \
    licence_of_nothing not_renamed; do
    holds "$rule: none" $rule
done

# Each rule finds what it is for, in a copy that was broken.
broken()
{
    rm -rf "$TRASH/copy"
    mkdir "$TRASH/copy"
    cp ./* "$TRASH/copy"
    (cd "$TRASH/copy" && eval "$2" && $1)
}
finds() { prints '' "$1 finds it" broken "$@"; }
finds without_row 'cp face-01.ttf face-99.ttf'
finds not_compiled_in 'rm face-01.ttf'
finds empty_cells "sed -i.old 's/| Bold |/|  |/' README.md"
finds without_licence 'rm OFL-1.1.txt'
finds licence_of_nothing 'echo >GPL.txt'
finds not_renamed 'cp "$CF_SRCDIR/tests/data/sans.ttf" face-01.ttf'

plan
