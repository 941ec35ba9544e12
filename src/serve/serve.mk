noinst_LIBRARIES += src/serve/libserve.a
src_serve_libserve_a_SOURCES = \
	src/serve/fastcgi.c src/serve/fastcgi.h \
	src/serve/loop.c src/serve/loop.h \
	src/serve/cgi.c src/serve/cgi.h \
	src/serve/arguments.c src/serve/arguments.h \
	src/serve/notify.c src/serve/notify.h \
	src/serve/prefork.c src/serve/prefork.h
