#!/bin/sh
# Machines can be made in a chroot whose / is no mount point, as the build
# directories of some packagers are: three-nodes.sh there.
set -eu
here=$(cd "$(dirname "$0")/../.." && pwd)
builddir=$(cd "${builddir:-$here/build}" && pwd)
PIDS=${PIDS:-50}
export builddir PIDS

bail() {
	echo "Bail out! $*"
	exit 1
}

[ "$(id -u)" -eq 0 ] || bail 'a chroot needs root'
# This is such a chroot already. unshare(1) would not work.
mountpoint -q / || exec "$here/tests/cluster/three-nodes.sh"

tree=$(mktemp -d "${TMPDIR:-/tmp}/captcha-chroot.XXXXXX")
trap 'rmdir "$tree"' EXIT
trap 'exit 130' HUP INT TERM
# The mounts end with their namespace. Only $tree is a mount point, not the
# directory in it.
# shellcheck disable=SC2016 # for the other shell
unshare --mount sh -eu -c '
	mount -t tmpfs tmpfs "$1"
	mkdir "$1/root"
	for top in /*; do
		if [ -h "$top" ] || [ ! -d "$top" ]; then
			cp -a "$top" "$1/root"
		else
			mkdir "$1/root$top"
			mount --rbind "$top" "$1/root$top"
		fi
	done
	exec chroot "$1/root" "$2/tests/cluster/three-nodes.sh"
	' sh "$tree" "$here" || code=$?
exit "${code:-0}"
