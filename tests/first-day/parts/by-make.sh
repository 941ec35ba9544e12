# doc/install.md, "By make", as it stands; plain CGI and cron; mistakes; the end.
# Then what a developer does: warnings are errors, by two compilers.

user=www-data

by_make() {
	copy by-make
	follow $tree "$(block doc/install.md 'By make' 1)"
	is 'make check leaves no process' '' "$(residents)"
	follow / "$(block doc/install.md 'By make' 2)"
	succeeds 'captchactl check finds nothing wrong' in_debian captchactl check
	uid=$(in_debian id -u www-data)
	try_cgi
	try_cron
	for mistake in $mistakes; do
		"$mistake"
	done
	succeeds 'after all mistakes captchactl check finds nothing wrong' \
		in_debian captchactl check
	in_debian service lighttpd stop >"$T/said" 2>&1
	succeeds 'make uninstall' in_debian make -C $tree/build uninstall
	is 'and no file is left but the data' '' \
		"$(find "$root/etc" "$root/usr" -name '*captcha*' \
			! -path '*/lighttpd/*')"
	try_compilers
}

# doc/webservers.md, lighttpd and plain CGI
try_cgi() {
	examples=$(sed -n 's/^    cd //p' "$SRC/doc/webservers.md")
	follow "$examples" "$(block doc/webservers.md lighttpd 2)"
	web=lighttpd
	answered
	rm -rf "$T/crowd"
	visit
}

n_pictures() {
	find "$root/run/captcha-fcgi-cache" -name '*.png' | wc -l
}
has_pictures() {
	[ "$(n_pictures)" -gt 0 ]
}

# cron itself runs the line of each minute
try_cron() {
	must in_debian apt-get install -y cron
	find "$root/run/captcha-fcgi-cache" -name '*.png' -delete
	succeeds 'cron starts' in_debian service cron start
	within 90 has_pictures
	result $? 'cron draws pictures ahead'
	like 'as the user of the web server' "$uid*" \
		"$(stat -c %u "$(find "$root/run/captcha-fcgi-cache" \
			-name '*.png' | head -n 1)")"
	succeeds 'and captchactl check is content' in_debian captchactl check
	# the mistakes below remove directories that it would fill
	must in_debian service cron stop
	wait_for is_unfilled
}
is_unfilled() {
	! grep -qsx captchactl /proc/[0-9]*/comm
}

# check_by CC [TESTS=]: says only what failed
check_by() {
	in_debian env CF_N_PICTURES=2000 CF_FAULT_STEP=100 \
		make -C "$tree/build/$1" -s -k -j"$(nproc)" check $2 \
		>"$T/check.log" 2>&1 && return
	grep -h '^FAIL\|^ERROR' "$T/check.log"
	grep -h -A 12 '^not ok\|FAILED' "$root$tree/build/$1/test-suite.log"
	return 1
}

# All of it, also the tests, by both compilers; the tests run by one.
try_compilers() {
	end_services
	must in_debian apt-get install -y --no-install-recommends \
		$check_packages
	again='script/build --in build/again CFLAGS=-O0'
	succeeds 'other options build all anew' in_debian sh -c "cd $tree &&
		$again && $again --localstatedir=/elsewhere &&
		build/again/captchactl config | grep -q /elsewhere/lib"
	for cc in gcc clang; do
		build="script/build --in build/$cc --enable-werror CC=$cc"
		succeeds "$build" in_debian sh -c "cd $tree && $build"
		tests=
		[ $cc = "$compiler" ] || tests=TESTS=
		succeeds "make check $tests" check_by "$cc" "$tests"
	done
	is 'make check leaves no process' '' "$(residents)"
}
