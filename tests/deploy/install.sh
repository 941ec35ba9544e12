#!/bin/sh
# `make install` and `make uninstall` into a directory: pages link only to what
# is installed, and nothing is left afterwards.
. "$(dirname "$0")/../servers/lib.sh"

prepare
root=$T/root

in_build() {
	make -s -C "$builddir" DESTDIR="$root" "$@" >"$T/make.log" 2>&1
}

# links_of PAGE: each, without the place within a page
links_of() {
	grep -oE '\]\([^) ]*\)' "$1" | sed 's/^](//; s/)$//; s/#.*//' |
		grep -vE '^$|^[a-z]+:'
}

succeeds 'it installs' in_build install
docdir=$(dirname "$(find "$root" -path '*/captcha-fcgi/README.md')")
n_links=0
dead=
for page in $(find "$docdir" -name '*.md'); do
	for link in $(links_of "$page"); do
		n_links=$((n_links + 1))
		[ -e "$(dirname "$page")/$link" ] ||
			dead="$dead ${page#"$docdir/"}:$link"
	done
done
is 'pages link only to what is installed' '' "$dead"
[ "$n_links" -gt 40 ]
result $? 'and do link' "$n_links links"
for page in README.md doc/webservers.md; do
	is "$page is otherwise as in the sources" \
		"$(sed 's/!*\[\([^]]*\)\]([^) ]*)/\1/g' "$SRC/$page")" \
		"$(sed 's/!*\[\([^]]*\)\]([^) ]*)/\1/g' "$docdir/$page")"
done
is 'an example is linked to where it is installed' \
	'../examples/nginx/captcha-listen.conf' \
	"$(links_of "$docdir/doc/webservers.md" | grep captcha-listen.conf)"

settings=$(find "$root" -name captcha.conf)
echo 'ttl_s = 60' >>"$settings"
succeeds 'it uninstalls' in_build uninstall
is 'changed settings stay, and nothing else' "$settings" \
	"$(find "$root" ! -type d)"
is 'nor a directory of its own' "$(dirname "$settings")" \
	"$(find "$root" -type d -name '*captcha-fcgi*')"
rm "$settings"
succeeds 'it installs again' in_build install
succeeds 'and uninstalls' in_build uninstall
is 'without changed settings nothing is left' '' \
	"$(find "$root" ! -type d; find "$root" -name '*captcha*')"
finish
