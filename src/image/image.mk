noinst_LIBRARIES += src/image/libimage.a
src_image_libimage_a_CPPFLAGS = $(AM_CPPFLAGS) $(FREETYPE_CFLAGS) $(PNG_CFLAGS)
src_image_libimage_a_SOURCES = \
	src/image/generator.c src/image/generator.h
