noinst_LIBRARIES += src/http/libhttp.a
src_http_libhttp_a_CPPFLAGS = $(AM_CPPFLAGS) $(JANSSON_CFLAGS)
src_http_libhttp_a_SOURCES = \
	src/http/http.c src/http/http.h \
	src/http/request.c src/http/request.h \
	src/http/form.c src/http/form.h \
	src/http/json.c src/http/json.h \
	src/http/multipart.c src/http/multipart.h \
	src/http/visitor.c src/http/visitor.h \
	src/http/limit.c src/http/limit.h \
	src/http/notes.c src/http/notes.h \
	src/http/range.c src/http/range.h \
	src/http/route.c src/http/route.h \
	src/http/fields.c src/http/fields.h \
	src/http/notice.c src/http/notice.h \
	src/http/cors.c src/http/cors.h \
	src/http/page.c src/http/page.h \
	src/http/api_native.c src/http/context.h \
	src/http/ops.c \
	src/http/audio.c src/http/audio.h \
	src/http/box.c src/http/box.h \
	src/http/fallback.c src/http/fallback.h \
	src/http/files.c src/http/files.h \
	src/http/frame.c \
	src/http/sites.c src/http/sites.h \
	src/http/siteverify.c src/http/siteverify.h \
	src/http/page_demo.c \
	src/http/response.c src/http/response.h
nodist_src_http_libhttp_a_SOURCES = \
	src/http/demo_html.c src/http/fallback_html.c \
	src/http/frame_box_html.c src/http/frame_challenge_html.c

BUILT_SOURCES += $(nodist_src_http_libhttp_a_SOURCES)
CLEANFILES += $(nodist_src_http_libhttp_a_SOURCES)
EXTRA_DIST += cgi-bin/demo/demo.html src/http/fallback.html \
	src/http/frame_box.html src/http/frame_challenge.html
# the first prerequisite becomes an array with the name of the file
EMBED_PAGE = $(AM_V_GEN)$(MKDIR_P) $(@D) && \
	$(EMBED) $(basename $(@F)) $< >$@.tmp && mv $@.tmp $@
src/http/demo_html.c: $(top_srcdir)/cgi-bin/demo/demo.html \
		$(top_srcdir)/script/embed
	$(EMBED_PAGE)
src/http/fallback_html.c: $(top_srcdir)/src/http/fallback.html \
		$(top_srcdir)/script/embed
	$(EMBED_PAGE)
src/http/frame_box_html.c: $(top_srcdir)/src/http/frame_box.html \
		$(top_srcdir)/script/embed
	$(EMBED_PAGE)
src/http/frame_challenge_html.c: $(top_srcdir)/src/http/frame_challenge.html \
		$(top_srcdir)/script/embed
	$(EMBED_PAGE)
