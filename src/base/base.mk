noinst_LIBRARIES += src/base/libbase.a
src_base_libbase_a_CPPFLAGS = $(AM_CPPFLAGS) $(SODIUM_CFLAGS) \
	$(UTF8PROC_CFLAGS)
src_base_libbase_a_SOURCES = \
	src/base/base.h \
	src/base/status.c src/base/status.h \
	src/base/mem.c src/base/mem.h \
	src/base/buf.c src/base/buf.h \
	src/base/pid.c src/base/pid.h \
	src/base/text.c src/base/text.h \
	src/base/arena.c src/base/arena.h \
	src/base/clk.c src/base/clk.h \
	src/base/day.c src/base/day.h \
	src/base/crypt.c src/base/crypt.h \
	src/base/base64.c src/base/base64.h \
	src/base/utf8.c src/base/utf8.h \
	src/base/alphabet.c src/base/alphabet.h \
	src/base/rng.c src/base/rng.h \
	src/base/net.c src/base/net.h \
	src/base/server_url.c src/base/server_url.h \
	src/base/log.c src/base/log.h \
	src/base/file.c src/base/file.h \
	src/base/shared.c src/base/shared.h \
	src/base/metrics.c src/base/metrics.h
