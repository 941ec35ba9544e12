noinst_LIBRARIES += src/fcgi/libfcgi_loop.a
src_fcgi_libfcgi_loop_a_SOURCES = \
	src/fcgi/loop.c src/fcgi/loop.h \
	src/fcgi/cgi.c src/fcgi/cgi.h \
	src/fcgi/prefork.c src/fcgi/prefork.h
