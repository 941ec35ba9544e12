noinst_LIBRARIES += src/pool/libpool.a
src_pool_libpool_a_SOURCES = \
	src/pool/pool.c src/pool/pool.h src/pool/cache.h \
	src/pool/count.c src/pool/fill.c src/pool/sweep.c \
	src/pool/days.c src/pool/days.h \
	src/pool/ready.c src/pool/ready.h
