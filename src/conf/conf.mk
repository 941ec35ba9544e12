noinst_LIBRARIES += src/conf/libconf.a
src_conf_libconf_a_SOURCES = \
	src/conf/conf.c src/conf/conf.h \
	src/conf/keys.c src/conf/keys.h \
	src/conf/check.c src/conf/check.h \
	src/conf/sections.c src/conf/sections.h \
	src/conf/sites.c src/conf/sites.h \
	src/conf/site_file.c src/conf/site_file.h \
	src/conf/test_keys.c src/conf/test_keys.h \
	src/conf/settings.c src/conf/settings.h
