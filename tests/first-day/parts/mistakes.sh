# Ten mistakes in an installation by make. Each has a message, and the remedy
# that the message prints is run as it is printed.

mistakes='misspelt wrong_value wrong_owner missing_directory read_only full_disk
	socket_in_use garbage server_down stranger'

conf=/etc/captcha-fcgi/captcha.conf

# check_says NAME PATTERN [COMMAND...]: captchactl check, or COMMAND, fails and says
# so: $said
check_says() {
	check_name=$1
	check_pattern=$2
	shift 2
	[ $# -gt 0 ] || set -- captchactl check
	code=0
	said=$(in_debian "$@" 2>&1) || code=$?
	[ $code -ne 0 ]
	result $? "$check_name: it is found" "$said"
	like "$check_name: and named" "$check_pattern" "$said"
}

is_well() {
	succeeds "$1: captchactl check is content" in_debian captchactl check
}

# remedy_of: the remedy of the first fault in $said
remedy_of() {
	echo "$said" | sed -n '/^WRONG/{ n; s/^ *→ \(as root: \)\{0,1\}//p; }' |
		head -n 1
}

# remedied NAME: the remedies of $said, until all is well. Not more than two: one
# fault may hide another.
remedied() {
	for _ in 1 2; do
		remedy=$(remedy_of)
		succeeds "$1: $remedy" in_debian sh -c "${remedy:-false}"
		said=$(in_debian captchactl check 2>&1) && break
	done
	is_well "$1"
}

# line_named: the line of the settings that $said names is removed
line_named() {
	line=$(echo "$said" | sed -n "s,.*$conf:\([0-9]*\).*,\1,p" | head -n 1)
	must in_debian sed -i "${line:-0}d" $conf
}

misspelt() {
	echo 'tll_s = 5' >>"$root$conf"
	check_says 'a wrong key' '*tll_s*'
	line_named
	is_well 'a wrong key'
}

wrong_value() {
	echo 'pool_size = many' >>"$root$conf"
	check_says 'a wrong value' '*pool_size*many*'
	line_named
	is_well 'a wrong value'
}

wrong_owner() {
	must in_debian chown -R root: /var/lib/captcha-fcgi
	check_says 'a wrong owner' '*/var/lib/captcha-fcgi*'
	remedied 'a wrong owner'
}

missing_directory() {
	must in_debian rm -rf /run/captcha-fcgi-cache /var/lib/captcha-fcgi
	check_says 'missing directories' '*/var/lib/captcha-fcgi*'
	remedied 'missing directories'
}

# small_disk DIRECTORY SIZE: with what was in it
small_disk() {
	must in_debian sh -c "mount -t tmpfs -o size=$2,mode=700 none /mnt &&
		chown --reference=$1 /mnt && cp -a $1/. /mnt &&
		mount --move /mnt $1"
}

read_only() {
	small_disk /var/lib/captcha-fcgi 64m
	must in_debian mount -o remount,ro /var/lib/captcha-fcgi
	check_says 'a read-only disk' '*read-only*'
	remedied 'a read-only disk'
	must in_debian umount /var/lib/captcha-fcgi
}

full_disk() {
	small_disk /run/captcha-fcgi-cache 40m
	in_debian sh -c 'cat /dev/zero >/run/captcha-fcgi-cache/ballast;
		chown www-data: /run/captcha-fcgi-cache/ballast' 2>"$T/said"
	check_says 'a full disk' '*/run/captcha-fcgi-cache*'
	like 'a full disk: the remedy is room' '*→ *remove files*' "$said"
	rm "$root/run/captcha-fcgi-cache/ballast"
	is_well 'a full disk'
	must in_debian umount /run/captcha-fcgi-cache
}

socket_in_use() {
	set -- setpriv --reuid=www-data --regid=www-data --init-groups \
		/usr/lib/cgi-bin/captcha.fcgi --config $conf \
		--listen 127.0.0.1:9000
	start "$T/first.log" chroot "$root" "$@"
	first=$started
	wait_for nothing_refuses_9000
	check_says 'a port in use' '*9000*in use*' timeout 60 "$@"
	kill -TERM "$first"
	wait_for is_stopped "$first"
	start "$T/second.log" chroot "$root" "$@"
	wait_for nothing_refuses_9000
	result $? 'a port in use: without the other process it starts'
	stop "$started"
}
nothing_refuses_9000() {
	curl -s -m 20 -o "$T/none" http://127.0.0.1:9000/
	[ $? -ne 7 ]
}

garbage() {
	must in_debian setpriv --reuid=www-data --clear-groups sh -c '
		cd /var/lib/captcha-fcgi && rm -f captcha.db-* &&
		seq 20000 >captcha.db'
	check_says 'a database of garbage' '*captcha.db*'
	remedied 'a database of garbage'
}

# doc/troubleshooting.md has no row for this: the browser says it, and lighttpd
server_down() {
	must in_debian service lighttpd stop
	request /healthz
	like 'no web server: nothing answers' '000*' "$status"
	must in_debian service lighttpd start
	answered
	result 0 'no web server: it starts, and captchas are back'
}

stranger() {
	check_says 'a wrong user' '*root*' \
		setpriv --reuid=nobody --regid=nogroup --clear-groups \
		captchactl check
	remedy=$(remedy_of)
	succeeds "a wrong user: $remedy" in_debian sh -c "${remedy:-false}"
}
