# Sourced by tests/clients/*.sh: clients of siteverify as they are published, and a
# network of their own. Many have the address of their vendor built in. There the
# vendors' names lead to this service, which has a certificate authority of its own.
# Needs root.
. "$(dirname "$0")/../servers/lib.sh"
. "$SRC/tests/node-modules.sh"

clients=$(cd "$(dirname "$0")" && pwd)
HOST=captcha.example.org
vendors='www.google.com google.com www.recaptcha.net recaptcha.net
	hcaptcha.com js.hcaptcha.com api.hcaptcha.com
	challenges.cloudflare.com'
vendors=$(echo $vendors)
pages= # names of hosts that have pages with captchas

# enclose MODULES...: the rest in a network of its own. Modules of node come from
# outside: `fetch_modules` finds them inside.
enclose() {
	[ -z "${CLIENTS_INSIDE-}" ] || return 0
	[ "$(id -u)" -eq 0 ] || bail 'a network of its own needs root'
	for wanted; do
		fetch_modules "$wanted"
	done
	CLIENTS_INSIDE=1 exec unshare -m -n -- sh "$0"
}

# prepare_site [HOSTNAME]...: the service with a site `forum`, and its $secret
prepare_site() {
	prepare 'ttl_s = 29'
	echo "sites_dir = $T/sites.d" >>"$T/captcha.conf"
	secret=$("$T/captchactl" site add forum --sitekey forum \
		$(printf -- '--hostname %s ' same "$@") -c "$T/captcha.conf" \
		--user "$user" | sed -n 's/^secret  //p')
	set_up_network
}

# inside: the vendors' names, and the authority in the place of all others
set_up_network() {
	ip link set lo up
	echo "127.0.0.1 localhost $HOST $vendors $pages" >"$T/hosts"
	mount --make-rprivate / 2>/dev/null
	mount --bind "$T/hosts" /etc/hosts
	port=443
	# shellcheck disable=SC2086
	make_certificate $HOST $vendors $pages
	authority=$T/tls/authority.pem
	mount --bind "$authority" /etc/ssl/certs/ca-certificates.crt
	export SSL_CERT_FILE="$authority" NODE_EXTRA_CA_CERTS="$authority"
	url=https://$HOST
}

# The last token is past its time.
expire_token() {
	as_user sqlite3 -cmd '.timeout 5000' "$T/data/captcha.db" \
		"UPDATE challenge SET expires_unix_ms = 1 WHERE note LIKE 'token %'"
}

# A program for tests in a browser: it prints the code of the newest challenge.
write_newest_code() {
	cat >"$T/newest-code" <<-END
		#!/bin/sh
		exec sqlite3 -cmd '.timeout 5000' "$T/data/captcha.db" \\
			"$newest_code"
	END
	chmod +x "$T/newest-code"
	export NEWEST_CODE="$T/newest-code"
}

# install_wiki ORIGIN: MediaWiki in $T/wiki, which the user of the web server owns.
# The environment names the module of ConfirmEdit, and the file of its secret.
install_wiki() {
	mkdir "$T/wiki" # which it takes from all others
	php /usr/share/mediawiki/maintenance/install.php --dbtype sqlite \
		--dbname wiki --dbpath "$T/wiki" --confpath "$T/wiki" \
		--pass a-long-password-1 --server "$1" --scriptpath '' \
		Wiki Admin >"$T/wiki.log" 2>&1 || bail "$(cat "$T/wiki.log")"
	cat >>"$T/wiki/LocalSettings.php" <<-'END'
		wfLoadExtension('ConfirmEdit');
		wfLoadExtension('ConfirmEdit/' . getenv('MODULE'));
		$wgReCaptchaSiteKey = $wgHCaptchaSiteKey = 'forum';
		$wgReCaptchaSecretKey = $wgHCaptchaSecretKey = getenv('SECRET') ?:
			trim(file_get_contents(__DIR__ . '/secret'));
	END
	export MW_CONFIG_FILE="$T/wiki/LocalSettings.php"
}
