noinst_LIBRARIES += src/heap/libheap.a
src_heap_libheap_a_SOURCES = \
	src/heap/snapshot.c src/heap/snapshot.h \
	src/heap/heap.c src/heap/heap.h
