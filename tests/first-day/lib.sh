# Sourced by tests/first-day/*.sh: the first day of an operator and of a developer
# on a clean Debian. The commands are those of README.md and doc/*.md: a test
# takes them from there, so that a page cannot promise what does not work.
#
#	. "$(dirname "$0")/lib.sh"
#	first_day bookworm clang "$@"
#
# With the network: a clean Debian, the package is built, other packages are
# fetched. Without a network, so that all ports are free: the parts, each in a
# copy of the clean Debian.
. "$(dirname "$0")/../servers/lib.sh"
. "$SRC/tests/support/debian.sh"
for part in "$SRC"/tests/first-day/parts/*.sh; do
	. "$part"
done

tree=/srv/captcha-fcgi # the sources, in the clean Debian
# beside those of script/setup, for make check and its shell tests
check_packages='clang libcmocka-dev libpng-dev sqlite3 python3 libfcgi-bin
	spawn-fcgi'
boot_packages='systemd systemd-sysv systemd-container dbus curl'

# first_day RELEASE COMPILER [STEP]: COMPILER is that of `make check`
first_day() {
	release=$1
	compiler=$2
	is_offline=
	case ${3-} in
	'')
		why=$(debian_needs)
		[ ! "$why" ] || {
			echo "1..0 # SKIP $why"
			exit 0
		}
		debian_enclose "$0" fetch
		;;
	fetch)
		fetch
		debian_offline "$0" walk
		;;
	walk)
		is_offline=yes
		url=http://127.0.0.1/captcha
		for part in ${PARTS-try_it package booted by_make}; do
			began=$(date +%s)
			"$part"
			echo "# $part: $(($(date +%s) - began)) s"
			end_services
		done
		finish
		;;
	esac
}

# --- commands of pages ------------------------------------------------------

# block PAGE HEADING N: the Nth indented block below a heading
block() {
	awk -v heading="## $2" -v wanted="$3" '
		/^## / { is_there = $0 == heading; n = 0 }
		!/^    / { is_inside = 0; next }
		!is_inside { is_inside = 1; n++ }
		is_there && n == wanted { print substr($0, 5) }' \
		"$SRC/$1" | grep . || bail "$1: no block $3 below \"$2\""
}

# for_debian COMMAND: as a Debian without systemd says it
for_debian() {
	echo "$1" | sed 's/systemctl \(restart\|reload\) \([a-z0-9-]*\)/service \2 \1/g
		s/apt-get install/& -y/'
}

# follow DIRECTORY BLOCK: run each line there, as root, in $root
follow() {
	while read -r line <&3; do
		succeeds "$line" in_debian sh -c \
			"cd $1 && $(for_debian "$line")"
	done 3<<-END
		$2
	END
}

# --- a clean Debian ---------------------------------------------------------

# must COMMAND...: without its success the test cannot go on
must() {
	"$@" >"$T/said" 2>&1 || {
		tail -n 40 "$T/said" | sed 's/^/# /'
		bail "$*"
	}
}

# in_debian COMMAND...: in $root
in_debian() {
	debian "$root" "$@"
}

# copy NAME: a new $root, with the packages that were fetched
copy() {
	root=$T/$1
	debian_copy "$T/base" "$root" &&
		mount --bind "$T/archives" "$root/var/cache/apt/archives" ||
		bail 'no copy of a Debian'
	# retries of apt are for a network
	[ ! "$is_offline" ] ||
		echo 'Acquire::Retries "0";' >"$root/etc/apt/apt.conf.d/99offline"
}

# the files that git would give, with uncommitted changes
give_sources() {
	mkdir -p "$T/base$tree"
	if [ -e "$SRC/.git" ]; then
		git -C "$SRC" ls-files | tar -C "$SRC" -c -T -
	else
		tar -C "$SRC" -c --exclude=./build --exclude=./var \
			--exclude=./test-output .
	fi | tar -C "$T/base$tree" -x --no-same-owner
}

# fetch_packages COMMAND...: COMMAND would install packages; as nobody it prints
# how root would, and so they are only downloaded
fetch_packages() {
	said=$(in_debian setpriv --reuid=nobody --clear-groups "$@" 2>&1)
	command=${said#*as root, run: }
	[ "$command" != "$said" ] || bail "$*: does not say how: $said"
	must in_debian $command -y --download-only
}

fetch() {
	echo "# $release, $compiler"
	began=$(date +%s)
	root=$T/base
	debian_make "$root" "$release" || bail 'no clean Debian'
	give_sources
	mkdir -p "$T/archives/partial"
	copy fetched
	# for script/server, doc/install.md and make check
	fetch_packages "$tree/script/setup"
	must in_debian apt-get install -y --download-only cron $boot_packages
	must in_debian apt-get install -y --download-only \
		--no-install-recommends $check_packages
	echo "# a clean Debian: $(($(date +%s) - began)) s"

	began=$(date +%s)
	copy built
	command=$(block doc/install.md 'The Debian package' 1 |
		sed -n '/^script/p')
	# make check has a part of its own
	must in_debian sh -c "cd $tree && DEB_BUILD_OPTIONS=nocheck $command"
	cp "$root$tree"/build/captcha-fcgi_*.deb "$T" || bail "$command: no .deb"
	echo "# $command: $(($(date +%s) - began)) s"
	for web in apache2 lighttpd nginx; do
		cp "$T"/captcha-fcgi_*.deb "$T/fetched/captcha-fcgi.deb"
		root=$T/fetched
		must in_debian apt-get install -y --download-only \
			/captcha-fcgi.deb $web
	done
}

# --- processes in it --------------------------------------------------------

# services: the pids of captcha.fcgi
services() {
	for exe in /proc/[0-9]*/exe; do
		case $(readlink "$exe" 2>&1) in
		*/captcha.fcgi*) echo "$exe" | cut -d / -f 3 ;;
		esac
	done
}

# residents: the pids of processes whose root is $root
residents() {
	for link in /proc/[0-9]*/root; do
		[ "$(readlink "$link")" != "$root" ] ||
			echo "$link" | cut -d / -f 3
	done
}

# End what a part has left, so that its ports are free.
end_services() {
	for _ in $(seq 600); do
		left=$(residents)
		[ "$left" ] || return
		# shellcheck disable=SC2086
		kill -KILL $left 2>/dev/null
		sleep 0.1
	done
}
