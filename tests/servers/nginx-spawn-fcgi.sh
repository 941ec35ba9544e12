#!/bin/sh
# nginx, and the service started by spawn-fcgi with the command line in the head
# of the shipped file.
. "$(dirname "$0")/lib.sh"

prepare
ship deploy/nginx/captcha-spawn-fcgi.conf
sed -n "s/^#	//p" "$shipped" | sed -n "/^CAPTCHA_CONFIG/,/--/p" |
	sed "s,/run/captcha-fcgi/pid,$T/run/pids,
		s,-g www-data,-g $(id -gn "$user"),
		s,-u www-data,-u $user," >"$T/spawn"
[ "$(id -u)" -eq 0 ] || sed -i "s/-u [^ ]* -g [^ ]*//" "$T/spawn"
setsid sh "$T/spawn" </dev/null >"$T/service.log" 2>&1
wait_for test -s "$T/run/pids"
leaders=$(tr "\n" " " <"$T/run/pids")
is "spawn-fcgi starts four" 4 "$(grep -c . "$T/run/pids")"
start_nginx "$shipped"
visit
stop_server

# all are alive
for pid in $(cat "$T/run/pids"); do
	kill -TERM "$pid" && echo "$pid"
done >"$T/ended"
is "each process served to the end" 4 "$(wc -l <"$T/ended")"
all_ended() {
	for pid in $(cat "$T/ended"); do
		! kill -0 "$pid" || return 1
	done
}
wait_for all_ended
result $? "and ends on SIGTERM"
finish
