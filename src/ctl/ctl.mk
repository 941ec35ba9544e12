bin_PROGRAMS += captchactl
captchactl_SOURCES = \
	src/ctl/main.c src/ctl/ctl.h src/ctl/args.c \
	src/ctl/progress.c src/ctl/progress.h \
	src/ctl/user.c src/ctl/user.h \
	src/ctl/report.c src/ctl/report.h \
	src/ctl/samples.c src/ctl/samples.h \
	src/ctl/stamp.c src/ctl/stamp.h \
	src/ctl/proc.c src/ctl/proc.h \
	src/ctl/service.c src/ctl/service.h \
	src/ctl/check.h src/ctl/check_audio.c src/ctl/check_dirs.c src/ctl/check_cron.c \
	src/ctl/check_service.c \
	src/ctl/cmd_answer.c \
	src/ctl/cmd_audio.c src/ctl/audio.h src/ctl/audio_make.c \
	src/ctl/audio_listen.c \
	src/ctl/sounds.c src/ctl/synth.c src/ctl/synth.h \
	src/ctl/banks.c src/ctl/banks.h src/ctl/child.c src/ctl/child.h \
	src/ctl/cmd_init.c \
	src/ctl/cmd_render.c \
	src/ctl/cmd_fill.c \
	src/ctl/cmd_clean.c \
	src/ctl/cmd_stats.c \
	src/ctl/cmd_config.c \
	src/ctl/cmd_assets.c src/ctl/cmd_site.c \
	src/ctl/cmd_check.c src/ctl/cmd_fonts.c \
	src/ctl/cmd_heapdiff.c
nodist_captchactl_SOURCES = src/ctl/listen_html.c
BUILT_SOURCES += src/ctl/listen_html.c
CLEANFILES += src/ctl/listen_html.c
EXTRA_DIST += src/ctl/listen.html
src/ctl/listen_html.c: $(top_srcdir)/src/ctl/listen.html \
		$(top_srcdir)/script/embed
	$(EMBED_PAGE)
# -lm: only making banks of sounds needs it
captchactl_LDADD = src/app/libapp.a $(CF_LAYERS) $(CF_LIBS) -lm
dist_pkgdata_SCRIPTS = script/leakhunt
# a script has the version of its package
AM_INSTALLCHECK_STD_OPTIONS_EXEMPT = script/leakhunt
