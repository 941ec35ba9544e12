# What script/bench and tests/load need; built by `make bench-programs`.
EXTRA_PROGRAMS = bench/hammer bench/soak bench/constant.cgi \
	bench/draw bench/encode bench/live bench/sound bench/train-deflate \
	tests/load/distinct tests/load/forgetful.fcgi \
	tests/load/gullible.fcgi tests/load/mortal.fcgi \
	tests/load/old-leak.fcgi
if HAVE_FCGI
EXTRA_PROGRAMS += bench/constant.fcgi
endif
CLEANFILES += $(EXTRA_PROGRAMS)
# Without LDADD of tests/tests.mk, which needs cmocka.
bench_hammer_LDADD =
bench_hammer_SOURCES = bench/hammer.c bench/conn.c bench/conn.h
bench_soak_SOURCES = bench/soak.c bench/conn.c bench/conn.h
bench_soak_LDADD = src/app/libapp.a $(CF_LAYERS) $(CF_LIBS)
bench_constant_fcgi_SOURCES = bench/constant.c
bench_constant_fcgi_CPPFLAGS = $(AM_CPPFLAGS) -DCONSTANT_FCGI
bench_constant_fcgi_LDADD = $(FCGI_LIBS)
bench_constant_cgi_SOURCES = bench/constant.c
bench_constant_cgi_LDADD =
bench_draw_SOURCES = bench/draw.c
bench_draw_LDADD = src/app/libapp.a $(CF_LAYERS) $(CF_LIBS)
bench_encode_SOURCES = bench/encode.c bench/drawn.c bench/drawn.h
bench_encode_CPPFLAGS = $(AM_CPPFLAGS) $(ZLIB_CFLAGS)
bench_encode_LDADD = src/image/libimage.a src/base/libbase.a $(CF_LIBS)
bench_live_SOURCES = bench/live.c
bench_live_LDADD = src/http/libhttp.a src/app/libapp.a $(CF_LAYERS) $(CF_LIBS)
bench_redis_SOURCES = bench/redis.c bench/conn.c bench/conn.h
bench_redis_CPPFLAGS = $(AM_CPPFLAGS) $(HIREDIS_CFLAGS)
bench_redis_LDADD = src/app/libapp.a $(CF_LAYERS) $(CF_LIBS)
if WITH_REDIS
EXTRA_PROGRAMS += bench/redis
endif
bench_sound_SOURCES = bench/sound.c
bench_sound_LDADD = src/sound/libsound.a src/base/libbase.a $(CF_LIBS)
bench_train_deflate_SOURCES = bench/train-deflate.c bench/drawn.c bench/drawn.h
bench_train_deflate_CPPFLAGS = $(AM_CPPFLAGS) $(ZLIB_CFLAGS)
bench_train_deflate_LDADD = src/image/libimage.a src/base/libbase.a \
	$(CF_LIBS)

tests_load_distinct_SOURCES = tests/load/distinct.c
tests_load_distinct_LDADD = src/app/libapp.a $(CF_LAYERS) $(CF_LIBS)
# The service with faults that load tests must notice.
tests_load_old_leak_fcgi_SOURCES = $(captcha_fcgi_SOURCES) \
	tests/load/old-leak.c
tests_load_old_leak_fcgi_LDFLAGS = $(captcha_fcgi_LDFLAGS) \
	-Wl,--wrap=challenge_issue -Wl,--wrap=challenge_pause
tests_load_old_leak_fcgi_LDADD = $(captcha_fcgi_LDADD)
tests_load_forgetful_fcgi_SOURCES = $(captcha_fcgi_SOURCES) \
	tests/load/forgetful.c
tests_load_forgetful_fcgi_LDFLAGS = $(captcha_fcgi_LDFLAGS) -Wl,--wrap=free
tests_load_forgetful_fcgi_LDADD = $(captcha_fcgi_LDADD)
tests_load_gullible_fcgi_SOURCES = $(captcha_fcgi_SOURCES) \
	tests/load/gullible.c
tests_load_gullible_fcgi_LDFLAGS = $(captcha_fcgi_LDFLAGS) \
	-Wl,--wrap=challenge_verify
tests_load_gullible_fcgi_LDADD = $(captcha_fcgi_LDADD)
tests_load_mortal_fcgi_SOURCES = $(captcha_fcgi_SOURCES) tests/load/mortal.c
tests_load_mortal_fcgi_LDFLAGS = $(captcha_fcgi_LDFLAGS) \
	-Wl,--wrap=token_issue
tests_load_mortal_fcgi_LDADD = $(captcha_fcgi_LDADD)

EXTRA_DIST += bench/audio/drowned.py bench/audio/features.py \
	bench/audio/matcher.py bench/audio/measure.py bench/audio/places.py \
	bench/audio/recogniser.py bench/audio/solver.py \
	bench/audio/sounds.py
EXTRA_DIST += bench/peers/gd-securityimage.pl \
	bench/peers/gregwar-captcha.php bench/peers/measure.js \
	bench/peers/svg-captcha.js bench/peers/trek-captcha.js \
	bench/strength/figures.py bench/strength/generic.py \
	bench/strength/labels.py bench/strength/measure.py \
	bench/strength/ocr.py bench/strength/pictures.py \
	bench/strength/progress.py bench/strength/recogniser.py \
	bench/strength/readings/chinese.tsv \
	bench/strength/readings/cyrillic.tsv \
	bench/strength/readings/easy.tsv bench/strength/readings/greek.tsv \
	bench/strength/readings/hard.tsv bench/strength/readings/normal.tsv \
	bench/strength/readings/sums.tsv \
	bench/strength/sheet.py
EXTRA_DIST += tests/load/lib.sh tests/load/exactly-once.sh \
	tests/load/leak.sh tests/load/leakhunt.sh tests/load/kill.sh \
	tests/load/bench.sh tests/load/distinct.sh tests/load/million.sh \
	tests/load/fuzz.sh tests/load/soak.sh tests/load/strength.sh \
	tests/load/tokens.py tests/load/tokens.sh \
	bench/soak.py

.PHONY: bench-programs
bench-programs: $(EXTRA_PROGRAMS)
