#!/bin/sh
# Clients of siteverify against the virtual host of nginx: each verifies a token once
# and again, a token past its time, a token with a wrong secret, and a token while the
# service is stopped.
. "$(dirname "$0")/lib.sh"

enclose tests/clients
fetch_modules tests/clients

# ask COMMAND...: what the client says: $said
ask() {
	said=$(URL=$url SECRET=$secret TOKEN=$token timeout 60 "$@" \
		2>>"$T/clients.log")
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
	go-recaptcha | pass | refused | refused | refused | error | $T/confirm
	ConfirmEdit hCaptcha | pass | refused | refused | refused | refused | env MODULE=hCaptcha php $clients/confirm_edit.php
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

prepare_site
table >"$T/table"
(cd "$T" && GO111MODULE=off GOPATH=/usr/share/gocode GOCACHE="$T/go" \
	go build -o confirm "$clients/confirm.go") >"$T/go.log" 2>&1 ||
	bail "$(cat "$T/go.log")"
install_wiki http://localhost

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
