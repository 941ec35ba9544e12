noinst_LIBRARIES += src/conf/libconf.a
src_conf_libconf_a_CPPFLAGS = $(AM_CPPFLAGS) $(INIH_CFLAGS)
src_conf_libconf_a_SOURCES = \
	src/conf/settings.c src/conf/settings.h
