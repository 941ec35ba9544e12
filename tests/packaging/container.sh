#!/bin/sh
# The container image that script/image has built: its size, and whether it serves
# as an engine would run it: with a read-only root, as a user without
# capabilities, writing only to its volumes. With SQLite and with Redis: a whole
# visit, faults, the end.
#
# There is no engine. The test takes file system, user, volumes and command from
# the image, and makes namespaces by unshare, with no network but a loopback.
. "$(dirname "$0")/../servers/lib.sh"

work=$SRC/build/image
base=docker.io/library/debian:12-slim
most_kb=58593 # 60 MB

# The same as in script/image.
buildah() {
	command buildah --root "$work/store" --runroot "$work/run" \
		--storage-driver vfs "$@"
}

# told FORMAT: a property of the image
told() {
	buildah inspect --type image --format "$1" captcha-fcgi
}

size_kb() { # DIRECTORY
	du -sk "$1" | cut -f 1
}

# --- a container --------------------------------------------------------------

# contain COMMAND...: run a command as an engine does, in the namespaces of the
# caller, with the volumes of $T/volumes
contain() {
	mount --bind "$root" "$T/fs" &&
		mount -o remount,bind,ro "$T/fs" || bail 'mount the root'
	for volume in $volumes; do
		mount --bind "$T/volumes$volume" "$T/fs$volume" ||
			bail "mount $volume"
	done
	mount -t proc proc "$T/fs/proc" &&
		mount -t tmpfs -o mode=755 tmpfs "$T/fs/dev" ||
		bail 'mount /proc and /dev'
	for device in null zero random urandom; do
		: >"$T/fs/dev/$device"
		mount --bind "/dev/$device" "$T/fs/dev/$device"
	done
	# engines mount this file, too
	mount --bind "$T/hosts" "$T/fs/etc/hosts" || bail 'mount hosts'
	exec chroot "$T/fs" setpriv --reuid="$uid" --regid="$uid" \
		--clear-groups --bounding-set=-all --inh-caps=-all \
		--no-new-privs "$@"
}

# set_up OWNER MODE: the volumes, empty
set_up() {
	rm -rf "$T/volumes"
	for volume in $volumes; do
		mkdir -p "$T/volumes$volume"
		chown "$1" "$T/volumes$volume"
		chmod "$2" "$T/volumes$volume"
	done
}

# run_in OPTION ARGUMENT...: run a container. OPTION is one of unshare, for its
# namespaces. The ARGUMENTs are settings and a command, for env.
run_in() {
	namespaces=$1
	shift
	export T root volumes uid variables
	# shellcheck disable=SC2086
	set -- "$0" contain env -i $variables "$@"
	case $namespaces in
	*--pid*) set -- --fork --kill-child "$@" ;;
	esac
	# shellcheck disable=SC2086
	unshare $namespaces "$@"
}

# contained: the processes in the container
contained() {
	for link in /proc/[0-9]*/root; do
		[ "$(readlink "$link")" = "$T/fs" ] || continue
		echo "$link" | cut -d / -f 3
	done
}
# named COMMAND: the processes in the container that run COMMAND
named() {
	contained | while read -r pid; do
		[ "$(cat "/proc/$pid/comm")" != "$1" ] || echo "$pid"
	done
}
services() {
	named captcha.fcgi
}
nothing_runs() {
	[ -z "$(contained)" ]
}

# run OPTION [SETTING]...: as run_in, in the background, until it answers:
# $container; $first is its first process
run() {
	run_options=$1
	shift
	start "$T/container.log" "$0" run "$T" "$run_options" "$@" \
		"$entrypoint"
	container=$started
	wait_for answers || {
		tail -n 20 "$T/container.log" | sed 's/^/# /'
		bail "the container does not answer at $url/healthz"
	}
	first=$(named captcha-serve)
}

# night SETTING...: run the command of the CronJob of deploy/kubernetes
night() {
	command=$(sed -n 's/.*command: \[sh, -c, \(.*\)\]/\1/p' \
		"$SRC/deploy/kubernetes/base/nightly.yaml")
	said=$("$0" run "$T" '--mount --pid' "$@" sh -c "$command" 2>&1)
	is 'the nightly job succeeds' 0 $?
	like 'and prints what it removed and checked' 'removed *ok *pool *' \
		"$(echo "$said" | tr '\n' ' ')"
}

# status_of FIELD...: its values in /proc/PID/status of all processes in the
# container, each once
status_of() {
	for field; do
		for pid in $(contained); do
			sed -n "s/^$field:[	 ]*//p" "/proc/$pid/status"
		done | sort -u | tr '\n' ' '
	done
}

# probe ARGUMENT...: captcha-probe, inside the container
probe() {
	# shellcheck disable=SC2086
	nsenter --target "$first" --mount --net chroot "$T/fs" \
		setpriv --reuid="$uid" --regid="$uid" --clear-groups \
		env -i $variables captcha-probe "$@"
}
is_unwell() {
	request /healthz
	[ "$status" = 503 ]
}

# ended NAME: wait until the container has ended, with $code
ended() {
	wait_for is_stopped "$container"
	result $? "$1"
	code=0
	wait "$container" || code=$?
	stop "$container"
}

is_off() {
	curl -s -m 5 -o "$T/none" "$url/healthz"
	[ $? -eq 7 ]
}

# --- cases --------------------------------------------------------------------

look_at_image() {
	image_kb=$(size_kb "$root")
	base_kb=$(size_kb "$base_root")
	beyond_kb=$((image_kb - base_kb))
	echo "# $beyond_kb kB beyond the $base_kb kB of $base"
	succeeds 'the image is at most 60 MB larger than its base' \
		test $beyond_kb -gt 0 -a $beyond_kb -le $most_kb
	like 'its user is a number other than 0' '[1-9]*:[1-9]*' \
		"$(told '{{.OCIv1.Config.User}}')"
	is 'its port' 8080/tcp \
		"$(told '{{range $k, $v := .OCIv1.Config.ExposedPorts}}{{$k}}{{end}}')"
	is 'it has a health check for Docker' '[CMD captcha-probe /captcha/healthz]' \
		"$(told '{{.Docker.Config.Healthcheck.Test}}')"
	is 'no compiler, no curl and no source is in it' '' \
		"$(cd "$root" && ls -d usr/bin/*gcc* usr/bin/make usr/bin/curl \
			source usr/include/png.h 2>/dev/null)"
	is 'and no address of a mirror of this machine' '' \
		"$(grep -rl -F -f "$T/mirrors" "$root/etc" "$root/var")"
}

look_at_rights() {
	is 'all processes run as that user' "$uid $uid $uid $uid " \
		"$(status_of Uid | tr '\t' ' ')"
	is 'without capabilities, and no program can give them any' \
		'0000000000000000 0000000000000000 1 ' \
		"$(status_of CapEff CapBnd NoNewPrivs)"
	like 'its root is read-only' 'ro,*' \
		"$(awk '$5 == "/" { print $6 }' "/proc/$first/mountinfo" |
			tail -n 1)"
	kb=0
	for pid in $(contained); do
		pss=$(awk '$1 == "Pss:" { print $2 }' "/proc/$pid/smaps_rollup")
		kb=$((kb + pss))
	done
	echo "# memory of its $(contained | wc -l) processes: $kb kB;" \
		"volumes: $(size_kb "$T/volumes") kB"
	succeeds 'its processes fit well into the limit of deploy/kubernetes' \
		test $kb -gt 0 -a $kb -lt 65536
}

sqlite_code_of() {
	setpriv --reuid="$uid" --regid="$uid" --clear-groups \
		sqlite3 -cmd '.timeout 5000' \
		"$T/volumes/var/lib/captcha-fcgi/captcha.db" \
		"SELECT code FROM challenge WHERE pid = '$1'" 2>>"$T/sqlite.log"
}

# Its first process is not process 1, as in a pod with shared processes. So the
# kernel does not end its children with it.
try_sqlite() {
	echo '# SQLite'
	code_of() {
		sqlite_code_of "$1"
	}
	# owner and mode that Docker gives volumes
	set_up "$uid:$uid" 700
	chmod 1777 "$T/volumes/tmp"
	run --mount CAPTCHA_LOG_LEVEL=info
	visit
	look_at_rights
	request / -o "$T/none"
	is '/ leads to the demo page' '302 /captcha/demo' \
		"$status $(header location)"
	like 'a setting of the environment is in force' '*level=info*' \
		"$(grep event=request "$T/container.log" | head -n 1)"
	succeeds 'the probe succeeds' wait_for probe /captcha/healthz
	night

	# The container gets SIGTERM while it has half of a request.
	get
	mkfifo "$T/pipe"
	curl -s -m 60 -o "$T/late" -X POST -T . "$url/verification/check" \
		-H 'Content-Type: application/x-www-form-urlencoded' \
		<"$T/pipe" 2>"$T/curl.log" &
	late=$!
	exec 9>"$T/pipe"
	printf 'pid=%s&' "$pid" >&9
	wait_for is_read || bail 'a part of a request does not arrive'
	kill -TERM "$first"
	wait_for is_off
	result $? 'after SIGTERM it takes no new requests'
	printf 'code=%s' "$code" >&9
	exec 9>&-
	wait "$late"
	is 'and answers the open request' "$pass" "$(cat "$T/late")"
	ended 'and it ends'
	is 'well' 0 "$code"
	wait_for nothing_runs
	result $? 'and leaves no process behind' "$(contained)"
}

# The server has received bytes, and has read them all.
is_read() {
	ss -H -t -n -i -O state established "( sport = :8080 )" |
		grep -q '^0 .*bytes_received:[1-9]'
}

try_redis() {
	echo '# Redis'
	start_redis
	code_of() {
		redis-cli GET "$1"
	}
	# owner and mode that Kubernetes gives an emptyDir with fsGroup
	set_up "root:$uid" 2777
	rm -r "$T/crowd" # of the visit before
	set --
	while read -r line; do
		case $line in
		[A-Z]*) set -- "$@" "$line" ;;
		esac
	done <"$SRC/deploy/kubernetes/base/captcha.env"
	set -- "$@" CAPTCHA_STORE=redis://127.0.0.1:6379/0 PROCS=2
	run '--mount --pid' "$@"
	visit
	night "$@" CAPTCHA_CACHE_DIR=/var/cache/captcha-fcgi/night
	look_at_rights
	is 'it has no database' '' "$(ls "$T/volumes/var/lib/captcha-fcgi")"
	is 'and PROCS processes' 2 \
		"$(services | wc -l)"

	stop "$redis"
	wait_for is_unwell
	result $? 'without Redis health is 503'
	fails_probe=0
	probe /captcha/healthz || fails_probe=$?
	is 'and the probe fails' 1 "$fails_probe"
	succeeds 'but the liveness probe succeeds' wait_for probe /captcha/livez 404
	verify 0123456789abcdef nothing
	is 'visitors are told to come back' '503 yes' \
		"$status $([ "$(header retry-after)" ] && echo yes)"
	start_redis
	wait_for answers
	result $? 'with Redis health is 200 again'

	# shellcheck disable=SC2046
	kill -STOP $(services)
	fails_probe=0
	probe /captcha/livez 404 || fails_probe=$?
	is 'when its processes hang, the liveness probe fails' 1 "$fails_probe"
	# shellcheck disable=SC2046
	kill -CONT $(services)
	wait_for answers

	kill -TERM "$first"
	ended 'it ends by SIGTERM also as process 1'
	is 'well' 0 "$code"
	stop "$redis"
}

start_redis() {
	start "$T/redis.log" redis-server --bind 127.0.0.1 --save '' \
		--dir "$T" --protected-mode no
	redis=$started
	wait_for redis-cli PING
}

start_nameless() {
	start "$T/nameless.log" "$0" run "$T" '--mount --pid' \
		CAPTCHA_STORE=redis://redis.test/0 \
		"$entrypoint"
	container=$started
}
is_settled() {
	answers || is_stopped "$container"
}

try_mistakes() {
	echo '# mistakes'
	set_up "$uid:$uid" 700
	said=$(timeout 60 "$0" run "$T" '--mount --pid' \
		CAPTCHA_SERVICE_HOST=10.0.0.1 "$entrypoint" 2>&1)
	is 'an unknown variable CAPTCHA_... ends it' 78 $?
	like 'with a message' '*unknown key "CAPTCHA_SERVICE_HOST"*' "$said"

	# A Redis server whose name is not known yet.
	start_redis
	set_up "root:$uid" 2777
	: >"$T/nameless.log"
	start_nameless
	wait_for grep -q 'host not found' "$T/nameless.log"
	result $? 'a server without an address is logged'
	request /healthz
	is 'and health is not 200' no \
		"$([ "$status" = 200 ] && echo yes || echo no)"
	echo '127.0.0.1 redis.test' >>"$T/hosts"
	wait_for is_settled
	code=1
	if is_stopped "$container"; then
		echo '# lighttpd had given up; engines start it again'
		code=0
		wait "$container" || code=$?
		start_nameless
	fi
	succeeds 'if lighttpd gives up, the container ends with an error' \
		test $code -ne 0
	wait_for answers
	result $? 'once it has an address, all is well'
	kill -TERM "$(named captcha-serve)"
	ended 'and it ends'
	is 'well' 0 "$code"
	stop "$redis"
}

# ------------------------------------------------------------------------------

case ${1-} in
'')
	[ "$(id -u)" -eq 0 ] || {
		echo '1..0 # SKIP namespaces need root'
		exit 0
	}
	root=$(buildah from --pull-never captcha-fcgi) &&
		base_root=$(buildah from --pull-never $base) ||
		bail 'no image in build/image: run script/image'
	containers="$root $base_root"
	T=$(mktemp -d "${TMPDIR:-/tmp}/captcha-container.XXXXXX") || exit 1
	# shellcheck disable=SC2086
	trap 'rmdir "$T"; buildah rm $containers >/dev/null' EXIT
	root=$(buildah mount "$root")
	base_root=$(buildah mount "$base_root")
	export root base_root
	# this shell is process 1: it reaps processes whose parents have ended
	unshare --mount --net --pid --fork --kill-child --mount-proc \
		sh -c '"$@"; exit $?' sh "$0" try "$T" &
	inside=$!
	trap 'kill -KILL $inside; exit 130' HUP INT TERM
	wait $inside
	;;
try)
	T=$2
	mount -t tmpfs -o mode=755 tmpfs "$T" || bail 'mount tmpfs'
	mkdir "$T/fs"
	ip link set lo up
	url=http://127.0.0.1:8080/captcha
	apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' |
		sort -u >"$T/mirrors"
	uid=$(told '{{.OCIv1.Config.User}}' | cut -d : -f 1)
	volumes=$(told '{{range $k, $v := .OCIv1.Config.Volumes}}{{$k}} {{end}}')
	entrypoint=$(told '{{index .OCIv1.Config.Entrypoint 0}}')
	variables=$(told '{{range .OCIv1.Config.Env}}{{.}} {{end}}')
	export uid volumes variables
	trap stop_all EXIT
	look_at_image
	: >>"$root/etc/hosts" # a place to mount it
	echo '127.0.0.1 localhost' >"$T/hosts"
	try_sqlite
	try_redis
	try_mistakes
	finish
	;;
run)
	T=$2
	shift 2
	run_in "$@"
	;;
contain)
	shift
	contain "$@"
	;;
esac
