#!/bin/sh
# MediaWiki with ConfirmEdit's module for reCAPTCHA: accounts are made in Chromium
# without scripts, where the wiki shows the page without scripts in a frame, and the
# visitor copies the token. The wiki runs behind lighttpd. Screenshots are left in
# test-output/ (SCREENSHOTS=directory for another).
. "$(dirname "$0")/lib.sh"

enclose tests/browser
fetch_modules tests/browser

# wiki VERB [ARGUMENT]...: what wiki.js says: $said
wiki() {
	said=$(timeout 120 node "$clients/wiki.js" "$@" 2>>"$T/browser.log")
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
	like "$why is refused" "*CAPTCHA*" "$said"
	is 'and there is no new account' "$before" "$(accounts)"
}

prepare_site localhost
free_port
wiki_port=$port
port=443
export WIKI="http://localhost:$wiki_port" MODULE=ReCaptchaNoCaptcha
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
start "$T/wiki-server.log" lighttpd -D -f "$T/wiki.conf"
start_listening --workers 2
start_web deploy/nginx/captcha-vhost.conf
cat >"$T/newest-code" <<END
#!/bin/sh
exec sqlite3 -cmd '.timeout 5000' "$T/data/captcha.db" \\
	"$newest_code"
END
chmod +x "$T/newest-code"
: "${SCREENSHOTS:=$SRC/test-output}" "${CHROMIUM:=/usr/bin/chromium}"
mkdir -p "$SCREENSHOTS"
export SCREENSHOTS CHROMIUM NEWEST_CODE="$T/newest-code" SENT="$T/sent"
export HOME="$T" TMPDIR="$T"

wiki make Ann
is 'a token of the frame makes an account' made "$said"
is 'which is there' 'Ann ' "$(accounts)"
is_refused 'the same token' Bob "$(cat "$T/sent")"
wiki token
expire_token
is_refused 'an expired token' Bob "$said"
wiki token
token=$said
echo wrong >"$T/wiki/secret"
is_refused 'a token with a wrong secret' Bob "$token"
echo "$secret" >"$T/wiki/secret"
wiki make Bob "$token"
is 'and is not used up by that' "made Ann Bob " "$said $(accounts)"
wiki token
token=$said
stop "$service"
is_refused 'a token while the service is stopped' Carl "$token"
finish
