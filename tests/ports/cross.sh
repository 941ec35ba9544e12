#!/bin/sh
# arm64, where char is unsigned, and s390x, whose numbers begin with the highest
# byte: built by Debian's cross compilers, and run by qemu.
#
# This machine's kernel does not know programs for other processors, so qemu runs
# each by its name. t0001-ctl.sh has the sums of pictures for all processors.
. "$(dirname "$0")/lib.sh"

left_out="%/test_sandbox %/test_puzzle %/test_redis %/test_redis_cluster"
left_out="$left_out %/test_redis_sentinel %/test_prefork"

# try ARCH MACHINE QEMU
try() {
	arch=$1
	machine=$2
	qemu=$3
	build "$arch" --enable-static-libs --host="$machine" \
		--build="$(in_release gcc -dumpmachine)" \
		PKG_CONFIG_LIBDIR="/usr/lib/$machine/pkgconfig"
	# A filter of system calls would be qemu's. A server of Redis would be of
	# this machine. test_puzzle draws a million codes and compares their number.
	# In test_prefork qemu gives a process a signal that it has blocked, now
	# and then.
	ports_check "$arch" LOG_COMPILER="$qemu" CF_N_PICTURES=20 \
		TESTS="\$(filter-out $left_out,\$(UNIT_TESTS)) \$(FUZZ_TESTS)"
	mkdir -p "$root/by-qemu/$arch"
	for program in captchactl captcha.fcgi; do
		printf '#!/bin/sh\nexec %s /release/build/%s/%s "$@"\n' \
			"$qemu" "$arch" $program >"$root/by-qemu/$arch/$program"
		chmod 755 "$root/by-qemu/$arch/$program"
	done
	ports_shell "$arch" t0001-ctl.sh t0002-flow.sh
}

ports_begin "$0" "$@"
ports_debian
packages=
for arch in arm64 s390x; do
	debian "$root" dpkg --add-architecture $arch
	for library in $(libraries); do
		packages="$packages $library:$arch"
	done
done
# shellcheck disable=SC2086
ports_install make gcc libc6-dev pkg-config libfcgi-bin spawn-fcgi sqlite3 \
	python3 qemu-user-static gcc-aarch64-linux-gnu libc6-dev-arm64-cross \
	gcc-s390x-linux-gnu libc6-dev-s390x-cross $packages
try arm64 aarch64-linux-gnu qemu-aarch64-static
try s390x s390x-linux-gnu qemu-s390x-static
finish
