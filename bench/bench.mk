# What script/bench and tests/load need; built by `make bench-programs`.
EXTRA_PROGRAMS = bench/hammer bench/constant.fcgi bench/constant.cgi \
	bench/draw tests/load/generator-memory \
	tests/load/generator-memory-forgetful tests/load/forgetful.fcgi
CLEANFILES += $(EXTRA_PROGRAMS)
bench_hammer_SOURCES = bench/hammer.c
bench_constant_fcgi_SOURCES = bench/constant.c
bench_constant_fcgi_CPPFLAGS = $(AM_CPPFLAGS) -DCONSTANT_FCGI
bench_constant_fcgi_LDADD = $(FCGI_LIBS)
bench_constant_cgi_SOURCES = bench/constant.c
bench_draw_SOURCES = bench/draw.c
bench_draw_LDADD = src/app/libapp.a $(CF_LAYERS) $(CF_LIBS)

tests_load_generator_memory_SOURCES = tests/load/generator-memory.c
tests_load_generator_memory_LDADD = src/app/libapp.a $(CF_LAYERS) $(CF_LIBS)

# The same programs with a free() that forgets: the leak tests must notice.
FORGETFUL = -Wl,--wrap=free
tests_load_generator_memory_forgetful_SOURCES = \
	tests/load/generator-memory.c tests/load/forgetful.c
tests_load_generator_memory_forgetful_LDFLAGS = $(AM_LDFLAGS) $(FORGETFUL)
tests_load_generator_memory_forgetful_LDADD = \
	$(tests_load_generator_memory_LDADD)
tests_load_forgetful_fcgi_SOURCES = $(captcha_fcgi_SOURCES) \
	tests/load/forgetful.c
tests_load_forgetful_fcgi_CPPFLAGS = $(captcha_fcgi_CPPFLAGS)
tests_load_forgetful_fcgi_LDFLAGS = $(captcha_fcgi_LDFLAGS) $(FORGETFUL)
tests_load_forgetful_fcgi_LDADD = $(captcha_fcgi_LDADD)

EXTRA_DIST += tests/load/lib.sh tests/load/exactly-once.sh \
	tests/load/leak.sh tests/load/kill.sh

.PHONY: bench-programs
bench-programs: $(EXTRA_PROGRAMS)
