noinst_LIBRARIES += src/image/libimage.a
src_image_libimage_a_CPPFLAGS = $(AM_CPPFLAGS) $(FREETYPE_CFLAGS) $(PNG_CFLAGS)
src_image_libimage_a_SOURCES = \
	src/image/generator.c src/image/generator.h \
	src/image/font.c src/image/font.h \
	src/image/glyph.c src/image/glyph.h \
	src/image/outline.c src/image/outline.h \
	src/image/layout.c src/image/layout.h \
	src/image/warp.c src/image/warp.h \
	src/image/raster.c src/image/raster.h \
	src/image/png.c src/image/png.h
