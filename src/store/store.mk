noinst_LIBRARIES += src/store/libstore.a
src_store_libstore_a_CPPFLAGS = $(AM_CPPFLAGS) $(SQLITE_CFLAGS) \
	$(HIREDIS_CFLAGS)
src_store_libstore_a_SOURCES = \
	src/store/store.c src/store/store.h \
	src/store/sqlite.c src/store/sqlite.h \
	src/store/sqlite_open.c src/store/sqlite_open.h \
	src/store/redis.h
if WITH_REDIS
src_store_libstore_a_SOURCES += src/store/redis.c \
	src/store/redis_client.c src/store/redis_client.h \
	src/store/redis_link.c src/store/redis_link.h \
	src/store/breaker.c src/store/breaker.h
else
src_store_libstore_a_SOURCES += src/store/redis_none.c
endif
nodist_src_store_libstore_a_SOURCES = src/store/schema.c

BUILT_SOURCES += src/store/schema.c
CLEANFILES += src/store/schema.c
SCHEMA = $(top_srcdir)/schema/0001_init.sql \
	$(top_srcdir)/schema/0002_profile.sql $(top_srcdir)/schema/0003_note.sql
EXTRA_DIST += schema/0001_init.sql schema/0002_profile.sql schema/0003_note.sql
src/store/schema.c: $(SCHEMA) $(top_srcdir)/script/embed
	$(AM_V_GEN)$(MKDIR_P) $(@D) && \
	for file in $(SCHEMA); do \
		name=$${file##*/}; \
		$(EMBED) schema_$${name%%_*} $$file || exit; \
	done >$@.tmp && \
	mv $@.tmp $@
