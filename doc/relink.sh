#!/bin/sh
#
# relink.sh DIRECTORY PAGE...: in pages of this program that were installed in
# DIRECTORY, make each link valid there. Configurations and forms are in
# examples/. A link to what is not installed becomes its text.
set -eu
cd "$1"
shift

for page; do
	page=./$page
	awk -v dir="$(dirname "$page")" '
	# the path from DIRECTORY of a link in dir
	function from_top(link) {
		sub(/#.*/, "", link)
		link = dir "/" link
		while (sub(/\/[^\/.][^\/]*\/\.\.\//, "/", link))
			;
		sub(/^\.\//, "", link)
		return link
	}
	function exists(path) {
		return system("test -e \"" path "\"") == 0
	}
	# where the file of a link is installed; "" if nowhere
	function place(link, path) {
		if (link ~ /^(#|[a-z]+:)/)
			return link
		path = from_top(link)
		if (exists(path))
			return link
		sub(/^deploy\//, "examples/", path)
		if (!exists(path))
			sub(/^examples\//, "examples/form/", path)
		if (!exists(path))
			return ""
		return (dir == "." ? "" : "../") path
	}
	# the text of a link may be on two lines
	{ page = page $0 "\n" }
	END {
		while (match(page, /!?\[[^]]*\]\([^) ]*\)/)) {
			link = substr(page, RSTART, RLENGTH)
			printf "%s", substr(page, 1, RSTART - 1)
			page = substr(page, RSTART + RLENGTH)
			text = target = link
			sub(/^!?\[/, "", text)
			sub(/\]\([^)]*\)$/, "", text)
			sub(/.*\]\(/, "", target)
			sub(/\)$/, "", target)
			target = place(target)
			printf "%s", target == "" ? text : \
				substr(link, 1, link ~ /^!/) \
				"[" text "](" target ")"
		}
		printf "%s", page
	}' "$page" >relink.tmp
	cat relink.tmp >"$page"
	rm relink.tmp
done
