# Shared by tests/browser/*.sh: the service behind lighttpd, examples/form.html
# beside it, and playwright-core in the build tree. Sources tests/servers/lib.sh.
. "$(dirname "$0")/../servers/lib.sh"

: "${CHROMIUM:=/usr/bin/chromium}"
export CHROMIUM

skip_all() {
	echo "1..0 # SKIP $*"
	exit 0
}

# The node modules of package-lock.json, in builddir: fetched once.
fetch_modules() {
	[ -x "$CHROMIUM" ] || skip_all "no $CHROMIUM"
	command -v node >/dev/null || skip_all 'no node'
	modules=$builddir/tests/browser/modules
	lock=$SRC/tests/browser/package-lock.json
	if ! cmp -s "$lock" "$modules/fetched"; then
		command -v npm >/dev/null || skip_all 'no npm'
		mkdir -p "$modules"
		cp "$lock" "$SRC/tests/browser/package.json" "$modules"
		(cd "$modules" && npm ci --no-audit --no-fund --ignore-scripts) \
			>"$modules/npm.log" 2>&1 || {
			sed 's/^/# /' "$modules/npm.log"
			skip_all 'npm cannot fetch playwright-core'
		}
		cp "$lock" "$modules/fetched"
	fi
	export NODE_PATH="$modules/node_modules"
}

# start_site: the service at $url; as root, run as www-data. $site is its
# origin; $T/code-of prints the code of a pid.
start_site() {
	prepare
	site=http://127.0.0.1:$port
	site_port=$port
	# a name of the same address is another origin to a browser
	echo "allow_origin = http://localhost:$port" >>"$T/captcha.conf"
	free_port
	start "$T/contact.log" env SERVICE_URL="$site/captcha" \
		python3 "$SRC/examples/python/contact.py" "$port"
	contact_port=$port
	port=$site_port
	ship deploy/lighttpd/captcha-fastcgi.conf
	cp "$SRC/examples/form.html" "$T/htdocs"
	cat >>"$shipped" <<-END
		server.modules += ( "mod_proxy" )
		mimetype.assign = ( ".html" => "text/html" )
		\$HTTP["url"] == "/contact" {
			proxy.server = ( "" => (( "host" => "127.0.0.1",
				"port" => $contact_port )))
		}
	END
	start_lighttpd "$shipped"
	as=
	[ "$(id -u)" -ne 0 ] ||
		as="setpriv --reuid=$user --regid=$user --init-groups"
	cat >"$T/code-of" <<-END
		#!/bin/sh
		exec $as sqlite3 -cmd '.timeout 5000' "$T/data/captcha.db" \\
			"SELECT code FROM challenge WHERE pid = '\$1'"
	END
	chmod +x "$T/code-of"
	export SITE="$site" CODE_OF="$T/code-of" HOME="$T" TMPDIR="$T"
}
