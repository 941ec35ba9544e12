#!/bin/sh
# captchactl clean runs again and again while visitors ask: no live challenge is
# lost, and each that has expired is removed with its picture.
. "$(dirname "$0")/lib.sh"

prepare 'ttl_s = 6' 'pool_size = 200'
start_web deploy/lighttpd/captcha-fastcgi.conf

count() {
	find "$T/data/cache" -path '*/live/*.png' | wc -l
}
rows() {
	as_user sqlite3 -cmd '.timeout 5000' "$T/data/captcha.db" \
		"SELECT count(*) FROM challenge WHERE $1"
}

# these expire while clean runs
for i in 1 2 3 4 5 6 7 8 9 10; do
	get
	echo "$pid $code"
done >"$T/early"

# Two run at once: one waits for the other, or ends with 75 ("try again").
clean() {
	n=0
	while [ ! -e "$T/enough" ]; do
		as_user "$T/captchactl" clean --config "$T/captcha.conf" \
			>"$T/cleaned-$1.log" 2>&1
		code=$?
		[ $code -eq 0 ] || [ $code -eq 75 ] ||
			echo "exit $code: $(cat "$T/cleaned-$1.log")"
		[ $code -ne 0 ] || n=$((n + 1))
		echo $n >"$T/n-$1.new" # never read half written
		mv "$T/n-$1.new" "$T/n-$1"
	done >"$T/failed-$1"
}
clean one &
cleaner_one=$!
clean two &
cleaner_two=$!

n_asked=0
n_shown=0
n_passed=0
# Go on for longer than ttl_s and the five seconds after it in which clean waits,
# and until both have run ten times. Challenges are few at a time, so that a
# slow machine answers them within ttl_s. Where it stops for so long that a
# challenge may have expired, that challenge does not count.
begun=$(date +%s)
is_enough() {
	[ "$n_asked" -ge 16 ] && [ "$(cat "$T/n-one")" -ge 10 ] &&
		[ "$(cat "$T/n-two")" -ge 10 ]
}
while took=$(($(date +%s) - begun)); [ $took -lt 120 ] &&
	{ [ $took -lt 13 ] || ! is_enough; }; do
	: >"$T/batch"
	for i in 1 2 3; do
		issued_s=$(date +%s)
		get
		echo "$issued_s $pid $code" >>"$T/batch"
	done
	while read -r issued_s pid code; do
		request "/image/$pid.png"
		shown=$status
		verify "$pid" "$code"
		[ $(($(date +%s) - issued_s)) -lt 5 ] || continue
		n_asked=$((n_asked + 1))
		[ "$shown" != 200 ] || n_shown=$((n_shown + 1))
		if [ "$(body)" = "$pass" ]; then
			n_passed=$((n_passed + 1))
		else
			echo "# $pid: $status $(body)"
		fi
	done <"$T/batch"
done
touch "$T/enough"
wait "$cleaner_one" "$cleaner_two"

echo "# $n_asked challenges; cleaned $(cat "$T/n-one") + $(cat "$T/n-two") times"
is_enough
result $? 'clean ran while visitors asked'
is 'each live challenge has its picture' "$n_asked" "$n_shown"
is 'and its answer passes' "$n_asked" "$n_passed"
is 'clean never fails' '' "$(cat "$T/failed-one" "$T/failed-two")"

n_left=0
while read -r pid code; do
	[ -z "$(find "$T/data/cache" -name "$pid.png")" ] ||
		n_left=$((n_left + 1))
	[ -z "$(code_of "$pid")" ] || n_left=$((n_left + 1))
done <"$T/early"
is 'no row and no file of an expired challenge is left' 0 "$n_left"

n_used=0
while read -r pid code; do
	request "/image/$pid.png"
	[ "$status" != 404 ] || n_used=$((n_used + 1))
	verify "$pid" "$code"
	[ "$(body)" != "$used" ] || n_used=$((n_used + 1))
done <"$T/early"
is 'they are not shown and do not pass' 20 "$n_used"

# without a service, one clean removes all
get
stop_server
sleep 12.1
succeeds 'a last clean' as_user "$T/captchactl" clean \
	--config "$T/captcha.conf"
is 'no row is left' 0 "$(rows 1)"
is 'and no picture' 0 "$(count)"
finish
