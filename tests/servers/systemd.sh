#!/bin/sh
# deploy/systemd: systemd reads the units without complaint, the timers fire in
# time, and the services are shut in.
. "$(dirname "$0")/lib.sh"

prepare
units="captcha-fcgi.socket captcha-fcgi.service captcha-clean.timer
	captcha-clean.service captcha-fill.timer captcha-fill.service"
mkdir "$T/units"
for unit in $units; do
	ship "deploy/systemd/$unit"
	cp "$shipped" "$T/units/$unit"
done
# the man pages need not be installed here
sed -i '/^Documentation=/d' "$T/units/"*
for unit in $units; do
	# without warnings about other units of this machine
	said=$(SYSTEMD_UNIT_PATH="$T/units:" systemd-analyze verify \
		--recursive-errors=no "$T/units/$unit" 2>&1)
	code=$?
	is "$unit is in order" '0 ' "$code $said"
done

# elapses UNIT N: the next N moments after midnight of 2027-01-01, UTC
elapses() {
	TZ=UTC systemd-analyze calendar --iterations="$2" \
		--base-time='2027-01-01 00:00:00' \
		"$(sed -n 's/^OnCalendar=//p' "$T/units/$1")" |
		sed -n 's/.*\(Next elapse\|Iter\. #[0-9]*\): ... \(.* UTC\)$/\2/p'
}
elapses captcha-clean.timer 400 >"$T/clean"
is 'clean fires 400 times' 400 "$(wc -l <"$T/clean")"
is 'on 400 days' 400 "$(cut -d ' ' -f 1 "$T/clean" | sort -u | wc -l)"
is 'at two in the morning' 02:00:00 "$(cut -d ' ' -f 2 "$T/clean" | sort -u)"
is 'the next of them' '2027-01-01 02:00:00 UTC' "$(head -n 1 "$T/clean")"
is 'and makes up for a night when the machine was off' true \
	"$(sed -n 's/^Persistent=//p' "$T/units/captcha-clean.timer")"
is 'and after a boot, when memory has no sounds' 1min \
	"$(sed -n 's/^OnBootSec=//p' "$T/units/captcha-clean.timer")"
elapses captcha-fill.timer 1440 >"$T/fill"
is 'fill fires each minute of a day' 1440 "$(sort -u "$T/fill" | wc -l)"
is 'the last of them' '2027-01-02 00:00:00 UTC' "$(tail -n 1 "$T/fill")"

# the commands of the services
"$T/captchactl" clean --config "$T/captcha.conf" >"$T/none"
for job in fill clean; do
	sed -n 's/^ExecStart=-\{0,1\}//p' "$T/units/captcha-$job.service" \
		>"$T/commands"
	while read -r command; do
		# shellcheck disable=SC2086
		as_user env -i PATH="$PATH" $command >"$T/said" 2>&1 </dev/null
		is "$(echo "$command" | cut -d ' ' -f 2-3) succeeds" 0 $?
	done <"$T/commands"
done

# a reload tries the settings first
command=$(sed -n 's/^ExecReload=//p' "$T/units/captcha-fcgi.service")
first=${command%%
*}
is 'a reload tries the settings of the start' \
	"$(sed -n 's/^ExecStart=\(.*\) --listen .*/\1/p' \
		"$T/units/captcha-fcgi.service") --check" "$first"
is 'and then signals the master' '/bin/sh -c "kill -HUP $MAINPID"' "${command#*
}"
# shellcheck disable=SC2086
as_user env -i $first >"$T/said" 2>&1
is 'right settings pass' '0 ' "$? $(cat "$T/said")"
cp "$T/captcha.conf" "$T/good.conf"
echo 'ttl_s = soon' >>"$T/captcha.conf"
# shellcheck disable=SC2086
as_user env -i $first >"$T/said" 2>&1
like 'wrong settings do not, with file, line and key' \
	"78 *$T/captcha.conf:*ttl_s*" "$? $(cat "$T/said")"
cp "$T/good.conf" "$T/captcha.conf"
is 'the service tells when it has started, and lets systemd watch it' \
	'notify 60' "$(sed -n 's/^\(Type\|WatchdogSec\)=//p' \
		"$T/units/captcha-fcgi.service" | xargs)"

# the directory of pictures, which is missing after each boot
ship deploy/systemd/captcha-fcgi.conf
sed -i "s/ www-data www-data / $user $(id -gn "$user") /" "$shipped"
rm -rf "$T/data/cache"
is 'tmpfiles.d makes the directory of pictures' "$user 700 " \
	"$(systemd-tmpfiles --create "$shipped" 2>"$T/said"
	stat -c '%U %a' "$T/data/cache") $(cat "$T/said")"
for unit in captcha-fcgi captcha-fill captcha-clean; do
	is "$unit.service makes it too, and does not take it away" \
		'captcha-fcgi-cache 0700 yes' "$(sed -n \
		's/^RuntimeDirectory[A-Z]*[a-z]*=//p' \
		"$SRC/deploy/systemd/$unit.service" | xargs)"
done

# 0 is closed, 10 is open; systemd calls less than 2 "SAFE"
for job in fcgi fill clean; do
	exposure=$(systemd-analyze security --offline=true \
		"$T/units/captcha-$job.service" 2>&1 |
		sed -n 's/.*exposure level for .*: \([0-9.]*\) .*/\1/p')
	succeeds "captcha-$job.service is exposed to little: $exposure of 10" \
		awk "BEGIN { exit !(\"$exposure\" != \"\" && $exposure < 1.5) }"
done
# not in @system-service of older versions of systemd
like 'the service may shut itself in' \
	'*seccomp landlock_create_ruleset landlock_add_rule landlock_restrict_self*' \
	"$(grep ^SystemCallFilter= "$T/units/captcha-fcgi.service")"
finish
