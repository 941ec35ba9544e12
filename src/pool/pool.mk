noinst_LIBRARIES += src/pool/libpool.a
src_pool_libpool_a_SOURCES = \
	src/pool/pool.c src/pool/pool.h \
	src/pool/day.c src/pool/day.h \
	src/pool/names.c src/pool/names.h
