# Sourced by tests that need a clean Debian of their own: debootstrap's smallest,
# from this machine's mirror. Needs root.
#
#	. "$SRC/tests/support/debian.sh"
#	debian_enclose "$0" inside    the script again, in namespaces of its own
#	debian_make "$T/base" trixie i386
#	debian_copy "$T/base" "$T/copy"
#	debian "$T/copy" apt-get install -y nginx
#	debian_offline "$0" visit     the script again, without a network
#
# The kernel ends all processes and takes all mounts away when the first process
# inside ends, or when the test is killed.

# debian_needs: what keeps this machine from making a Debian, or nothing
debian_needs() {
	if [ "$(id -u)" -ne 0 ]; then
		echo 'debootstrap needs root'
	elif ! command -v debootstrap >/dev/null; then
		echo 'no debootstrap: script/setup --test installs it'
	elif ! mountpoint -q /; then
		echo '/ is no mount point, so mounts cannot be kept private:' \
			'outside of the chroot, run mount --bind DIR DIR first'
	fi
}

# debian_enclose COMMAND...: run COMMAND in mount and pid namespaces of its own,
# with a tmpfs in $T. The result is its exit code.
debian_enclose() {
	T=$(mktemp -d "${TMPDIR:-/tmp}/captcha-debian.XXXXXX") || return 1
	export T
	trap 'rmdir "$T"' EXIT
	# This shell is process 1: it reaps daemons.
	setpriv --pdeathsig KILL \
		unshare --mount --pid --fork --kill-child --mount-proc sh -c '
			mount -t tmpfs -o mode=755 tmpfs "$T" && "$@"
			exit $?' sh "$@" &
	debian_inside=$!
	trap 'kill -KILL $debian_inside; exit 130' HUP INT PIPE TERM
	debian_code=0
	wait $debian_inside || debian_code=$?
	return $debian_code
}

# debian_sources RELEASE: this machine's apt sources, for RELEASE
debian_sources() {
	apt-get indextargets \
		--format '$(ORIGIN) deb $(REPO_URI) $(RELEASE) $(COMPONENT)' \
		'Created-By: Packages' | sed -n "s/^Debian //
			s/ $(sed -n 's/^VERSION_CODENAME=//p' /etc/os-release)/ $1/p"
}

# debian_quietly COMMAND...: print what it says only if it fails
debian_quietly() {
	"$@" >"$T/debian.log" 2>&1 && return
	{
		echo "$* failed:"
		tail -n 40 "$T/debian.log"
	} | sed 's/^/# /' >&2
	return 1
}

# debian_make ROOT RELEASE [ARCH]: services start there as on a machine, though no
# init runs. An index that the mirror cannot give is left out, with a note.
debian_make() {
	debian_mirror=$(debian_sources "$2" | awk '{ print $2; exit }')
	[ "$debian_mirror" ] || {
		echo "# apt has no source of Debian, so there is no mirror" >&2
		return 1
	}
	# a mount point, so that programs there can keep mounts private
	mkdir -p "$1" && mount --bind "$1" "$1" || return 1
	debian_quietly debootstrap --variant=minbase ${3:+"--arch=$3"} "$2" "$1" \
		"$debian_mirror" || return 1
	debian_sources "$2" >"$1/etc/apt/sources.list"
	{
		apt-config dump |
			grep -E '^Acquire::(http|https|Check-[A-Za-z-]*)[ :]'
		echo 'Acquire::Retries "3";'
	} >"$1/etc/apt/apt.conf.d/90machine"
	# as an installer of Debian leaves it
	echo '127.0.0.1 localhost' >"$1/etc/hosts"
	# without an init, services start only if a policy allows it
	printf '#!/bin/sh\nexit 0\n' >"$1/usr/sbin/policy-rc.d"
	chmod 755 "$1/usr/sbin/policy-rc.d"
	debian_mount "$1" || return 1
	debian_quietly debian "$1" apt-get update || :
}

# debian_mount ROOT: what programs expect: processes, and terminals for script(1)
debian_mount() {
	mount -t proc proc "$1/proc" &&
		mount -t devpts -o newinstance,ptmxmode=666 devpts "$1/dev/pts"
}

# debian ROOT COMMAND...
debian() {
	debian_root=$1
	shift
	chroot "$debian_root" env -i LC_ALL=C DEBIAN_FRONTEND=noninteractive \
		HOME=/root PATH=/usr/sbin:/usr/bin:/sbin:/bin "$@" </dev/null
}

# debian_copy BASE ROOT: what is changed in ROOT is not changed in BASE. BASE must
# not change any more.
debian_copy() {
	mkdir "$2" "$2.over" "$2.work" &&
		mount -t overlay -o \
			"lowerdir=$1,upperdir=$2.over,workdir=$2.work" \
			overlay "$2" &&
		debian_mount "$2"
}

# debian_offline COMMAND...: run COMMAND with no network but a loopback
debian_offline() {
	unshare --net sh -c 'ip link set lo up && exec "$@"' sh "$@"
}
