# Sourced by tests/servers/*.sh: a directory, a service, a web server with a
# configuration from deploy/, one whole visit, TAP.
#
#	. "$(dirname "$0")/lib.sh"
#	prepare [KEY=VALUE]...   $T, programs, settings and database in it
#	start_web deploy/x.conf  the web server of that file
#	visit                    the checks
#	stop_server
#	finish                   the plan
#
# builddir has the programs (default build/). Process groups that were started
# are stopped at the end, whatever happens; KEEP=1 keeps the directory. As
# root, the service and the servers run as www-data, as they do in use.
set -u
export LC_ALL=C
umask 022

SRC=${SRC:-$(cd "$(dirname "$0")/../.." && pwd)}
builddir=${builddir:-$SRC/build}
user=$(id -un)
become= # a command before another: that runs as the user of the service
if [ "$(id -u)" -eq 0 ]; then
	user=www-data
	become="setpriv --reuid=$user --regid=$user --init-groups"
fi
for name in $(env | sed -n 's/^\(CAPTCHA_[A-Za-z_]*\)=.*/\1/p'); do
	unset "$name" # no setting of the caller's
done

# --- TAP --------------------------------------------------------------------

n_tests=0
n_failed=0

# result STATUS NAME [EXPLANATION]...
result() {
	result_status=$1
	result_name=$2
	shift 2
	n_tests=$((n_tests + 1))
	if [ "$result_status" -eq 0 ]; then
		echo "ok $n_tests - $result_name"
		return
	fi
	n_failed=$((n_failed + 1))
	echo "not ok $n_tests - $result_name"
	[ $# -eq 0 ] || printf '%s\n' "$@" | sed 's/^/# /'
}

# succeeds NAME COMMAND...
succeeds() {
	succeeds_name=$1
	shift
	succeeds_said=$("$@" 2>&1)
	result $? "$succeeds_name" "$*" "$succeeds_said"
}

# is NAME WANTED GOT
is() {
	[ "$2" = "$3" ]
	result $? "$1" "wanted: $2" "got:    $3"
}

# like NAME PATTERN GOT: a pattern of the shell
like() {
	case $3 in
	$2) result 0 "$1" ;;
	*) result 1 "$1" "wanted: $2" "got:    $3" ;;
	esac
}

# skip REASON: one test that cannot run here
skip() {
	n_tests=$((n_tests + 1))
	echo "ok $n_tests # SKIP $*"
}

bail() {
	echo "Bail out! $*"
	exit 1
}

finish() {
	echo "1..$n_tests"
	[ $n_failed -eq 0 ] || {
		for log in "$T"/*.log; do
			[ ! -s "$log" ] || {
				echo "# --- ${log##*/}"
				tail -n 40 "$log" | sed 's/^/# /'
			}
		done
		exit 1
	}
	exit 0
}

# --- processes --------------------------------------------------------------

leaders= # of the process groups that run

# wait_for COMMAND...: until it succeeds, a minute at most: the machine may be busy
wait_for() {
	within 60 "$@"
}

# within SECONDS COMMAND...: until it succeeds
within() {
	n_tries=$(($1 * 20))
	shift
	until "$@" >/dev/null 2>&1; do
		n_tries=$((n_tries - 1))
		[ $n_tries -gt 0 ] || return 1
		sleep 0.05
	done
}

# start LOG COMMAND...: in a session and process group of its own, $started
start() {
	start_log=$1
	shift
	setsid "$@" </dev/null >>"$start_log" 2>&1 &
	started=$!
	leaders="$started $leaders"
}

# is_running LEADER: whether its group has a process that is no zombie
is_running() {
	for stat in /proc/[0-9]*/stat; do
		sed -n "s/^.*) \([^Z]\) [0-9]* $1 .*/\1/p" "$stat" 2>/dev/null
	done | grep -q .
}
is_stopped() {
	! is_running "$1"
}

# stop LEADER: SIGTERM, and SIGKILL to the whole group if it does not end
stop() {
	kill -TERM "$1" 2>/dev/null
	within 8 is_stopped "$1" || kill -s KILL -- "-$1" 2>/dev/null
	wait "$1" 2>/dev/null
	stop_rest=
	for leader in $leaders; do
		[ "$leader" = "$1" ] || stop_rest="$stop_rest $leader"
	done
	leaders=$stop_rest
}

stop_all() {
	for leader in $leaders; do
		stop "$leader"
	done
}

cleanup() {
	trap - EXIT
	trap '' HUP INT TERM
	stop_all
	[ "${KEEP-}" ] || rm -rf "$T"
}

# as_user COMMAND...: as the user of the service
# shellcheck disable=SC2086
as_user() {
	$become "$@"
}

# start_as_user LOG COMMAND...
start_as_user() {
	start_log=$1
	shift
	# shellcheck disable=SC2086
	start "$start_log" $become "$@"
}

# --- the installation -------------------------------------------------------

vendors= # names of other hosts that the virtual host of nginx answers

# A port of 127.0.0.1 that no process listens on: $port. It is below the range
# from which the kernel takes ports for connections.
free_port() {
	port=$((20000 + ($$ * 37 + ${port:-0}) % 12000))
	while
		curl -s -m 20 -o "$T/none" "http://127.0.0.1:$port/"
		[ $? -ne 7 ]
	do
		port=$((port + 1))
	done
}

# prepare [KEY=VALUE]...: a directory with programs, settings and database
prepare() {
	T=$(mktemp -d "${TMPDIR:-/tmp}/captcha-servers.XXXXXX") || exit 1
	trap cleanup EXIT
	trap 'exit 129' HUP
	trap 'exit 130' INT
	trap 'exit 143' TERM
	chmod 755 "$T"
	mkdir "$T/run" "$T/htdocs"
	[ "$(id -u)" -ne 0 ] || chown "$user:" "$T/run"
	# www-data need not be able to reach builddir
	cp "$builddir/captcha.fcgi" "$builddir/captchactl" "$T" ||
		bail "no programs in $builddir: run script/build"
	cat >"$T/captcha.conf" <<-END
		store = sqlite:$T/data/captcha.db
		cache_dir = $T/data/cache
		pool_size = 40
		store_timeout_ms = 20000
	END
	[ $# -eq 0 ] || printf '%s\n' "$@" >>"$T/captcha.conf"
	"$T/captchactl" init -c "$T/captcha.conf" --user "$user" >"$T/init.log" \
		2>&1 || bail "captchactl init: $(cat "$T/init.log")"
	free_port
	url=http://127.0.0.1:$port/captcha
}

# clear_away: stop all processes, and remove the directory of prepare
clear_away() {
	stop_all
	rm -rf "$T"
}

# make_certificate NAME...: an authority that only this test trusts, a certificate
# for these names, and a curl that knows both. For deploy/*/captcha-vhost.conf.
make_certificate() {
	mkdir "$T/tls"
	url=https://$1:$port
	make_certificate_key="-nodes -newkey rsa:2048 -days 2"
	# shellcheck disable=SC2086
	{
		openssl req -x509 $make_certificate_key -subj /CN=authority \
			-addext keyUsage=critical,keyCertSign \
			-keyout "$T/tls/authority.key" -out "$T/tls/authority.pem"
		openssl req -new $make_certificate_key -subj "/CN=$1" \
			-keyout "$T/tls/privkey.pem" -out "$T/tls/request.pem"
		printf 'subjectAltName=%s\n' \
			"$(printf ',DNS:%s' "$@" | cut -c 2-)" >"$T/tls/names"
		openssl x509 -req -days 2 -in "$T/tls/request.pem" \
			-CA "$T/tls/authority.pem" -CAkey "$T/tls/authority.key" \
			-CAcreateserial -extfile "$T/tls/names" \
			-out "$T/tls/fullchain.pem" &&
			# as Python from 3.13 on looks at it
			openssl verify -x509_strict \
				-CAfile "$T/tls/authority.pem" \
				"$T/tls/fullchain.pem"
	} >"$T/tls/verify.log" 2>"$T/tls/openssl.log" || bail "openssl: $(cat "$T/tls/openssl.log")"
	[ "$(id -u)" -ne 0 ] || chown -R "$user:" "$T/tls"
	printf 'cacert = %s\nresolve = %s\n' "$T/tls/authority.pem" \
		"$1:$port:127.0.0.1" >"$T/.curlrc"
	export CURL_HOME="$T"
}

# ship FILE: $shipped is FILE of the sources with the paths of this test
ship() {
	shipped=$T/shipped-$(basename "$1")
	sed -e "s,/usr/lib/cgi-bin/captcha\.fcgi,$T/captcha.fcgi,g" \
		-e "s,/usr/bin/captchactl,$T/captchactl,g" \
		-e "s,/etc/captcha-fcgi/captcha\.conf,$T/captcha.conf,g" \
		-e "s,/run/[a-z-]*/captcha\.sock,$T/run/captcha.sock,g" \
		-e "s,/run/captcha-fcgi-cache,$T/data/cache,g" \
		-e "s,listen 80;,listen 127.0.0.1:$port;," \
		-e "s,listen 443,listen 127.0.0.1:$port," \
		-e "s,\*:443>,*:$port>,; s,\":443\",\"127.0.0.1:$port\"," \
		-e "s,/etc/ssl/captcha,$T/tls,g; s,\${APACHE_LOG_DIR},$T,g" \
		-e "s,/var/log/nginx/,$T/,g" \
		-e "s,/run/lighttpd/captcha-host,$T/run/captcha-host,g" \
		-e "s,server_name captcha.example.org,& $vendors," \
		"$SRC/$1" >"$shipped"
}

# set_var FILE NAME VALUE: a number at the top of a configuration
set_var() {
	sed -i "s/^\(.*$2 *=* *\)[0-9][0-9]*$/\1$3/" "$1"
}

# --- the servers ------------------------------------------------------------

answers() {
	[ "$(curl -s -m 20 -o "$T/none" -w '%{http_code}' "$url/healthz")" = 200 ]
}

# Wait for the server; without it the whole program fails.
await() {
	wait_for answers || {
		sed 's/^/# /' "$T"/*.log
		bail "the service does not answer at $url/healthz"
	}
}

start_lighttpd() {
	cat >"$T/lighttpd.conf" <<-END
		server.modules = ( "mod_accesslog" )
		server.document-root = "$T/htdocs"
		server.bind = "127.0.0.1"
		server.port = $port
		server.errorlog = "$T/lighttpd.log"
		accesslog.filename = "$T/access.log"
		include "$1"
	END
	[ "$(id -u)" -ne 0 ] || cat >>"$T/lighttpd.conf" <<-END
		server.username = "$user"
		server.groupname = "$(id -gn "$user")"
	END
	touch "$T/lighttpd.log" "$T/access.log"
	chmod 666 "$T/lighttpd.log" "$T/access.log"
	start "$T/server.log" lighttpd -D -f "$T/lighttpd.conf"
	server=$started
	await
}

# start_apache FILE MODULE...
start_apache() {
	apache_file=$1
	shift
	cat >"$T/apache.conf" <<-END
		ServerRoot "$T/run"
		DefaultRuntimeDir "$T/run"
		PidFile "$T/run/apache.pid"
		ErrorLog "$T/server.log"
		ServerName localhost
		Listen 127.0.0.1:$port
		User $user
		Group $(id -gn "$user")
		DocumentRoot "$T/htdocs"
		$(printf "LoadModule %s_module /usr/lib/apache2/modules/mod_%s.so\n" \
			$(for m in mpm_event authz_core alias env mime setenvif "$@"; do
				echo "$m $m"; done))
		TypesConfig /dev/null
		<IfModule cgid_module>
		ScriptSock "$T/run/cgisock"
		</IfModule>
		<IfModule fcgid_module>
		FcgidIPCDir "$T/run"
		FcgidProcessTableFile "$T/run/fcgid_shm"
		AddHandler fcgid-script .fcgi
		</IfModule>
		LogFormat "%h \"%r\" %s" combined
		CustomLog "$T/access.log" combined env=!captcha_secret
		Include "$apache_file"
	END
	start "$T/apache.log" apache2 -f "$T/apache.conf" -D FOREGROUND
	server=$started
	await
}

start_nginx() {
	{
		[ "$(id -u)" -ne 0 ] || echo "user $user $(id -gn "$user");"
		cat <<-END
			daemon off;
			worker_processes 2;
			pid $T/run/nginx.pid;
			error_log stderr warn;
			events {}
			http {
				access_log $T/access.log;
				client_body_temp_path $T/run/body;
				proxy_temp_path $T/run/proxy;
				fastcgi_temp_path $T/run/fastcgi;
				uwsgi_temp_path $T/run/uwsgi;
				scgi_temp_path $T/run/scgi;
				include $1;
			}
		END
	} >"$T/nginx.conf"
	start "$T/server.log" nginx -p "$T/run" -e stderr -c "$T/nginx.conf"
	server=$started
	await
}

# start_web FILE: the web server of a file that is shipped
start_web() {
	ship "$1"
	case $1 in
	debian/conf/nginx/*) # one location
		{
			echo "server { listen 127.0.0.1:$port;"
			sed 's,include fast,include /etc/nginx/fast,' "$shipped"
			echo '}'
		} >"$T/nginx-site.conf"
		start_nginx "$T/nginx-site.conf"
		;;
	*/nginx/*) start_nginx "$shipped" ;;
	*/lighttpd/*) start_lighttpd "$shipped" ;;
	*/apache/captcha-vhost.conf)
		set_var "$shipped" captcha_processes 4
		start_apache "$shipped" fcgid ssl
		;;
	*captcha-cgi.conf) start_apache "$shipped" cgid fcgid ;;
	*captcha-fcgid.conf)
		set_var "$shipped" captcha_processes 4
		start_apache "$shipped" fcgid
		;;
	*) start_apache "$shipped" proxy proxy_fcgi ;;
	esac
}

# through COMMAND FILE...: COMMAND FILE while the web server of each runs
through() {
	through_command=$1
	shift
	for through_file; do
		start_web "$through_file"
		"$through_command" "$through_file"
		stop_server
	done
}

# start_listening [OPTION]...: the service as its own master, for nginx
start_listening() {
	start_as_user "$T/service.log" "$T/captcha.fcgi" \
		--config "$T/captcha.conf" --listen "unix:$T/run/captcha.sock" \
		"$@"
	service=$started
	wait_for test -S "$T/run/captcha.sock"
}

# --- a client ---------------------------------------------------------------

# request PATH [CURL-OPTION]...: $status, and the files head and body in $T.
# $status also tells of an answer that is incomplete.
request() {
	request_path=$1
	shift
	: >"$T/head"
	: >"$T/body"
	status=$(curl -s -m 20 -o "$T/body" -D "$T/head" -w '%{http_code}' "$@" \
		"$url$request_path") || status="$status, curl fails with $?"
}

# header NAME: of the last answer
header() {
	tr -d '\r' <"$T/head" | sed -n "s/^$1: *//Ip" | tail -n 1
}

body() {
	cat "$T/body"
}

# get [QUERY]: a new challenge: $pid and $code
get() {
	request "/verification/get${1-}"
	pid=$(sed -n 's/.*"pid":"\([A-Za-z0-9]\{16\}\)".*/\1/p' "$T/body")
	code=$(code_of "$pid")
}

# The code of a live challenge, as the operator can read it.
code_of() {
	as_user sqlite3 -cmd '.timeout 5000' "$T/data/captcha.db" \
		"SELECT code FROM challenge WHERE pid = '$1'" 2>>"$T/sqlite.log"
}

# verify PID CODE [CURL-OPTION]...
verify() {
	verify_pid=$1
	verify_code=$2
	shift 2
	request /verification/check -d "pid=$verify_pid" -d "code=$verify_code" \
		"$@"
}

# SQL: the code of the newest challenge, where no reserve is newer
newest_code="SELECT code FROM challenge WHERE note = ''
	ORDER BY created_unix_ms DESC, pid DESC LIMIT 1"

# solve SITEKEY [CURL-OPTION]...: a token, as a page of the site gets it: $token.
# The setting ttl_s is below 30, so the newest challenge is the page's.
solve() {
	solve_key=$1
	shift
	request /box/new -d "k=$solve_key" "$@"
	sealed=$(sed -n 's/^{"pid":"\([^"]*\)".*/\1/p' "$T/body")
	code=$(as_user sqlite3 -cmd '.timeout 5000' "$T/data/captcha.db" \
		"$newest_code")
	request /box/answer -d "k=$solve_key" -d "pid=$sealed" \
		-d "code=$code" "$@"
	token=$(sed -n 's/.*"token":"\([^"]*\)".*/\1/p' "$T/body")
}

pass='{"success":true}'
wrong='{"success":false,"error-codes":["wrong"]}'
used='{"success":false,"error-codes":["expired-or-used"]}'

# --- one whole visit --------------------------------------------------------

# visit [refused]: refused if the web server cannot pass on a body of unknown
# length
visit() {
	visit_get
	visit_files
	visit_sound
	visit_verify
	visit_post "${1-taken}"
	visit_errors
	visit_secret
	visit_crowd
	request '/siteverify?secret=belongs-into-no-log&response=x'
	is 'a wrong secret is told' 200 "$status"
}

# What browsers keep: the web server passes the headers on as they are.
visit_files() {
	request /widget.js -H 'Accept-Encoding: gzip'
	is 'the element is there, compressed' \
		'200 text/javascript; charset=utf-8 gzip *' \
		"$status $(header content-type) $(header content-encoding) $(header access-control-allow-origin)"
	like 'and may be kept' 'public, max-age=*' "$(header cache-control)"
	gzip -dc "$T/body" >"$T/widget.js"
	etag=$(header etag)
	request /widget.js -H 'Accept-Encoding: gzip' -H "If-None-Match: $etag"
	is 'a browser that has it gets 304' "304 $etag 0" \
		"$status $(header etag) $(wc -c <"$T/body")"
	request /widget.js
	is 'and without gzip it is the same' "200 same" \
		"$status $(cmp "$T/body" "$T/widget.js" && echo same)"
	request "/$(sed -n 's/.*"\(assets\/[0-9a-f]*\/\)".*/\1/p' \
		"$T/widget.js")de.json"
	is 'texts are there' '200 application/json; charset=utf-8' \
		"$status $(header content-type)"
}

# Ranges pass through the web server, and so does a long body to a slow reader.
# part RANGE STATUS CONTENT-RANGE FIRST N
part() {
	request "/audio/$pid.wav" -H "Range: bytes=$1"
	is "of the sound bytes $1" "$2 bytes $3/$n_bytes" \
		"$status $(header content-range)"
	tail -c +$(($4 + 1)) "$T/whole.wav" | head -c "$5" >"$T/part.wav"
	succeeds 'which are these' cmp "$T/part.wav" "$T/body"
}
visit_sound() {
	[ -s "$builddir/voices/bank_en" ] || return 0 # of a build without
	get '?audio=1'
	address=$(sed -n 's/.*"audio":"\([^"]*\)".*/\1/p' "$T/body")
	is 'audio=1 gives the address of a sound' "/captcha/audio/$pid.wav" \
		"$address"
	request "${address#/captcha}"
	is 'which works' '200 audio/wav bytes' \
		"$status $(header content-type) $(header accept-ranges)"
	like 'and may be kept as long as it lives' \
		'private, no-transform, max-age=*' "$(header cache-control)"
	etag=$(header etag)
	cp "$T/body" "$T/whole.wav"
	n_bytes=$(wc -c <"$T/whole.wav")
	part 0-1 206 0-1 0 2
	part 100000-199999 206 100000-199999 100000 100000
	part -44 206 "$((n_bytes - 44))-$((n_bytes - 1))" $((n_bytes - 44)) 44
	part 0- 206 "0-$((n_bytes - 1))" 0 "$n_bytes"
	part 0-999999 206 "0-$((n_bytes - 1))" 0 "$n_bytes"
	for beyond in "$n_bytes-" -0; do
		request "/audio/$pid.wav" -H "Range: bytes=$beyond"
		is "bytes $beyond, beyond its end" "416 bytes */$n_bytes" \
			"$status $(header content-range)"
	done
	for odd in bytes=0-1,5-6 bytes=0-1,400000- bytes=5-2 bytes=x items=0-1; do
		request "/audio/$pid.wav" -H "Range: $odd"
		is "Range: $odd is none" "200 $n_bytes" \
			"$status $(wc -c <"$T/body")"
	done
	request "/audio/$pid.wav" -H 'Range: bytes=0-1' -H 'If-Range: "x"'
	is 'a range of another sound' "200 $n_bytes" \
		"$status $(wc -c <"$T/body")"
	request "/audio/$pid.wav" -H "If-None-Match: $etag"
	is 'a browser that has it gets 304' "304 $etag 0" \
		"$status $(header etag) $(wc -c <"$T/body")"
	request "/audio/$pid.wav" -I
	is 'HEAD of the sound' '200 audio/wav' "$status $(header content-type)"
	request "/audio/$pid.wav" --limit-rate 200k
	succeeds 'a slow reader gets all of it' cmp "$T/whole.wav" "$T/body"
}

visit_get() {
	request /demo
	is 'the demo page is there' '200 text/html; charset=utf-8' \
		"$status $(header content-type)"
	for short in '' /; do
		is "/captcha$short leads to it" "200 $url/demo" \
			"$(curl -s -L -m 20 -o "$T/none" \
				-w '%{http_code} %{url_effective}' "$url$short")"
		request "$short"
		like "by no host or port, which a proxy would have to rewrite" \
			'30[12] /captcha/*' "$status $(header location)"
	done
	get
	is 'a challenge is issued' '200 application/json no-store' \
		"$status $(header content-type) $(header cache-control)"
	like 'it has a pid of 16 characters' '????????????????' "$pid"
	sed -n 's/.*"img":"data:image\/png;base64,\([^"]*\)".*/\1/p' "$T/body" |
		base64 -d >"$T/data-uri.png"
	is 'it has a PNG as data: URI' '89504e470d0a1a0a' \
		"$(od -An -v -tx1 -N8 "$T/data-uri.png" | tr -d ' \n')"
	request "/image/$pid.png"
	is 'its picture has an address' '200 image/png' \
		"$status $(header content-type)"
	succeeds 'which gives the same bytes' cmp "$T/data-uri.png" "$T/body"
	# Apache drops the Content-Length of a CGI program
	n_bytes=$(wc -c <"$T/data-uri.png")
	length=$(header content-length)
	is 'and their number, if any' "$n_bytes" "${length:-$n_bytes}"
	is 'and nothing of the pool' '' \
		"$(grep -i -E '^server-timing' "$T/head")"
	request "/image/$pid.png" -I
	is 'HEAD of the picture' '200 image/png' "$status $(header content-type)"
	get '?img=url'
	address=$(sed -n 's/.*"img":"\([^"]*\)".*/\1/p' "$T/body")
	is 'img=url gives its address' "/captcha/image/$pid.png" "$address"
	request "${address#/captcha}"
	is 'which works' '200 image/png' "$status $(header content-type)"
}

visit_verify() {
	get
	verify "$pid" "no$code"
	is 'a wrong answer is told' "200 $wrong" "$status $(body)"
	verify "$pid" "$code"
	is 'and uses the challenge up' "200 $used" "$status $(body)"
	get
	verify "$pid" "$code"
	is 'a right answer passes' "200 $pass" "$status $(body)"
	is 'and must not be cached' no-store "$(header cache-control)"
	verify "$pid" "$code"
	is 'once' "200 $used" "$status $(body)"
	request "/image/$pid.png"
	is 'its picture is gone' 404 "$status"
	get
	verify "$pid" "$(echo "$code" | tr a-z A-Z)"
	is 'capital letters pass' "200 $pass" "$status $(body)"
}

visit_post() {
	get
	request /verification/check -H 'Content-Type: application/json' \
		-d "{\"pid\":\"$pid\",\"code\":\"$code\"}"
	is 'JSON passes' "200 $pass" "$status $(body)"
	get
	request /verification/check -F "pid=$pid" -F "code=$code"
	is 'multipart/form-data passes' "200 $pass" "$status $(body)"
	get
	verify "$pid" "$code" -H 'Expect: 100-continue'
	is 'Expect: 100-continue passes' "200 $pass" "$status $(body)"
	get
	verify "$pid" "$code" -H 'Transfer-Encoding: chunked'
	chunked='a chunked body does not pass'
	if [ "$1" = taken ]; then
		is 'a chunked body passes' "200 $pass" "$status $(body)"
	else
		# the web server refuses it or passes it on as empty
		case "$status $(body)" in
		'400 '*bad-request* | '200 '*missing-pid*) result 0 "$chunked" ;;
		*) result 1 "$chunked" "got: $status $(body)" ;;
		esac
		verify "$pid" "$code"
		is 'and costs nothing' "200 $pass" "$status $(body)"
	fi
	get
	request /demo -d "pid=$pid" -d "code=$code"
	is 'the form of the demo page works' 200 "$status"
	like 'and says so' '*That is right.*' "$(tr -d '\n' <"$T/body")"
}

visit_errors() {
	request /no/such/thing
	is 'another address is not found' '404 application/problem+json' \
		"$status $(header content-type)"
	request "/image/0000000000000000.png"
	is 'the picture of an unknown pid is 404' 404 "$status"
	request /verification/check
	is 'another method is refused' '405 POST' "$status $(header allow)"
	request /verification/get -X DELETE
	is 'and DELETE' '405 GET' "$status $(header allow)"
	request /verification/check -H 'Content-Type: text/plain' -d a=b
	is 'another type of body is refused' 415 "$status"
	head -c 20000 /dev/zero | tr '\0' a >"$T/long"
	request /verification/check --data-binary "@$T/long"
	is 'a long body is refused' 413 "$status"
	request /healthz
	is 'the service is well' 200 "$status"
}

# Some applications send secret and token in the query. stop_server looks whether
# a log has it: lighttpd writes its access log when it ends.
visit_secret() {
	has_secret=yes
	head -c 20000 /dev/zero | tr '\0' a >"$T/long"
	for path in /siteverify /recaptcha/api/siteverify /checksiteconfig; do
		request "$path?secret=a-secret-in-a-query"
		is "$path is there" 200 "$status"
	done
	# an error that has the address
	request /siteverify?secret=a-secret-in-a-query --data-binary "@$T/long"
}

# Several visitors at once: each gets a challenge of its own.
visit_crowd() {
	mkdir "$T/crowd"
	for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
		echo "-o $T/crowd/$i $url/verification/get"
	done | xargs -L 1 -P 4 curl -s -m 20
	sed 's/.*"pid":"\([A-Za-z0-9]\{16\}\)".*/\1/' "$T"/crowd/* |
		sort -u >"$T/pids"
	is 'twenty visitors get twenty challenges' 20 \
		"$(wc -l <"$T/pids")"
	n_right=0
	while read -r pid; do
		verify "$pid" "$(code_of "$pid")"
		[ "$(body)" != "$pass" ] || n_right=$((n_right + 1))
	done <"$T/pids"
	is 'and all of them pass' 20 "$n_right"
}

# Stop the web server, and check that no process is left, and that no log has the
# secret of visit.
stop_server() {
	kill -TERM "$server"
	wait_for is_stopped "$server"
	result $? 'the server ends and leaves no process behind'
	stop "$server"
	[ -z "${has_secret-}" ] || is 'no log has a query of siteverify' '' \
		"$(grep -lF secret-in-a "$T"/*.log)"
}
