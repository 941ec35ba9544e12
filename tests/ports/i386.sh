#!/bin/sh
# i386: size_t, long and pointers have 32 bits. The processor of an amd64 machine
# runs its programs as they are, so this is the whole of `make check`.
. "$(dirname "$0")/lib.sh"

ports_begin "$0" "$@"
ports_debian i386
# shellcheck disable=SC2046
ports_install gcc libc6-dev make pkg-config $(libraries) \
	libfcgi-bin spawn-fcgi sqlite3 redis-server prometheus curl procps \
	python3 strace fonts-wqy-microhei man-db groff-base mandoc
build i386 --enable-static-libs
# a C library that knows no _TIME_BITS
cat >"$root/old-cc" <<'END'
#!/bin/sh
for argument; do
	shift
	[ "$argument" = -D_TIME_BITS=64 ] || set -- "$@" "$argument"
done
exec gcc "$@"
END
chmod 755 "$root/old-cc"
mkdir -p "$root/release/build/old"
like 'configure refuses a time_t of 32 bits' '*time_t has 32 bits*' \
	"$(in_release env -C build/old ../../configure -q CC=/old-cc 2>&1)"
# not the 10,000 pictures, and each seventh fault, of a plain `make check`
ports_check i386 CF_N_PICTURES=300 CF_FAULT_STEP=100
finish
