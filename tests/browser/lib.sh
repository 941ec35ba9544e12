# Sourced by tests/browser/*.sh: the service behind lighttpd, with
# examples/form.html.
. "$(dirname "$0")/../servers/lib.sh"
. "$SRC/tests/node-modules.sh"

: "${CHROMIUM:=/usr/bin/chromium}"
export CHROMIUM

[ -x "$CHROMIUM" ] || skip_all "no $CHROMIUM"

# start_site [LINE]...: the service, with these lines of settings, at $url, as
# www-data if started by root. $site is its origin. $T/code-of PID prints a code.
start_site() {
	prepare "$@"
	site=http://127.0.0.1:$port
	site_port=$port
	# for a browser, this name of the same address is another origin
	sed -i "1i allow_origin = http://localhost:$port" "$T/captcha.conf"
	free_port
	start "$T/contact.log" env SERVICE_URL="$site/captcha" \
		SITE_SECRET="${SITE_SECRET-$("$T/captchactl" site show default \
			--secret --config "$T/captcha.conf" --user "$user")}" \
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
	ask="exec $as sqlite3 -cmd '.timeout 5000' $T/data/captcha.db"
	cat >"$T/code-of" <<-END
		#!/bin/sh
		$ask "SELECT code FROM challenge WHERE pid = '\$1'"
	END
	cat >"$T/newest-code" <<-END
		#!/bin/sh
		$ask "$newest_code"
	END
	cat >"$T/newest-pid" <<-END
		#!/bin/sh
		$ask "SELECT hex(value), (SELECT pid FROM challenge WHERE note = ''
			ORDER BY created_unix_ms DESC, pid DESC LIMIT 1) FROM secret
			WHERE name = 'picture'"
	END
	chmod +x "$T/code-of" "$T/newest-code" "$T/newest-pid"
	export SITE="$site" CODE_OF="$T/code-of" HOME="$T" TMPDIR="$T"
	export NEWEST_CODE="$T/newest-code" NEWEST_PID="$T/newest-pid"
}
