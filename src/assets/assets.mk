noinst_LIBRARIES += src/assets/libassets.a
src_assets_libassets_a_SOURCES = \
	src/assets/assets.c src/assets/assets.h \
	src/assets/lang.c src/assets/lang.h
nodist_src_assets_libassets_a_SOURCES = \
	src/assets/assets_table.c src/assets/lang_table.c

# sorted by tag, as the tables are
LANGUAGES = \
	lang/ar.ini lang/cs.ini lang/da.ini lang/de.ini \
	lang/en.ini lang/es.ini lang/fa.ini lang/fi.ini \
	lang/fr.ini lang/he.ini lang/it.ini lang/ja.ini \
	lang/ko.ini lang/nb.ini lang/nl.ini lang/pl.ini \
	lang/pt.ini lang/ru.ini lang/sv.ini lang/tr.ini \
	lang/uk.ini lang/zh-CN.ini lang/zh-TW.ini
ASSETS = $(SHELL) $(top_srcdir)/script/assets
BUILT_SOURCES += src/assets/assets_table.c src/assets/lang_table.c
CLEANFILES += src/assets/assets_table.c src/assets/lang_table.c
FOR_BROWSERS = \
	src/assets/api.js src/assets/api_hcaptcha.js \
	src/assets/api_recaptcha.js src/assets/api_turnstile.js \
	src/assets/frame.css src/assets/frame.js src/assets/sound.js \
	src/assets/widget.js
EXTRA_DIST += $(FOR_BROWSERS) $(LANGUAGES)
src/assets/assets_table.c: $(LANGUAGES) $(FOR_BROWSERS) \
		$(top_srcdir)/script/assets
	$(AM_V_GEN)$(MKDIR_P) $(@D) && \
	for file in $(LANGUAGES); do echo "$(top_srcdir)/$$file"; done | \
	xargs $(ASSETS) $(top_srcdir)/src/assets >$@.tmp && \
	mv $@.tmp $@
src/assets/lang_table.c: $(LANGUAGES) $(top_srcdir)/script/assets
	$(AM_V_GEN)$(MKDIR_P) $(@D) && \
	for file in $(LANGUAGES); do echo "$(top_srcdir)/$$file"; done | \
	xargs $(ASSETS) --languages >$@.tmp && mv $@.tmp $@
