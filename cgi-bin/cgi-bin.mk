cgibin_PROGRAMS = captcha.fcgi
captcha_fcgi_SOURCES = cgi-bin/captcha.c
captcha_fcgi_LDFLAGS = $(AM_LDFLAGS) $(CF_SERVICE_LDFLAGS)
CF_SERVICE_LAYERS = \
	src/serve/libserve.a \
	src/http/libhttp.a \
	src/app/libapp.a \
	$(CF_LAYERS)
captcha_fcgi_LDADD = $(CF_SERVICE_LAYERS) $(CF_SERVICE_LIBS)
