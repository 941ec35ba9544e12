# The Debian package, installed as people install it, with each web server:
# doc/install.md, "The Debian package". One whole visit; faults; removed and purged.

user=_captcha-fcgi

# libraries: the packages of libraries that standard input names, but for libc and
# those of tests
libraries() {
	grep -oE '(lib|zlib)[a-z0-9]+-dev' |
		grep -vE '^lib(c6|cmocka|png)-' | sort -u | xargs
}

# enabling SERVER: its commands in the table of doc/install.md. nginx has a line
# for its configuration first, which goes below the name of the server.
enabling() {
	row=$(sed -n "s/^| $1 | //p" "$SRC/doc/install.md")
	line=$(echo "$row" | sed -n 's/^`\(include [^`]*\)`.*/\1/p')
	[ ! "$line" ] || printf '%s' "sed -i 's,server_name _;,&\\n$line,'" \
		' /etc/nginx/sites-available/default && '
	for_debian "$(echo "$row" | sed 's/.*`\(.*\)`[^`]*/\1/')"
}

# code_of of tests/servers/lib.sh, for $root
code_of() {
	setpriv --reuid="$uid" --regid="$uid" --clear-groups \
		sqlite3 -cmd '.timeout 5000' \
		"$root/var/lib/captcha-fcgi/captcha.db" \
		"SELECT code FROM challenge WHERE pid = '$1'" 2>>"$T/sqlite.log"
}

# front: the status of the server's own page
front() {
	curl -s -m 5 -o "$T/none" -w '%{http_code}' http://127.0.0.1/
}
is_up() {
	[ "$(front)" != 000 ]
}
is_off() {
	[ "$(front)" = 000 ]
}

# status_of FIELD: its values in /proc/PID/status of all captcha.fcgi, each once
status_of() {
	for service in $(services); do
		awk -v field="$1:" '$1 == field { print $2 }' \
			"/proc/$service/status"
	done | sort -u | xargs
}

# workers_of FIELD: the same of those whose parent is a captcha.fcgi, too
workers_of() {
	for service in $(services); do
		services | grep -qx "$(awk '$1 == "PPid:" { print $2 }' \
			"/proc/$service/status")" || continue
		awk -v field="$1:" '$1 == field { print $2 }' \
			"/proc/$service/status"
	done | sort -u | xargs
}

# answered: wait until the service answers
answered() {
	wait_for answers || {
		tail -n 20 "$root/var/log/$web/error.log" | sed 's/^/# /'
		bail "the service does not answer at $url/healthz"
	}
}

mode_of() {
	in_debian stat -c '%U:%G %a' "$@" | sort -u | xargs
}

# try SERVER NAME: SERVER is a package and its service, NAME that of the table. The
# web server starts also when the package is gone.
try() {
	web=$1
	enable=$(enabling "$2")
	echo "# $web"
	copy "$web"

	install=$(block doc/install.md 'The Debian package' 1 |
		sed -n '/^apt-get.*captcha-fcgi_/p')
	mkdir "$root$tree/build"
	cp "$T"/captcha-fcgi_*.deb "$root$tree/build"
	is 'the package brings no web server' '' \
		"$(in_debian sh -c "cd $tree && $install -s" |
			grep -E '^Inst (apache2|lighttpd|nginx)')"
	must in_debian apt-get install -y "$web"
	follow $tree "$install"
	uid=$(in_debian id -u $user)
	is 'the data belong to a user of its own' "$user:$user 700" \
		"$(mode_of /var/lib/captcha-fcgi /run/captcha-fcgi-cache)"
	like 'a user that cannot log in' '*:/nonexistent:/usr/sbin/nologin' \
		"$(in_debian getent passwd $user)"
	is 'the example forms are there, and messages.json' \
		'./form.html ./messages.json ./node/contact.js ./php/contact.php ./python/contact.py' \
		"$(cd "$root/usr/share/doc/captcha-fcgi/examples/form" &&
			find . -type f | sort | xargs)"
	wait_for is_up
	request /healthz
	is 'the web server does not serve captchas yet' 404 "$status"

	succeeds "$enable" in_debian sh -c "$enable"
	answered
	rm -rf "$T/crowd"
	visit
	is 'the service runs as its own user' "$uid" "$(status_of Uid)"
	is 'and its workers have shut themselves in' '1 2' \
		"$(workers_of NoNewPrivs) $(workers_of Seccomp)"
	is 'the socket is for web servers' "$user:www-data 660" \
		"$(mode_of /run/captcha-fcgi/captcha.sock)"
	succeeds 'captchactl finds nothing wrong' in_debian captchactl check
	line=$(sed -n "s/^0 2 .*	$user	//p" "$root/etc/cron.d/captcha-fcgi")
	like 'cron cleans at night' '*captchactl clean*' "$line"
	said=$(in_debian setpriv --reuid=$user --regid=$user --init-groups \
		sh -c "$line" 2>&1)
	is 'which succeeds, quietly' '0 ' "$? $said"
	for page in man1/captchactl.1 man5/captcha.conf.5 man8/captcha.fcgi.8; do
		succeeds "there is $page" \
			gzip -t "$root/usr/share/man/$page.gz"
	done

	settings=$root/etc/captcha-fcgi/captcha.conf
	cp -p "$settings" "$T/good.conf"
	succeeds 'the service reloads' in_debian service captcha-fcgi reload
	echo 'ttl_s = soon' >>"$settings"
	why='*/etc/captcha-fcgi/captcha.conf:*ttl_s*1 to 86400*'
	said=$(in_debian service captcha-fcgi reload 2>&1)
	like 'a reload with wrong settings fails and says why' "1 $why" \
		"$? $said"
	answered
	result 0 'and the service goes on'
	said=$(in_debian service captcha-fcgi restart 2>&1)
	like 'a restart with wrong settings fails and says why' "1 $why" \
		"$? $said"
	cp -p "$T/good.conf" "$settings"
	succeeds 'the service restarts' in_debian service captcha-fcgi restart
	answered
	result 0 'and answers'
	succeeds 'the package installs over itself' in_debian \
		sh -c "apt-get install -y --reinstall $tree/build/*.deb"
	answered
	result 0 'and answers'

	succeeds 'captchactl makes a site' in_debian captchactl site add forum
	succeeds 'which the service may read' \
		in_debian service captcha-fcgi reload
	answered
	result 0 'and answers'
	succeeds 'the package is removed' in_debian \
		apt-get remove -y captcha-fcgi
	is 'the service ends' '' "$(services)"
	succeeds 'settings and data stay' test -s \
		"$root/etc/captcha-fcgi/captcha.conf" -a -s \
		"$root/var/lib/captcha-fcgi/captcha.db"
	mkdir -p "$root/etc/nginx"
	echo 'include snippets/captcha-fcgi.conf;' >"$root/etc/nginx/unused"
	said=$(in_debian apt-get purge -y captcha-fcgi)
	like 'the package is purged, and tells of includes without a pattern' \
		'0 */etc/nginx/unused: take out the line*' "$? $said"
	is 'and no file of it is left' '' "$(find "$root/etc" "$root/var" \
		"$root/run" "$root/usr" -name '*captcha*')"
	succeeds "$web restarts without it" in_debian service "$web" restart
	wait_for is_up
	request /healthz
	is 'and has no captchas' 404 "$status"
	succeeds "$web stops" in_debian service "$web" stop
	wait_for is_off || bail "$web does not stop"
}

package() {
	is 'Build-Depends are the libraries of script/setup' \
		"$(sed -n '/^packages=/,/"$/p' "$SRC/script/setup" |
			libraries)" "$(libraries <"$SRC/debian/control")"
	try apache2 Apache
	try lighttpd lighttpd
	try nginx nginx
}
