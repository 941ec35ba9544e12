# The package under systemd as process 1, in a container of systemd-nspawn. nspawn
# is that of the clean Debian: the machine of the test may have another init.

# what runs in the container: "fact=value" lines, and the log at the end
booted_script() {
	cat <<-'END'
		#!/bin/sh
		conf=/etc/captcha-fcgi/captcha.conf
		page() {
			curl -s -m 20 -o /dev/null -w '%{http_code}' \
				http://127.0.0.1/captcha/demo
		}
		tell() {
			"$@" 2>&1 | sed 's/^/# /'
		}
		# the web server was started before its configuration was there
		systemctl restart nginx
		echo "active=$(systemctl is-active captcha-fcgi) page=$(page)"
		systemctl reload captcha-fcgi
		echo "reload=$? page=$(page)"
		cp $conf /good
		echo 'tll_s = 5' >>$conf
		systemctl reload captcha-fcgi
		echo "reload-wrong=$? page=$(page)"
		systemctl restart captcha-fcgi
		echo "restart-wrong=$? page=$(page)"
		systemctl --no-pager --lines 30 status captcha-fcgi | grep -m 1 tll_s
		cp /good $conf
		# each request has tried to start it: systemd allows a few
		# starts in two seconds
		sleep 3
		systemctl restart captcha-fcgi
		echo "restart=$? page=$(page)"
		systemctl start captcha-clean
		echo "clean=$?"
		tell systemctl --no-pager list-units --failed
		tell journalctl --no-pager -u captcha-fcgi
	END
}

booted_unit() {
	cat <<-END
		[Unit]
		After=nginx.service captcha-fcgi.service
		[Service]
		Type=oneshot
		ExecStart=/bin/sh /first-day.sh
		ExecStopPost=/bin/systemctl --no-block poweroff
		StandardOutput=append:/first-day.said
		StandardError=inherit
		[Install]
		WantedBy=multi-user.target
	END
}

# boot: the container in $T/inner, until it powers itself off. Its control group
# is its own: the Debians of two tests may run at once.
boot() {
	mkdir -p "$root/sys/fs/cgroup/first-day-$release"
	# Not by chroot: the kernel makes no user namespace (PrivateUsers=) in one.
	unshare --mount sh -c 'cd "$1" && pivot_root . old && cd / &&
		umount -l old && echo $$ >"/sys/fs/cgroup/$2/cgroup.procs" &&
		shift 2 && exec "$@"' sh "$root" "first-day-$release" \
		env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin timeout -k 10 300 \
		systemd-nspawn --register=no --keep-unit --private-network \
		--boot --directory /mnt </dev/null >"$T/boot.log" 2>&1
	find "$root/sys/fs/cgroup/first-day-$release" -depth -type d \
		-exec rmdir {} +
}

# Whether it powers itself off without the service, too.
boots_at_all() {
	rm -f "$T/inner/etc/systemd/system"/*.wants/captcha-*
	printf 'echo booted\n' >"$T/inner/first-day.sh"
	: >"$T/inner/first-day.said"
	boot
	grep -q booted "$T/inner/first-day.said"
}

booted() {
	copy boot
	mkdir -p "$root$tree/build"
	cp "$T"/captcha-fcgi_*.deb "$root$tree/build"
	must in_debian apt-get install -y $boot_packages nginx
	follow $tree "$(block doc/install.md 'The Debian package' 1 |
		sed -n '/^apt-get.*captcha-fcgi_/p')"
	must in_debian sh -c "$(enabling nginx | sed 's/ && service.*//')"
	booted_script >"$root/first-day.sh"
	booted_unit >"$root/etc/systemd/system/first-day.service"
	must in_debian systemctl enable first-day.service
	end_services

	# cgroup2 is what each systemd takes, whatever the machine has
	debian_copy "$root" "$T/inner" &&
		umount "$T/inner/proc" &&
		mount --rbind /dev "$root/dev" &&
		mount --rbind /sys "$root/sys" &&
		mount -t tmpfs tmpfs "$root/run" &&
		mount --bind "$T/inner" "$root/mnt" || bail 'mount for nspawn'
	mkdir "$root/old"
	if mount -t cgroup2 cgroup2 "$root/sys/fs/cgroup" 2>"$T/boot.log"; then
		boot
	fi
	said=$(cat "$T/inner/first-day.said" 2>&1)
	if ! echo "$said" | grep -q '^active=' && ! boots_at_all; then
		tail -n 5 "$T/boot.log" | sed 's/^/# /'
		echo '# This machine boots no container: tests/servers/systemd.sh' \
			'and t0017-systemd.sh have to do.'
		return
	fi
	echo "$said" | sed 's/^#*/#/'
	for fact in 'active=active page=200' 'reload=0 page=200' \
		'reload-wrong=1 page=200' 'restart-wrong=1 page=50[0-9]' \
		'.*/captcha.conf:[0-9]*:.*tll_s.*' 'restart=0 page=200' \
		clean=0; do
		echo "$said" | grep -qx -e "$fact"
		result $? "under systemd: $fact"
	done
}
