noinst_LIBRARIES += src/app/libapp.a
src_app_libapp_a_CPPFLAGS = $(AM_CPPFLAGS) $(SECCOMP_CFLAGS)
src_app_libapp_a_SOURCES = \
	src/app/app.c src/app/app.h \
	src/app/options.c src/app/options.h \
	src/app/sandbox.c src/app/sandbox.h
