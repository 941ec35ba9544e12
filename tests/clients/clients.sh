#!/bin/sh
# Clients of siteverify as they are published, against the virtual host of nginx.
# Each verifies a token once and again, a token past its time, a token with a wrong
# secret, and a token while the service is stopped.
#
# Many clients have the address of their vendor built in. So the test has a network
# of its own, where the vendors' names lead to the virtual host, and a certificate
# authority of its own. Needs root.
. "$(dirname "$0")/../servers/lib.sh"
. "$SRC/tests/node-modules.sh"

clients=$(cd "$(dirname "$0")" && pwd)
HOST=captcha.example.org

if [ -z "${CLIENTS_INSIDE-}" ]; then
	[ "$(id -u)" -eq 0 ] || bail 'a network of its own needs root'
	fetch_modules tests/clients
	CLIENTS_INSIDE=1 exec unshare -m -n -- sh "$0"
fi
fetch_modules tests/clients

# inside: the vendors' names, and the authority in the place of all others
set_up_network() {
	ip link set lo up
	vendors='www.google.com google.com www.recaptcha.net recaptcha.net
		hcaptcha.com api.hcaptcha.com challenges.cloudflare.com'
	vendors=$(echo $vendors)
	echo "127.0.0.1 localhost $HOST $vendors" >"$T/hosts"
	mount --make-rprivate / 2>/dev/null
	mount --bind "$T/hosts" /etc/hosts
	port=443
	# shellcheck disable=SC2086
	make_certificate $HOST $vendors
	authority=$T/tls/authority.pem
	mount --bind "$authority" /etc/ssl/certs/ca-certificates.crt
	export SSL_CERT_FILE="$authority" NODE_EXTRA_CA_CERTS="$authority"
	url=https://$HOST
}

# ask COMMAND...: what the client says: $said
ask() {
	said=$(URL=$url SECRET=$secret TOKEN=$token timeout 60 "$@" \
		2>>"$T/clients.log")
}

# The last token is past its time.
expire_token() {
	as_user sqlite3 -cmd '.timeout 5000' "$T/data/captcha.db" \
		"UPDATE challenge SET expires_unix_ms = 1 WHERE note LIKE 'token %'"
}

# The client, what it says in each of the five cases, and its command. Words behind
# "refused" are the codes that the client hands on.
table() {
	sed 's/^ *//; s/ *| */|/g' <<-END
	Flask-WTF | pass | refused The response parameter is missing. | refused The response parameter is missing. | refused The secret parameter is invalid or malformed. | error HTTPError | $flask
	ruby-recaptcha | pass | refused | refused | refused | error RecaptchaError | ruby $clients/controller.rb
	google/recaptcha Post | pass | refused timeout-or-duplicate $host | refused timeout-or-duplicate $host | refused invalid-input-secret $host | refused connection-failed $host | $php Post
	google/recaptcha CurlPost | pass | refused timeout-or-duplicate $host | refused timeout-or-duplicate $host | refused invalid-input-secret $host | refused invalid-json $host | $php CurlPost
	Captcha::reCAPTCHA | pass | refused timeout-or-duplicate | refused timeout-or-duplicate | refused invalid-input-secret | error | perl $clients/check_answer.pl
	express-recaptcha | pass $HOST | refused timeout-or-duplicate | refused timeout-or-duplicate | refused invalid-input-secret | refused invalid-json-response | $node express-recaptcha
	recaptcha2 | pass | refused timeout-or-duplicate | refused timeout-or-duplicate | refused invalid-input-secret | refused | $node recaptcha2
	hcaptcha | pass forum | refused already-seen-response | refused expired-input-response | refused invalid-input-secret | error SyntaxError | $node hcaptcha
	END
}
host=hostname-mismatch # a failure has no hostname
flask="/usr/bin/python3 $clients/flask_form.py"
php="php $clients/transports.php"
node="node $clients/node.js"

# shellcheck disable=SC2086 # a command of several words
up() {
	solve forum
	ask $command
	is "$name: a token passes" "$pass" "$said"
	ask $command
	is "$name: once" "$replay" "$said"
	solve forum
	expire_token
	ask $command
	is "$name: an expired token is refused" "$expired" "$said"
	solve forum
	right_secret=$secret
	secret=wrong
	ask $command
	is "$name: a wrong secret is refused" "$wrong" "$said"
	secret=$right_secret
}

# shellcheck disable=SC2086
down() {
	ask $command
	is "$name: without the service nobody passes" "$stopped" "$said"
}

# for_each FUNCTION FILE: for each row of a table
for_each() {
	while IFS='|' read -r name pass replay expired wrong stopped command; do
		"$1"
	done <"$2"
}

prepare 'ttl_s = 29'
echo "sites_dir = $T/sites.d" >>"$T/captcha.conf"
secret=$("$T/captchactl" site add forum --sitekey forum -c "$T/captcha.conf" \
	--user "$user" | sed -n 's/^secret  //p')
set_up_network
table >"$T/table"
# go-recaptcha needs a compiler of 460 MB, which script/setup does not install
if command -v go >/dev/null; then
	(cd "$T" && GO111MODULE=off GOPATH=/usr/share/gocode GOCACHE="$T/go" \
		go build -o confirm "$clients/confirm.go") >"$T/go.log" 2>&1 ||
		bail "$(cat "$T/go.log")"
	echo "go-recaptcha|pass|refused|refused|refused|error|$T/confirm" \
		>>"$T/table"
fi

# MediaWiki has 250 MB, which script/setup does not install
if [ -e /usr/share/mediawiki/maintenance/install.php ]; then
	mkdir "$T/wiki" # which it takes from all others
	php /usr/share/mediawiki/maintenance/install.php --dbtype sqlite \
		--dbpath "$T/wiki" --confpath "$T/wiki" --pass a-long-password-1 \
		--server http://localhost --scriptpath '' Wiki Admin \
		>"$T/wiki.log" 2>&1 || bail "$(cat "$T/wiki.log")"
	cat >>"$T/wiki/LocalSettings.php" <<-'END'
		wfLoadExtension('ConfirmEdit');
		wfLoadExtension('ConfirmEdit/' . getenv('MODULE'));
		$wgReCaptchaSecretKey = $wgHCaptchaSecretKey = getenv('SECRET');
	END
	export MW_CONFIG_FILE="$T/wiki/LocalSettings.php"
	for module in ReCaptchaNoCaptcha hCaptcha; do
		echo "ConfirmEdit $module|pass|refused|refused|refused|refused|env MODULE=$module php $clients/confirm_edit.php"
	done >>"$T/table"
fi

start_listening --workers 2
start_web deploy/nginx/captcha-vhost.conf
for_each up "$T/table"
stop "$service"
for_each down "$T/table"
stop_server

# It takes an answer of HTTP/1.0 only, which nginx does not give.
start_web deploy/apache/captcha-vhost.conf
echo "google/recaptcha SocketPost|pass|refused timeout-or-duplicate $host|refused timeout-or-duplicate $host|refused invalid-input-secret $host||$php SocketPost" \
	>"$T/table"
for_each up "$T/table"
stop_server
echo "google/recaptcha SocketPost|||||refused connection-failed $host|$php SocketPost" >"$T/table"
for_each down "$T/table"
finish
