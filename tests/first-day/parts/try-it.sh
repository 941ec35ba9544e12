# README.md, "Try it", "Three calls" and "In a form".

# the answer that README prints below a command
readme_answer() {
	block README.md 'Three calls' 1 | awk -v n="$1" '
		/^\$ / { i++; next } i == n'
}

# call N: the Nth command of README, with $pid and $code in the place of its own.
# They are used by $root's curl, in the directory of the sources.
call() {
	command=$(block README.md 'Three calls' 1 | sed -n 's/^\$ //p' |
		sed -n "$1p" | sed "s/$readme_pid/${pid-}/g
			s/code=[a-z]*/code=${code-}/")
	said=$(in_debian sh -c "cd $tree && $command" 2>&1)
	result $? "$command"
}

try_it() {
	copy try-it
	command=$(block README.md 'Try it' 1 | sed -n 1p)
	like 'README begins with script/server' 'script/server*' "$command"
	began=$(date +%s)
	start "$T/server.log" chroot "$root" env -i LC_ALL=C HOME=/srv \
		PATH=/usr/sbin:/usr/bin:/sbin:/bin sh -c "
			cd $tree && exec $command"
	server=$started
	within 900 grep -q '^http://\|^server: ' "$T/server.log"
	echo "# $command: $(($(date +%s) - began)) s"
	is 'it prints the address of the demo page, as README does' \
		"$(echo "$command" | grep -o 'http://[^ ]*')" \
		"$(grep '^http://' "$T/server.log")"

	readme_pid=$(readme_answer 1 | sed 's/{"pid":"\([^"]*\)".*/\1/')
	call 1
	pid=$(echo "$said" | sed -n 's/^{"pid":"\([^"]*\)".*/\1/p')
	is 'a challenge is issued, as README shows it' \
		"$(readme_answer 1 | sed "s/$readme_pid/PID/g")" \
		"$(echo "$said" | sed "s/$pid/PID/g")"
	call 2
	is 'its picture is a PNG' 89504e470d0a1a0a \
		"$(od -An -v -tx1 -N8 "$root$tree/picture.png" | tr -d ' \n')"
	code=$(in_debian $tree/build/captchactl answer "$pid" \
		--config $tree/var/captcha.conf 2>&1)
	result $? 'captchactl answer tells the answer' "$code"
	call 3
	is 'with which the check succeeds' "$(readme_answer 3)" "$said"

	command=$(grep -o '`[^`]* site show default --secret [^`]*`' \
		"$SRC/README.md" | tr -d '`')
	secret=$(in_debian sh -c "cd $tree && $command" 2>&1)
	result $? "$command" "$secret"
	command=$(block README.md 'In a form' 2 |
		sed "s/^\\$ //; s/SECRET/$secret/")
	is 'and the secret counts: no token is refused as such' \
		'{"success": false, "error-codes": ["invalid-input-response"]}' \
		"$(in_debian sh -c "$command" 2>&1)"

	kill -TERM "$server"
	wait_for is_stopped "$server"
	is 'it ends, and leaves no process' '' "$(residents)"
}
