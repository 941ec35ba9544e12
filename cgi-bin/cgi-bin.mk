cgibin_PROGRAMS = captcha.fcgi
captcha_fcgi_SOURCES = \
	cgi-bin/captcha.c \
	cgi-bin/options.c cgi-bin/options.h
captcha_fcgi_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/cgi-bin
captcha_fcgi_LDFLAGS = $(AM_LDFLAGS) $(CF_SERVICE_LDFLAGS)
CF_SERVICE_LAYERS = \
	src/serve/libserve.a \
	src/http/libhttp.a \
	src/app/libapp.a \
	$(CF_LAYERS)
captcha_fcgi_LDADD = $(CF_SERVICE_LAYERS) $(CF_SERVICE_LIBS)
