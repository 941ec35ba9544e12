noinst_LIBRARIES += src/image/libimage.a
src_image_libimage_a_CPPFLAGS = $(AM_CPPFLAGS) $(FREETYPE_CFLAGS) $(ZLIB_CFLAGS)
src_image_libimage_a_SOURCES = \
	src/image/generator.c src/image/generator.h \
	src/image/font.c src/image/font.h \
	src/image/glyph.c src/image/glyph.h \
	src/image/outline.c src/image/outline.h \
	src/image/layout.c src/image/layout.h \
	src/image/look.c src/image/look.h \
	src/image/warp.c src/image/warp.h \
	src/image/linear.c src/image/linear.h \
	src/image/letter.c src/image/letter.h \
	src/image/raster.c src/image/raster.h \
	src/image/contrast.c src/image/contrast.h \
	src/image/tones.c src/image/tones.h \
	src/image/deflate.c src/image/deflate_table.c src/image/deflate.h \
	src/image/png.c src/image/png.h
nodist_src_image_libimage_a_SOURCES = src/image/faces.c

BUILT_SOURCES += src/image/faces.c
CLEANFILES += src/image/faces.c
src/image/faces.c: $(FACES) $(top_srcdir)/script/embed
	$(AM_V_GEN)$(MKDIR_P) $(@D) && \
	for face in $(FACES); do echo "$(top_srcdir)/$$face"; done | \
	xargs $(EMBED) --table font_embedded image/font.h >$@.tmp && \
	mv $@.tmp $@
