# What is installed beside the programs: settings, units, the crontab fragment
# and, as examples, configurations of web servers. The files name the places of
# a Debian package; here these become what configure was given.

SERVER_EXAMPLES = \
	deploy/apache/captcha-cgi.conf \
	deploy/apache/captcha-fcgid.conf \
	deploy/haproxy/captcha.cfg \
	deploy/lighttpd/captcha-cgi.conf \
	deploy/lighttpd/captcha-fastcgi.conf \
	deploy/nginx/captcha-listen.conf \
	deploy/nginx/captcha-spawn-fcgi.conf \
	deploy/prometheus/captcha-fcgi.yml \
	deploy/prometheus/captcha-fcgi-alerts.yml \
	deploy/grafana/captcha-fcgi.json
SYSTEMD_UNITS = \
	deploy/systemd/captcha-clean.service \
	deploy/systemd/captcha-clean.timer \
	deploy/systemd/captcha-fcgi.service \
	deploy/systemd/captcha-fcgi.socket \
	deploy/systemd/captcha-fill.service \
	deploy/systemd/captcha-fill.timer
TMPFILES = deploy/systemd/captcha-fcgi.conf
examplesdir = $(docdir)/examples
settingsdir = $(sysconfdir)/captcha-fcgi
crondir = $(sysconfdir)/cron.d

# Print a file with the places of this installation.
WITH_PLACES = sed -e 's,/usr/lib/cgi-bin,$(cgibindir),g' \
	-e 's,/usr/bin/captchactl,$(bindir)/captchactl,g' \
	-e 's,/etc/captcha-fcgi,$(settingsdir),g' \
	-e 's,/var/lib/captcha-fcgi,$(localstatedir)/lib/captcha-fcgi,g' \
	-e 's,/run/captcha-fcgi-cache,$(runstatedir)/captcha-fcgi-cache,g'

# The settings file with all defaults, as `captchactl config --sample` prints it.
# A cross build cannot run captchactl.
noinst_DATA = deploy/captcha.conf
CLEANFILES += deploy/captcha.conf
deploy/captcha.conf: doc/captcha.conf.sample Makefile
	$(AM_V_GEN)$(MKDIR_P) $(@D) && \
	$(WITH_PLACES) $(srcdir)/doc/captcha.conf.sample >$@.tmp && mv $@.tmp $@

# FILE DIRECTORY: with the places of this installation.
INSTALL_EXAMPLE = install_example() { \
	$(MKDIR_P) "$(DESTDIR)$$2" && \
	$(WITH_PLACES) "$(srcdir)/$$1" >deploy/example.tmp && \
	$(INSTALL_DATA) deploy/example.tmp \
		"$(DESTDIR)$$2/`basename "$$1"`" && \
	rm -f deploy/example.tmp; }

# An existing settings file stays as it is.
install-data-local: deploy/captcha.conf
	@$(INSTALL_EXAMPLE); set -e; \
	for file in $(SERVER_EXAMPLES); do \
		install_example "$$file" \
			"$(examplesdir)/`basename "\`dirname "$$file"\`"`"; \
	done; \
	for file in $(SYSTEMD_UNITS); do \
		install_example "$$file" "$(systemdsystemunitdir)"; \
	done; \
	install_example $(TMPFILES) "$(tmpfilesdir)"; \
	install_example cron/captcha-fcgi "$(crondir)"
	$(MKDIR_P) "$(DESTDIR)$(settingsdir)"
	test -e "$(DESTDIR)$(settingsdir)/captcha.conf" || \
		$(INSTALL_DATA) deploy/captcha.conf \
			"$(DESTDIR)$(settingsdir)/captcha.conf"

# Settings that were changed stay.
uninstall-local:
	@for file in $(SERVER_EXAMPLES); do \
		rm -f "$(DESTDIR)$(examplesdir)/$${file#deploy/}"; \
	done; \
	for file in $(SYSTEMD_UNITS); do \
		rm -f "$(DESTDIR)$(systemdsystemunitdir)/`basename "$$file"`"; \
	done; \
	rm -f "$(DESTDIR)$(tmpfilesdir)/captcha-fcgi.conf"; \
	rm -f "$(DESTDIR)$(crondir)/captcha-fcgi"
	if cmp -s deploy/captcha.conf \
		"$(DESTDIR)$(settingsdir)/captcha.conf"; then \
		rm -f "$(DESTDIR)$(settingsdir)/captcha.conf"; \
	fi

# Directories of this program alone, unless the operator has files there.
uninstall-hook:
	for dir in "$(DESTDIR)$(docdir)" "$(DESTDIR)$(settingsdir)" \
		"$(DESTDIR)$(pkgdatadir)"; do \
		test ! -d "$$dir" || find "$$dir" -depth -type d \
			-exec rmdir {} \; 2>/dev/null || :; \
	done
