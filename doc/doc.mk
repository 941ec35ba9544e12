# The manual pages, and what people read or copy.

dist_man_MANS += \
	doc/captchactl.1 \
	doc/captcha.conf.5 \
	doc/captcha.fcgi.8

dist_doc_DATA = LICENSE README.md SECURITY.md CHANGES.md
# pages for those who run the service, where the links of README find them
docpagesdir = $(docdir)/doc
dist_docpages_DATA = \
	doc/applications.md doc/containers.md doc/element.md doc/http.md \
	doc/install.md doc/migrating.md \
	doc/operating.md doc/redis.md doc/scaling.md doc/settings.md \
	doc/strength.md doc/troubleshooting.md doc/webservers.md
formexamplesdir = $(examplesdir)/form
dist_formexamples_DATA = examples/form.html examples/messages.json
nodeexamplesdir = $(formexamplesdir)/node
dist_nodeexamples_DATA = examples/node/contact.js
phpexamplesdir = $(formexamplesdir)/php
dist_phpexamples_DATA = examples/php/contact.php
pythonexamplesdir = $(formexamplesdir)/python
dist_pythonexamples_DATA = examples/python/contact.py

EXTRA_DIST += CONTRIBUTING.md \
	doc/architecture.md doc/decisions.md doc/leak-hunt.md \
	doc/performance.md doc/reliability.md \
	doc/captcha.conf.sample doc/relink.sh doc/settings.sh

# Pages link to files of the sources.
install-data-hook:
	$(SHELL) $(srcdir)/doc/relink.sh "$(DESTDIR)$(docdir)" \
		README.md SECURITY.md CHANGES.md $(dist_docpages_DATA)

# What the program says of its settings, into the files that are committed.
.PHONY: update-docs
update-docs: captchactl$(EXEEXT)
	$(srcdir)/doc/settings.sh sample ./captchactl$(EXEEXT) \
		>$(srcdir)/doc/captcha.conf.sample
	$(srcdir)/doc/settings.sh man ./captchactl$(EXEEXT) >doc-keys.tmp
	awk 'NR == FNR { keys = keys $$0 "\n"; next } \
		/^\.\\" end of keys/ { is_old = 0 } \
		!is_old { print } \
		/^\.\\" begin of keys/ { printf "%s", keys; is_old = 1 }' \
		doc-keys.tmp $(srcdir)/doc/captcha.conf.5 >doc-page.tmp
	cat doc-page.tmp >$(srcdir)/doc/captcha.conf.5
	rm -f doc-keys.tmp doc-page.tmp
