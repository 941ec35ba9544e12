#!/bin/sh
# cron/captcha-fcgi: when its lines fire, and what their commands do. Lines are
# read as in crontab(5).
. "$(dirname "$0")/lib.sh"

prepare
ship cron/captcha-fcgi
crontab=$shipped

# line WORD: the entry whose command has that word
line() {
	grep -E '^[^#A-Z]' "$crontab" | grep " $1 "
}
# command WORD: the command of that entry, after five fields and the user
command() {
	line "$1" | sed 's/^\([^ 	]*[ 	]*\)\{6\}//'
}

is 'the file has four entries' 4 "$(grep -c -E '^[^#A-Z]' "$crontab")"
is 'two run as the user of the web server' 'www-data www-data' \
	"$(grep -E '^[0-9*]' "$crontab" | awk '{ print $6 }' | xargs)"
is 'and two at each boot, as root' '@reboot root @reboot root' \
	"$(grep '^@reboot' "$crontab" | awk '{ print $1, $2 }' | xargs)"
is 'no command has a %, which would end it' '' \
	"$(grep -E '^[^#A-Z]' "$crontab" | grep %)"
is 'the file ends with a line feed, or cron would ignore it' '' \
	"$(tail -c 1 "$SRC/cron/captcha-fcgi")"

is 'clean fires each day at two in the morning' '0 2 * * *' \
	"$(line clean | awk '{ print $1, $2, $3, $4, $5 }')"
is 'fill fires each minute' '* * * * *' \
	"$(line fill | awk '{ print $1, $2, $3, $4, $5 }')"

# --- the commands, as cron runs them: by SHELL, with nothing but PATH ---

run() {
	as_user env -i SHELL=/bin/sh HOME=/ LOGNAME="$user" \
		PATH="$(sed -n 's/^PATH=//p' "$crontab")" \
		"$(sed -n 's/^SHELL=//p' "$crontab")" -c "$(command "$1")" 2>&1
}
count() {
	find "$T/data/cache" -path "*/$1/*.png" | wc -l
}

rm -rf "$T/data/cache" # as a boot does
at_boot=$(line init | sed -e 's/^@reboot	root	//' \
	-e "s/--user www-data/--user $user/")
said=$(env -i PATH="$(sed -n 's/^PATH=//p' "$crontab")" \
	sh -c "${at_boot#*|| }" 2>&1)
is 'at boot the directory of pictures is made, quietly' "0 $user 700 " \
	"$? $(stat -c '%U %a' "$T/data/cache") $said"
said=$(run fill)
is 'fill succeeds' 0 $?
is 'and prints nothing, or cron would mail it' '' "$said"
is 'and the pool is full' 40 "$(count 'ready-*')"

echo 'ttl_s = 1' >>"$T/captcha.conf"
start_listening --workers 1
ship deploy/lighttpd/captcha-fastcgi.conf
sed -i '/bin-path/d; /bin-env/d; /max-procs/d' "$shipped"
start_lighttpd "$shipped"
get
is 'a challenge is issued' 200 "$status"
stop "$server"
stop "$service" # which would also sweep
touch -d '3 days ago' "$T/data/cache/"*/ready-*/*
mkdir -m 700 "$T/data/cache/2026-01-02" "$T/data/cache/2026-01-02/ready-1a2b3c"
[ "$(id -u)" -ne 0 ] || chown -R "$user:" "$T/data/cache/2026-01-02"
sleep 7.1 # clean removes what is older than ttl_s + 5 s
said=$(run clean)
is 'clean succeeds' 0 $?
is 'and prints nothing' '' "$said"
is 'no expired challenge is left' 0 \
	"$(as_user sqlite3 "$T/data/captcha.db" 'SELECT count(*) FROM challenge')"
is 'nor its picture' 0 "$(count live)"
succeeds 'and no directory of a past day' test ! -e "$T/data/cache/2026-01-02"
echo 'ttl_s = soon' >>"$T/captcha.conf"
said=$(run clean)
code=$?
like 'a wrong setting is named' "*ttl_s*" "$said"
is 'with an exit code' 78 "$code"
rm "$T/captchactl"
said=$(run clean && run fill)
is 'a program that was removed is no error' '0 ' "$? $said"
finish
