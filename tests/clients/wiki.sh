#!/bin/sh
# MediaWiki with ConfirmEdit's modules for reCAPTCHA and hCaptcha: accounts are
# made in Chromium. Without scripts the wiki shows the page without scripts in a
# frame, and the visitor copies the token; the module for hCaptcha has no such
# page. The wiki runs behind lighttpd. Screenshots are left in test-output/
# (SCREENSHOTS=directory for another).
. "$(dirname "$0")/lib.sh"

enclose tests/browser
fetch_modules tests/browser

# wiki VERB [ARGUMENT]...: what wiki.js says: $said
wiki() {
	said=$(HOME=$T TMPDIR=$T timeout 240 node "$clients/wiki.js" "$@" \
		2>>"$T/browser.log")
}
accounts() {
	sqlite3 -cmd '.timeout 5000' "$T/wiki/wiki.sqlite" \
		"SELECT user_name FROM user WHERE user_name != 'Admin'" |
		grep -v '^MediaWiki' | tr '\n' ' '
}

# is_refused WHY NAME [TOKEN]
is_refused() {
	why=$1
	shift
	before=$(accounts)
	wiki make "$@"
	like "$what: $why is refused" "*CAPTCHA*" "$said"
	is 'and there is no new account' "$before" "$(accounts)"
}

prepare_site localhost
free_port
wiki_port=$port
port=443
export WIKI="http://localhost:$wiki_port"
install_wiki "$WIKI"
echo "$secret" >"$T/wiki/secret"
chown -R "$user:" "$T/wiki"
cat >"$T/wiki.conf" <<END
server.document-root = "/var/lib/mediawiki"
server.bind = "127.0.0.1"
server.port = $wiki_port
server.errorlog = "$T/wiki-server.log"
server.modules = ( "mod_fastcgi" )
server.username = "$user"
index-file.names = ( "index.php" )
mimetype.assign = ( ".css" => "text/css" )
fastcgi.server = ( ".php" => ((
	"bin-path" => "/usr/bin/php-cgi",
	"socket" => "$T/run/php.sock",
	"max-procs" => 1,
	"bin-environment" => ( "PHP_FCGI_CHILDREN" => "2" ),
	"broken-scriptfilename" => "enable" )))
END
touch "$T/wiki-server.log"
chown "$user:" "$T/wiki-server.log"
start_listening --workers 2
start_web deploy/nginx/captcha-vhost.conf
write_newest_code
: "${SCREENSHOTS:=$SRC/test-output}" "${CHROMIUM:=/usr/bin/chromium}"
mkdir -p "$SCREENSHOTS"
export SCREENSHOTS CHROMIUM SENT="$T/sent"

# visit MODULE SCRIPTS NAME NAME NAME: three who want accounts
visit() {
	what="$1, scripts $2"
	export MODULE="$1" SCRIPTS="$2"
	start "$T/wiki-server.log" lighttpd -D -f "$T/wiki.conf"
	wiki_server=$started
	wait_for test -S "$T/run/php.sock-0"
	old=$(accounts)

	wiki make "$3"
	is "$what: a token of the captcha makes an account" made "$said"
	is 'which is there' "$old$3 " "$(accounts)"
	is_refused 'the same token' "$4" "$(cat "$T/sent")"
	wiki token
	expire_token
	is_refused 'an expired token' "$4" "$said"
	wiki token
	token=$said
	echo wrong >"$T/wiki/secret"
	is_refused 'a token with a wrong secret' "$4" "$token"
	echo "$secret" >"$T/wiki/secret"
	wiki make "$4" "$token"
	is 'and is not used up by that' "made $old$3 $4 " "$said $(accounts)"
	[ "$SCRIPTS" = off ] || {
		wiki elsewhere
		like "$what: the box says that the host is wrong" \
			'*127.0.0.1*' "$said"
	}
	wiki token
	token=$said
	stop "$service"
	is_refused 'a token while the service is stopped' "$5" "$token"
	start_listening --workers 2
	await
	stop "$wiki_server"
	rm -f "$T/run/php.sock-0"
}

visit ReCaptchaNoCaptcha off Ann Bob Carl
visit ReCaptchaNoCaptcha on Dora Emil Frida
visit hCaptcha on Gerd Hanna Igor
finish
