# Sourced by tests/ports/*.sh: a release of this tree in a clean Debian 12, built
# and tested there. tests/support/debian.sh says what a clean Debian needs.
#
#	ports_begin "$0" "$@"    in namespaces of its own, and then
#	ports_debian [ARCH]      $root, a Debian with the release in $root/release
#	ports_install PACKAGE...
#	build NAME OPTION...     in build/NAME of the release
#	ports_check NAME MAKE-ARGUMENT...
#	ports_shell NAME TEST... of tests/shell
#	finish
. "$(dirname "$0")/../servers/lib.sh"
. "$SRC/tests/support/debian.sh"

# ports_begin PROGRAM [inside]: make a release, and run PROGRAM again inside; or go
# on, if this is inside
ports_begin() {
	[ $# -eq 1 ] || return 0
	why=$(debian_needs)
	[ ! "$why" ] || {
		echo "1..0 # SKIP $why"
		exit 0
	}
	debian_enclose "$1" inside
	exit
}

# libraries: those with which script/setup builds, and those of unit tests
libraries() {
	sed -n '/^packages=/,/"$/p' "$SRC/script/setup" |
		grep -oE '(lib|zlib)[a-z0-9]+-dev' | grep -vx libc6-dev
	echo libcmocka-dev libpng-dev libfcgi-dev
}

# ports_debian [ARCH]
ports_debian() {
	root=$T/debian
	debian_make "$root" bookworm ${1+"$1"} ||
		bail 'no clean Debian'
	# A library has one version for all processors. Updates of the release
	# reach them one after the other.
	sed -i '/ bookworm /!d' "$root/etc/apt/sources.list"
	# terminals, and the memory that processes share
	mount --rbind /dev "$root/dev" || bail 'mount /dev'
	make -C "$builddir" -s distdir distdir="$root/release" \
		>"$T/release.log" 2>&1 || bail "make -C $builddir distdir"
}

# ports_install PACKAGE...
ports_install() {
	debian_quietly debian "$root" apt-get update || bail 'no packages'
	debian_quietly debian "$root" apt-get install -y --no-install-recommends \
		"$@" || bail 'no packages'
}

# in_release COMMAND...
in_release() {
	debian "$root" env -C /release "$@"
}

# build NAME OPTION...: with warnings as errors, and with the programs of the tests
build() {
	build_name=$1
	build_log=$T/build-$1
	shift
	in_release script/build --in "build/$build_name" --enable-werror "$@" \
		>"$build_log" 2>&1 &&
		in_release make -C "build/$build_name" -s -k -j"$(nproc)" check \
			TESTS= >>"$build_log" 2>&1
	result $? "$build_name: it builds without a warning" \
		"$(tail -n 30 "$build_log")"
}

# count NAME FILE: each line "PASS: ...", "FAIL: ..." or the like is a test
count() {
	grep -E '^(PASS|XFAIL|FAIL|XPASS|ERROR|SKIP): ' "$2" >"$T/results"
	while read -r verdict count_name; do
		case $verdict in
		PASS: | XFAIL:) result 0 "$1: $count_name" ;;
		SKIP:) skip "$1: $count_name" ;;
		*) result 1 "$1: $count_name" ;;
		esac
	done <"$T/results"
	[ -s "$T/results" ] || result 1 "$1: no test has run" "$(tail "$2")"
}

# ports_check NAME MAKE-ARGUMENT...: `make check`
ports_check() {
	check_name=$1
	shift
	in_release make -C "build/$check_name" -k -j"$(nproc)" check "$@" \
		>"$T/check-$check_name" 2>&1
	count "$check_name" "$T/check-$check_name"
	sed -n 's/^\(FAIL\|ERROR\|SKIP\): \([^ ]*\) .*/\2/p' "$T/results" | sort -u |
		sed 's/\.sh$//' | while read -r check_test; do
			echo "# --- $check_name $check_test"
			tail -n 60 "$root/release/build/$check_name/$check_test.log" |
				sed 's/^/# /'
		done
}

# ports_shell NAME TEST...: with the programs in by-qemu/NAME. qemu has no filter
# of system calls. The service logs that, so a test of an empty log is left out.
ports_shell() {
	shell_name=$1
	shift
	for shell_test; do
		in_release env CF_SRCDIR=/release \
			CF_BUILDDIR="/by-qemu/$shell_name" \
			sh "tests/shell/$shell_test" >"$T/shell" 2>&1
		sed "/: nothing was logged\$/d
			s/^ok [0-9]* -/PASS: $shell_test/
			s/^not ok [0-9]* -/FAIL: $shell_test/
			s/^ok [0-9]* # SKIP/SKIP: $shell_test/" "$T/shell" \
			>"$T/verdicts"
		count "$shell_name" "$T/verdicts"
		grep -q '^1\.\.[1-9]' "$T/shell" ||
			result 1 "$shell_name: $shell_test comes to its end"
		! grep -q '^FAIL' "$T/verdicts" || sed 's/^/# /' "$T/shell"
	done
}
