# Tests: `make check` runs all of them, `make check-valgrind` the unit tests
# under valgrind. Each unit test is one program over the layers it needs; all
# print TAP.

TEST_EXTENSIONS = .sh
TAP_DRIVER = env AM_TAP_AWK='$(AWK)' $(SHELL) $(top_srcdir)/build-aux/tap-driver.sh
LOG_DRIVER = $(TAP_DRIVER)
SH_LOG_DRIVER = $(TAP_DRIVER)
SH_LOG_COMPILER = $(SHELL)
AM_TESTS_ENVIRONMENT = \
	CMOCKA_MESSAGE_OUTPUT=TAP; export CMOCKA_MESSAGE_OUTPUT; \
	CF_SRCDIR='$(abs_top_srcdir)'; export CF_SRCDIR; \
	CF_BUILDDIR='$(abs_top_builddir)'; export CF_BUILDDIR; \
	LC_ALL=C; export LC_ALL; \
	ASAN_OPTIONS=$${ASAN_OPTIONS-allocator_may_return_null=1}; \
	export ASAN_OPTIONS;

AM_CPPFLAGS += -I$(top_srcdir)

# --- lint and shell: need nothing but the programs ---------------------------

LINT_TESTS = \
	tests/lint/fonts.sh \
	tests/lint/layers.sh \
	tests/lint/structure.sh \
	tests/lint/style.sh
SHELL_TESTS = \
	tests/shell/t0001-ctl.sh \
	tests/shell/t0002-flow.sh \
	tests/shell/t0003-bad-input.sh \
	tests/shell/t0004-database.sh \
	tests/shell/t0005-cache.sh \
	tests/shell/t0006-start.sh \
	tests/shell/t0007-signals.sh \
	tests/shell/t0008-alphabets.sh \
	tests/shell/t0009-profiles.sh \
	tests/shell/t0010-fonts.sh \
	tests/shell/t0011-heap.sh \
	tests/shell/t0012-metrics.sh \
	tests/shell/t0013-limits.sh \
	tests/shell/t0014-sandbox.sh \
	tests/shell/t0015-root.sh \
	tests/shell/t0016-redis.sh
TESTS += $(LINT_TESTS) $(SHELL_TESTS)
EXTRA_DIST += $(LINT_TESTS) $(SHELL_TESTS) tests/shell/lib.sh \
	tests/redis/topology tests/shell/alerts.yml

# --- unit tests: need cmocka -------------------------------------------------

UNIT_TESTS =
if HAVE_CMOCKA
AM_CPPFLAGS += $(CMOCKA_CFLAGS)
check_LIBRARIES += \
	tests/support/libsupport.a \
	tests/support/libpicture.a \
	tests/support/libhttp_client.a

UNIT_TESTS += \
	tests/unit/test_status \
	tests/unit/test_mem \
	tests/unit/test_heap \
	tests/unit/test_buf \
	tests/unit/test_text \
	tests/unit/test_pid \
	tests/unit/test_arena \
	tests/unit/test_clk \
	tests/unit/test_crypt \
	tests/unit/test_base64 \
	tests/unit/test_rng \
	tests/unit/test_net \
	tests/unit/test_server_url \
	tests/unit/test_utf8 \
	tests/unit/test_alphabet \
	tests/unit/test_log \
	tests/unit/test_file \
	tests/unit/test_sandbox \
	tests/unit/test_shared \
	tests/unit/test_metrics \
	tests/unit/test_settings \
	tests/unit/test_store \
	tests/unit/test_sqlite \
	tests/unit/test_day \
	tests/unit/test_ready \
	tests/unit/test_pool \
	tests/unit/test_answer \
	tests/unit/test_puzzle \
	tests/unit/test_challenge \
	tests/unit/test_font \
	tests/unit/test_glyph \
	tests/unit/test_layout \
	tests/unit/test_warp \
	tests/unit/test_linear \
	tests/unit/test_edge \
	tests/unit/test_raster \
	tests/unit/test_deflate \
	tests/unit/test_deflate_portable \
	tests/unit/test_png \
	tests/unit/test_tones \
	tests/unit/test_generator \
	tests/unit/test_request \
	tests/unit/test_form \
	tests/unit/test_json \
	tests/unit/test_multipart \
	tests/unit/test_visitor \
	tests/unit/test_notes \
	tests/unit/test_limit \
	tests/unit/test_route \
	tests/unit/test_handlers \
	tests/unit/test_http \
	tests/unit/test_response \
	tests/unit/test_page \
	tests/unit/test_fastcgi \
	tests/unit/test_loop \
	tests/unit/test_prefork
FAULT_TESTS = tests/faults/test_faults
if WITH_REDIS
UNIT_TESTS += tests/unit/test_breaker tests/unit/test_redis \
	tests/unit/test_redis_liars \
	tests/unit/test_redis_sentinel tests/unit/test_redis_cluster
endif
endif
check_PROGRAMS += $(UNIT_TESTS) $(FAULT_TESTS)
TESTS += $(UNIT_TESTS) $(FAULT_TESTS)

tests_support_libsupport_a_SOURCES = \
	tests/support/check.h \
	tests/support/capture.c tests/support/capture.h \
	tests/support/fake_clk.c tests/support/fake_clk.h \
	tests/support/form_check.c tests/support/form_check.h \
	tests/support/mem_store.c tests/support/mem_store.h \
	tests/support/records.c tests/support/records.h \
	tests/support/temp_dir.c tests/support/temp_dir.h

tests_support_libpicture_a_SOURCES = \
	tests/support/picture.c tests/support/picture.h \
	tests/support/strict_png.c tests/support/strict_png.h
tests_support_libpicture_a_CPPFLAGS = $(AM_CPPFLAGS) $(PNG_CFLAGS)
# A challenge layer of its own, in place of libchallenge.a.
tests_support_libhttp_client_a_SOURCES = \
	tests/support/http_client.c tests/support/http_client.h \
	tests/support/fake_challenge.c tests/support/fake_challenge.h
EXTRA_DIST += \
	tests/data/README \
	tests/data/alphabets.ttc \
	tests/data/cubic.otf \
	tests/data/odd/blank.ttf \
	tests/data/odd/far.ttf \
	tests/data/odd/line.ttf \
	tests/data/odd/point.ttf \
	tests/data/odd/slim.ttf \
	tests/data/odd/speck.ttf \
	tests/data/sans.ttf \
	tests/data/serif-no-q.ttf

# What each is linked with: the layer under test and those below it.
SUPPORT = tests/support/libsupport.a
UNIT_LIBS = $(CF_LIBS) $(CMOCKA_LIBS) $(PNG_LIBS)
OVER_BASE = $(SUPPORT) src/store/libstore.a src/conf/libconf.a \
	src/base/libbase.a $(UNIT_LIBS)
OVER_STORE = $(OVER_BASE)
OVER_POOL = $(SUPPORT) src/pool/libpool.a $(OVER_BASE)
OVER_CHALLENGE = $(SUPPORT) $(CF_LAYERS) $(UNIT_LIBS)
OVER_IMAGE = tests/support/libpicture.a src/image/libimage.a \
	src/base/libbase.a $(UNIT_LIBS)
OVER_HTTP = tests/support/libhttp_client.a src/http/libhttp.a \
	tests/support/libhttp_client.a src/conf/libconf.a src/base/libbase.a \
	$(UNIT_LIBS)

tests_unit_test_status_SOURCES = tests/unit/test_status.c
tests_unit_test_status_LDADD = $(OVER_BASE)
tests_unit_test_mem_SOURCES = tests/unit/test_mem.c
tests_unit_test_mem_LDADD = $(OVER_BASE)
tests_unit_test_heap_SOURCES = tests/unit/test_heap.c
tests_unit_test_heap_LDADD = src/heap/libheap.a $(OVER_BASE)
tests_unit_test_buf_SOURCES = tests/unit/test_buf.c
tests_unit_test_buf_LDADD = $(OVER_BASE)
tests_unit_test_arena_SOURCES = tests/unit/test_arena.c
tests_unit_test_arena_LDADD = $(OVER_BASE)
tests_unit_test_clk_SOURCES = tests/unit/test_clk.c
tests_unit_test_clk_LDADD = $(OVER_BASE)
tests_unit_test_crypt_SOURCES = tests/unit/test_crypt.c
tests_unit_test_crypt_LDADD = $(OVER_BASE)
tests_unit_test_text_SOURCES = tests/unit/test_text.c
tests_unit_test_text_LDADD = $(OVER_BASE)
tests_unit_test_pid_SOURCES = tests/unit/test_pid.c
tests_unit_test_pid_LDADD = $(OVER_BASE)
tests_unit_test_base64_SOURCES = tests/unit/test_base64.c
tests_unit_test_base64_CPPFLAGS = $(AM_CPPFLAGS) $(SODIUM_CFLAGS)
tests_unit_test_base64_LDADD = $(OVER_BASE)
tests_unit_test_rng_SOURCES = tests/unit/test_rng.c
tests_unit_test_rng_LDADD = $(OVER_BASE)
tests_unit_test_net_SOURCES = tests/unit/test_net.c
tests_unit_test_net_LDADD = $(OVER_BASE)
tests_unit_test_server_url_SOURCES = tests/unit/test_server_url.c
tests_unit_test_server_url_LDADD = $(OVER_BASE)
tests_unit_test_utf8_SOURCES = tests/unit/test_utf8.c
tests_unit_test_utf8_LDADD = $(OVER_BASE)
tests_unit_test_alphabet_SOURCES = tests/unit/test_alphabet.c
tests_unit_test_alphabet_LDADD = $(OVER_BASE)
tests_unit_test_log_SOURCES = tests/unit/test_log.c
tests_unit_test_log_LDADD = $(OVER_BASE)
tests_unit_test_file_SOURCES = tests/unit/test_file.c
tests_unit_test_file_LDADD = $(OVER_BASE)
tests_unit_test_sandbox_SOURCES = tests/unit/test_sandbox.c
tests_unit_test_sandbox_LDADD = $(OVER_BASE)
tests_unit_test_shared_SOURCES = tests/unit/test_shared.c
tests_unit_test_shared_LDADD = $(OVER_BASE)
tests_unit_test_metrics_SOURCES = tests/unit/test_metrics.c
tests_unit_test_metrics_LDADD = $(OVER_BASE)
tests_unit_test_settings_SOURCES = tests/unit/test_settings.c
tests_unit_test_settings_LDADD = $(OVER_BASE)

CONTRACT = tests/unit/store_contract.c tests/unit/store_contract.h
tests_unit_test_store_SOURCES = tests/unit/test_store.c $(CONTRACT)
tests_unit_test_store_LDADD = $(OVER_STORE)
tests_unit_test_sqlite_SOURCES = tests/unit/test_sqlite.c $(CONTRACT)
tests_unit_test_sqlite_CPPFLAGS = $(AM_CPPFLAGS) $(SQLITE_CFLAGS)
tests_unit_test_sqlite_LDADD = $(OVER_STORE)
tests_unit_test_breaker_SOURCES = tests/unit/test_breaker.c
tests_unit_test_breaker_LDADD = $(OVER_STORE)
REDIS_WORLD = tests/unit/redis_world.c tests/unit/redis_world.h $(CONTRACT)
tests_unit_test_redis_SOURCES = tests/unit/test_redis.c $(REDIS_WORLD)
tests_unit_test_redis_CPPFLAGS = $(AM_CPPFLAGS) $(HIREDIS_CFLAGS)
tests_unit_test_redis_LDADD = $(OVER_STORE)
tests_unit_test_redis_liars_SOURCES = tests/unit/test_redis_liars.c $(REDIS_WORLD)
tests_unit_test_redis_liars_CPPFLAGS = $(AM_CPPFLAGS) $(HIREDIS_CFLAGS)
tests_unit_test_redis_liars_LDADD = $(OVER_STORE)
tests_unit_test_redis_sentinel_SOURCES = tests/unit/test_redis_sentinel.c $(REDIS_WORLD)
tests_unit_test_redis_sentinel_CPPFLAGS = $(AM_CPPFLAGS) $(HIREDIS_CFLAGS)
tests_unit_test_redis_sentinel_LDADD = $(OVER_STORE)
tests_unit_test_redis_cluster_SOURCES = tests/unit/test_redis_cluster.c $(REDIS_WORLD)
tests_unit_test_redis_cluster_CPPFLAGS = $(AM_CPPFLAGS) $(HIREDIS_CFLAGS)
tests_unit_test_redis_cluster_LDADD = $(OVER_STORE)

tests_unit_test_day_SOURCES = tests/unit/test_day.c
tests_unit_test_day_LDADD = $(OVER_POOL)
tests_unit_test_ready_SOURCES = tests/unit/test_ready.c
tests_unit_test_ready_LDADD = $(OVER_POOL)
tests_unit_test_pool_SOURCES = tests/unit/test_pool.c
# a rival that takes pictures while they are counted, and a small disk
tests_unit_test_pool_LDFLAGS = $(AM_LDFLAGS) -Wl,--wrap=fstatat \
	-Wl,--wrap=fstatvfs
tests_unit_test_pool_LDADD = $(OVER_POOL)

tests_unit_test_answer_SOURCES = tests/unit/test_answer.c
tests_unit_test_answer_LDADD = $(OVER_CHALLENGE)
tests_unit_test_puzzle_SOURCES = tests/unit/test_puzzle.c
tests_unit_test_puzzle_LDADD = src/app/libapp.a $(OVER_CHALLENGE)
tests_unit_test_challenge_SOURCES = tests/unit/test_challenge.c
tests_unit_test_challenge_LDADD = src/app/libapp.a $(OVER_CHALLENGE)

# font.c with a directory for installed fonts that the test may fill
tests_unit_test_font_SOURCES = tests/unit/test_font.c src/image/font.c
tests_unit_test_font_CPPFLAGS = $(AM_CPPFLAGS) \
	-UCF_DATADIR -DCF_DATADIR='"$(abs_top_builddir)/tests/share"'
tests_unit_test_font_LDADD = $(OVER_IMAGE)
tests_unit_test_glyph_SOURCES = tests/unit/test_glyph.c
tests_unit_test_glyph_LDADD = $(OVER_IMAGE)
tests_unit_test_layout_SOURCES = tests/unit/test_layout.c
tests_unit_test_layout_LDADD = $(OVER_IMAGE)
tests_unit_test_warp_SOURCES = tests/unit/test_warp.c
tests_unit_test_warp_LDADD = $(OVER_IMAGE)
tests_unit_test_linear_SOURCES = tests/unit/test_linear.c
tests_unit_test_linear_LDADD = $(OVER_IMAGE)
tests_unit_test_edge_SOURCES = tests/unit/test_edge.c
tests_unit_test_edge_LDADD = $(OVER_IMAGE)
tests_unit_test_raster_SOURCES = tests/unit/test_raster.c
tests_unit_test_raster_CPPFLAGS = $(AM_CPPFLAGS) $(FREETYPE_CFLAGS)
tests_unit_test_raster_LDADD = $(OVER_IMAGE)
tests_unit_test_deflate_SOURCES = tests/unit/test_deflate.c
tests_unit_test_deflate_CPPFLAGS = $(AM_CPPFLAGS) $(ZLIB_CFLAGS)
tests_unit_test_deflate_LDADD = $(OVER_IMAGE)
# the same of deflate.c as other processors have it
tests_unit_test_deflate_portable_SOURCES = tests/unit/test_deflate.c \
	src/image/deflate.c
tests_unit_test_deflate_portable_CPPFLAGS = $(AM_CPPFLAGS) $(ZLIB_CFLAGS) \
	-DCF_DEFLATE_PORTABLE
tests_unit_test_deflate_portable_LDADD = $(OVER_IMAGE)
tests_unit_test_tones_SOURCES = tests/unit/test_tones.c
tests_unit_test_tones_LDADD = $(OVER_IMAGE)
tests_unit_test_png_SOURCES = tests/unit/test_png.c
tests_unit_test_png_LDADD = $(OVER_IMAGE)
tests_unit_test_generator_SOURCES = tests/unit/test_generator.c
tests_unit_test_generator_LDADD = $(OVER_IMAGE)


tests_unit_test_request_SOURCES = tests/unit/test_request.c
tests_unit_test_request_LDADD = $(OVER_HTTP)
tests_unit_test_form_SOURCES = tests/unit/test_form.c
tests_unit_test_form_LDADD = $(SUPPORT) $(OVER_HTTP)
tests_unit_test_json_SOURCES = tests/unit/test_json.c
tests_unit_test_json_LDADD = $(SUPPORT) $(OVER_HTTP)
tests_unit_test_multipart_SOURCES = tests/unit/test_multipart.c
tests_unit_test_multipart_LDADD = $(SUPPORT) $(OVER_HTTP)
tests_unit_test_visitor_SOURCES = tests/unit/test_visitor.c
tests_unit_test_visitor_LDADD = $(OVER_HTTP)
tests_unit_test_notes_SOURCES = tests/unit/test_notes.c
tests_unit_test_notes_LDADD = $(SUPPORT) $(OVER_HTTP)
tests_unit_test_limit_SOURCES = tests/unit/test_limit.c
tests_unit_test_limit_LDADD = $(SUPPORT) $(OVER_HTTP)
tests_unit_test_route_SOURCES = tests/unit/test_route.c
tests_unit_test_route_LDADD = $(OVER_HTTP)
tests_unit_test_handlers_SOURCES = tests/unit/test_handlers.c
tests_unit_test_handlers_LDADD = $(SUPPORT) $(OVER_HTTP)
tests_unit_test_http_SOURCES = tests/unit/test_http.c
tests_unit_test_http_LDADD = $(OVER_HTTP)
tests_unit_test_page_SOURCES = tests/unit/test_page.c
tests_unit_test_page_LDADD = $(OVER_HTTP)
tests_unit_test_response_SOURCES = tests/unit/test_response.c
tests_unit_test_response_LDADD = $(OVER_HTTP)
# with an http layer of the test's own
tests_unit_test_fastcgi_SOURCES = tests/unit/test_fastcgi.c
tests_unit_test_fastcgi_LDADD = src/serve/libserve.a $(OVER_BASE)
tests_unit_test_loop_SOURCES = tests/unit/test_loop.c
tests_unit_test_loop_LDADD = src/serve/libserve.a $(OVER_BASE)
tests_unit_test_prefork_SOURCES = tests/unit/test_prefork.c
tests_unit_test_prefork_LDFLAGS = $(AM_LDFLAGS) -Wl,--wrap=fork \
	-Wl,--wrap=waitpid -Wl,--wrap=listen
tests_unit_test_prefork_LDADD = $(SUPPORT) src/serve/libserve.a \
	src/http/libhttp.a $(CF_LAYERS) $(UNIT_LIBS) $(CF_SERVICE_LIBS)

# --- faults ------------------------------------------------------------------

# The whole service but its sockets, and calls that fail: the linker puts
# __wrap_X of tests/faults/fault.c in the place of X. Not under valgrind:
# some thousand visits would take an hour there.
FAULTY = malloc calloc realloc open openat fopen fdopendir mkdir mkdirat \
	write renameat sqlite3_open_v2
tests_faults_test_faults_SOURCES = \
	tests/faults/test_faults.c \
	tests/faults/fault.c tests/faults/fault.h tests/faults/fault_vfs.c
tests_faults_test_faults_CPPFLAGS = $(AM_CPPFLAGS) $(SQLITE_CFLAGS)
tests_faults_test_faults_LDFLAGS = $(AM_LDFLAGS) $(FAULTY:%=-Wl,--wrap=%)
tests_faults_test_faults_LDADD = $(SUPPORT) src/http/libhttp.a \
	src/app/libapp.a $(CF_LAYERS) $(UNIT_LIBS)

# By script/test faults, as those in tests/load are by script/test load.
EXTRA_DIST += \
	tests/faults/lib.sh \
	tests/faults/clock.sh \
	tests/faults/descriptors.sh \
	tests/faults/directories.sh \
	tests/faults/full-disk.sh \
	tests/faults/read-only.sh \
	tests/faults/stopped.sh

# By script/test cluster.
EXTRA_DIST += \
	tests/cluster/lib.sh \
	tests/cluster/failovers.sh \
	tests/cluster/faults.sh \
	tests/cluster/redis-cluster.sh \
	tests/cluster/three-nodes.sh \
	tests/cluster/visitors.py

# --- fuzz targets ------------------------------------------------------------

# `make check` replays tests/fuzz/corpus/TARGET; script/fuzz lets clang's fuzzer
# find more.
FUZZ_TESTS = \
	tests/fuzz/replay_deflate \
	tests/fuzz/replay_fastcgi \
	tests/fuzz/replay_form \
	tests/fuzz/replay_forwarded \
	tests/fuzz/replay_json \
	tests/fuzz/replay_multipart \
	tests/fuzz/replay_request \
	tests/fuzz/replay_route \
	tests/fuzz/replay_settings
if HAVE_FCGI
FUZZ_TESTS += tests/fuzz/replay_fastcgi_peer
endif
check_PROGRAMS += $(FUZZ_TESTS)
TESTS += $(FUZZ_TESTS)
EXTRA_DIST += $(srcdir)/tests/fuzz/corpus

# What a target is made of, and what it is linked with.
FUZZ_DEFLATE = tests/fuzz/fuzz_deflate.c tests/fuzz/fuzz.h \
	tests/support/strict_png.c tests/support/strict_png.h
# with src/serve/loop.c, which it includes
FUZZ_FASTCGI = tests/fuzz/fuzz_fastcgi.c tests/fuzz/fuzz.h \
	tests/fuzz/fastcgi_events.c tests/fuzz/fastcgi_events.h \
	tests/fuzz/fastcgi_model.c tests/fuzz/fastcgi_model.h \
	tests/support/fake_clk.c tests/support/fake_clk.h
FUZZ_FASTCGI_PEER = tests/fuzz/fuzz_fastcgi_peer.c tests/fuzz/fuzz.h \
	tests/fuzz/fastcgi_events.c tests/fuzz/fastcgi_events.h
FUZZ_FORM = tests/fuzz/fuzz_form.c tests/fuzz/fuzz.h
FUZZ_FORWARDED = tests/fuzz/fuzz_forwarded.c tests/fuzz/fuzz.h \
	tests/fuzz/variables.c tests/fuzz/variables.h
FUZZ_JSON = tests/fuzz/fuzz_json.c tests/fuzz/fuzz.h
FUZZ_MULTIPART = tests/fuzz/fuzz_multipart.c tests/fuzz/fuzz.h
FUZZ_REQUEST = tests/fuzz/fuzz_request.c tests/fuzz/fuzz.h \
	tests/fuzz/known_random.c tests/fuzz/known_random.h \
	tests/fuzz/variables.c tests/fuzz/variables.h \
	tests/support/fake_clk.c tests/support/fake_clk.h \
	tests/support/mem_store.c tests/support/mem_store.h \
	tests/support/strict_png.c tests/support/strict_png.h
FUZZ_ROUTE = tests/fuzz/fuzz_route.c tests/fuzz/fuzz.h \
	tests/fuzz/variables.c tests/fuzz/variables.h
FUZZ_SETTINGS = tests/fuzz/fuzz_settings.c tests/fuzz/fuzz.h
FUZZ_OVER_BASE = src/conf/libconf.a src/base/libbase.a $(CF_LIBS)
FUZZ_OVER_IMAGE = src/image/libimage.a $(FUZZ_OVER_BASE)
FUZZ_OVER_SERVE = src/serve/libserve.a $(FUZZ_OVER_BASE)
FUZZ_OVER_ALL = src/http/libhttp.a src/app/libapp.a $(CF_LAYERS) $(CF_LIBS)

tests_fuzz_replay_deflate_SOURCES = tests/fuzz/replay.c $(FUZZ_DEFLATE)
tests_fuzz_replay_deflate_LDADD = $(FUZZ_OVER_IMAGE)
tests_fuzz_replay_fastcgi_SOURCES = tests/fuzz/replay.c $(FUZZ_FASTCGI)
tests_fuzz_replay_fastcgi_LDADD = $(FUZZ_OVER_SERVE)
tests_fuzz_replay_fastcgi_peer_SOURCES = tests/fuzz/replay.c $(FUZZ_FASTCGI_PEER)
tests_fuzz_replay_fastcgi_peer_LDADD = $(FUZZ_OVER_SERVE) $(FCGI_LIBS)
tests_fuzz_replay_form_SOURCES = tests/fuzz/replay.c $(FUZZ_FORM)
tests_fuzz_replay_form_LDADD = $(FUZZ_OVER_ALL)
tests_fuzz_replay_forwarded_SOURCES = tests/fuzz/replay.c $(FUZZ_FORWARDED)
tests_fuzz_replay_forwarded_LDADD = $(FUZZ_OVER_ALL)
tests_fuzz_replay_json_SOURCES = tests/fuzz/replay.c $(FUZZ_JSON)
tests_fuzz_replay_json_LDADD = $(FUZZ_OVER_ALL)
tests_fuzz_replay_multipart_SOURCES = tests/fuzz/replay.c $(FUZZ_MULTIPART)
tests_fuzz_replay_multipart_LDADD = $(FUZZ_OVER_ALL)
tests_fuzz_replay_request_SOURCES = tests/fuzz/replay.c $(FUZZ_REQUEST)
tests_fuzz_replay_request_LDADD = $(FUZZ_OVER_ALL)
tests_fuzz_replay_route_SOURCES = tests/fuzz/replay.c $(FUZZ_ROUTE)
tests_fuzz_replay_route_LDADD = $(FUZZ_OVER_ALL)
tests_fuzz_replay_settings_SOURCES = tests/fuzz/replay.c $(FUZZ_SETTINGS)
tests_fuzz_replay_settings_LDADD = $(FUZZ_OVER_BASE)

if ENABLE_FUZZ
WITH_FUZZER = $(AM_LDFLAGS) -fsanitize=fuzzer
noinst_PROGRAMS += \
	tests/fuzz/fuzz_deflate \
	tests/fuzz/fuzz_fastcgi \
	tests/fuzz/fuzz_form \
	tests/fuzz/fuzz_forwarded \
	tests/fuzz/fuzz_json \
	tests/fuzz/fuzz_multipart \
	tests/fuzz/fuzz_request \
	tests/fuzz/fuzz_route \
	tests/fuzz/fuzz_settings
tests_fuzz_fuzz_deflate_SOURCES = $(FUZZ_DEFLATE)
tests_fuzz_fuzz_deflate_LDFLAGS = $(WITH_FUZZER)
tests_fuzz_fuzz_deflate_LDADD = $(FUZZ_OVER_IMAGE)
tests_fuzz_fuzz_fastcgi_SOURCES = $(FUZZ_FASTCGI)
tests_fuzz_fuzz_fastcgi_LDFLAGS = $(WITH_FUZZER)
tests_fuzz_fuzz_fastcgi_LDADD = $(FUZZ_OVER_SERVE)
if HAVE_FCGI
noinst_PROGRAMS += tests/fuzz/fuzz_fastcgi_peer
tests_fuzz_fuzz_fastcgi_peer_SOURCES = $(FUZZ_FASTCGI_PEER)
tests_fuzz_fuzz_fastcgi_peer_LDFLAGS = $(WITH_FUZZER)
tests_fuzz_fuzz_fastcgi_peer_LDADD = $(FUZZ_OVER_SERVE) $(FCGI_LIBS)
endif
tests_fuzz_fuzz_form_SOURCES = $(FUZZ_FORM)
tests_fuzz_fuzz_form_LDFLAGS = $(WITH_FUZZER)
tests_fuzz_fuzz_form_LDADD = $(FUZZ_OVER_ALL)
tests_fuzz_fuzz_forwarded_SOURCES = $(FUZZ_FORWARDED)
tests_fuzz_fuzz_forwarded_LDFLAGS = $(WITH_FUZZER)
tests_fuzz_fuzz_forwarded_LDADD = $(FUZZ_OVER_ALL)
tests_fuzz_fuzz_json_SOURCES = $(FUZZ_JSON)
tests_fuzz_fuzz_json_LDFLAGS = $(WITH_FUZZER)
tests_fuzz_fuzz_json_LDADD = $(FUZZ_OVER_ALL)
tests_fuzz_fuzz_multipart_SOURCES = $(FUZZ_MULTIPART)
tests_fuzz_fuzz_multipart_LDFLAGS = $(WITH_FUZZER)
tests_fuzz_fuzz_multipart_LDADD = $(FUZZ_OVER_ALL)
tests_fuzz_fuzz_request_SOURCES = $(FUZZ_REQUEST)
tests_fuzz_fuzz_request_LDFLAGS = $(WITH_FUZZER)
tests_fuzz_fuzz_request_LDADD = $(FUZZ_OVER_ALL)
tests_fuzz_fuzz_route_SOURCES = $(FUZZ_ROUTE)
tests_fuzz_fuzz_route_LDFLAGS = $(WITH_FUZZER)
tests_fuzz_fuzz_route_LDADD = $(FUZZ_OVER_ALL)
tests_fuzz_fuzz_settings_SOURCES = $(FUZZ_SETTINGS)
tests_fuzz_fuzz_settings_LDFLAGS = $(WITH_FUZZER)
tests_fuzz_fuzz_settings_LDADD = $(FUZZ_OVER_BASE)
endif

# --- valgrind ----------------------------------------------------------------

# Not in a build with sanitizers: the two do not go together. What is possibly
# lost is no error: to valgrind that is a block to whose inside alone somebody
# points, as to every block of base/mem.h, which has a head in front.
VALGRIND = valgrind
VALGRIND_FLAGS = -q --error-exitcode=99 --leak-check=full \
	--errors-for-leak-kinds=definite,indirect \
	--child-silent-after-fork=yes \
	--suppressions=$(abs_top_srcdir)/tests/support/valgrind.supp
EXTRA_DIST += tests/support/valgrind.supp
.PHONY: check-valgrind
check-valgrind:
	CF_N_PICTURES=300 $(MAKE) $(AM_MAKEFLAGS) check TESTS='$(UNIT_TESTS)' \
		LOG_COMPILER='$(VALGRIND) $(VALGRIND_FLAGS)'
