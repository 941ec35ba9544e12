# Tests: `make check` runs all of them, `make check-valgrind` unit tests under
# valgrind. All print TAP. A new unit test, tests/unit/test_X.c, is one line in
# UNIT_TESTS.

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

# Only the folders of headers: other flags of a library are not for all files.
AM_CPPFLAGS += -I$(top_srcdir) $(filter -I%, $(CMOCKA_CFLAGS) \
	$(FREETYPE_CFLAGS) $(HIREDIS_CFLAGS) $(PNG_CFLAGS) $(SODIUM_CFLAGS) \
	$(SQLITE_CFLAGS) $(ZLIB_CFLAGS))

# --- lint and shell: need nothing but the programs ---------------------------

LINT_TESTS = \
	tests/lint/docs.sh \
	tests/lint/fonts.sh \
	tests/lint/layers.sh \
	tests/lint/structure.sh \
	tests/lint/style.sh
SHELL_TESTS = \
	tests/shell/t0000-lib.sh \
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
	tests/shell/t0016-redis.sh \
	tests/shell/t0017-systemd.sh \
	tests/shell/t0018-check.sh \
	tests/shell/t0019-sites.sh \
	tests/shell/t0020-site.sh \
	tests/shell/t0021-widget.sh \
	tests/shell/t0022-golden.sh \
	tests/shell/t0023-audio.sh
EXTRA_DIST += $(LINT_TESTS) tests/lint/lib.sh $(SHELL_TESTS) \
	tests/shell/lib.sh tests/support/golden.sh tests/support/said.py \
	tests/shell/alerts.yml

# --- unit tests and fuzz targets: need cmocka --------------------------------

UNIT_TESTS =
FAULT_TESTS =
if HAVE_CMOCKA
UNIT_TESTS += \
	tests/unit/test_alphabet \
	tests/unit/test_answer \
	tests/unit/test_arena \
	tests/unit/test_base64 \
	tests/unit/test_buf \
	tests/unit/test_challenge \
	tests/unit/test_clk \
	tests/unit/test_contrast \
	tests/unit/test_crypt \
	tests/unit/test_day \
	tests/unit/test_deflate \
	tests/unit/test_deflate_portable \
	tests/unit/test_fastcgi \
	tests/unit/test_file \
	tests/unit/test_font \
	tests/unit/test_form \
	tests/unit/test_generator \
	tests/unit/test_glyph \
	tests/unit/test_handlers \
	tests/unit/test_heap \
	tests/unit/test_http \
	tests/unit/test_lang \
	tests/unit/test_layout \
	tests/unit/test_limit \
	tests/unit/test_linear \
	tests/unit/test_log \
	tests/unit/test_loop \
	tests/unit/test_mem \
	tests/unit/test_metrics \
	tests/unit/test_net \
	tests/unit/test_notes \
	tests/unit/test_notify \
	tests/unit/test_page \
	tests/unit/test_pid \
	tests/unit/test_png \
	tests/unit/test_pool \
	tests/unit/test_prefork \
	tests/unit/test_puzzle \
	tests/unit/test_range \
	tests/unit/test_raster \
	tests/unit/test_ready \
	tests/unit/test_request \
	tests/unit/test_response \
	tests/unit/test_rng \
	tests/unit/test_sandbox \
	tests/unit/test_server_url \
	tests/unit/test_settings \
	tests/unit/test_shared \
	tests/unit/test_sound \
	tests/unit/test_sqlite \
	tests/unit/test_status \
	tests/unit/test_store \
	tests/unit/test_text \
	tests/unit/test_token \
	tests/unit/test_tones \
	tests/unit/test_utf8 \
	tests/unit/test_visitor
FAULT_TESTS += tests/faults/test_faults
if WITH_REDIS
UNIT_TESTS += \
	tests/unit/test_breaker \
	tests/unit/test_redis \
	tests/unit/test_redis_cluster \
	tests/unit/test_redis_liars \
	tests/unit/test_redis_sentinel
endif
endif
check_PROGRAMS += $(UNIT_TESTS) $(FAULT_TESTS)
# The longest first, so that the others run beside it.
TESTS += $(FAULT_TESTS) $(UNIT_TESTS) $(LINT_TESTS) $(SHELL_TESTS)

# All of tests/support and the shared files of tests/unit, but for libhttp_client.
tests_support_libsupport_a_SOURCES = \
	tests/support/check.h \
	tests/support/capture.c tests/support/capture.h \
	tests/support/fake_clk.c tests/support/fake_clk.h \
	tests/support/form_check.c tests/support/form_check.h \
	tests/support/http_answer.c tests/support/http_answer.h \
	tests/support/lines.c tests/support/lines.h \
	tests/support/mem_store.c tests/support/mem_store.h \
	tests/support/picture.c tests/support/picture.h \
	tests/support/processes.c tests/support/processes.h \
	tests/support/records.c tests/support/records.h \
	tests/support/shapes.c tests/support/shapes.h \
	tests/support/small_bank.c tests/support/small_bank.h \
	tests/support/strict_png.c tests/support/strict_png.h \
	tests/support/temp_dir.c tests/support/temp_dir.h \
	tests/unit/store_contract.c tests/unit/store_contract.h
if WITH_REDIS
tests_support_libsupport_a_SOURCES += \
	tests/unit/redis_world.c tests/unit/redis_world.h
endif
tests_support_libhttp_client_a_SOURCES = \
	tests/support/http_client.c tests/support/http_client.h \
	tests/support/fake_challenge.c tests/support/fake_challenge.h

# The libraries of a program without an LDADD of its own. The linker takes
# a function from the first library that has it. A test that calls challenge_*
# gets the real layer; src/http gets the fake one of libhttp_client.a.
SUPPORT = tests/support/libsupport.a
TEST_LIBS = $(CF_LIBS) $(CMOCKA_LIBS) $(PNG_LIBS) -lm
LDADD = $(SUPPORT) src/challenge/libchallenge.a \
	tests/support/libhttp_client.a src/serve/libserve.a \
	src/http/libhttp.a tests/support/libhttp_client.a $(SUPPORT) \
	src/app/libapp.a $(CF_LAYERS) $(TEST_LIBS)

# Tests that need more than that:

# deflate.c without the instructions of one processor
tests_unit_test_deflate_portable_SOURCES = tests/unit/test_deflate.c \
	src/image/deflate.c
tests_unit_test_deflate_portable_CPPFLAGS = $(AM_CPPFLAGS) -DCF_DEFLATE_PORTABLE
# font.c with a directory for installed fonts that the test may fill
tests_unit_test_font_SOURCES = tests/unit/test_font.c src/image/font.c
tests_unit_test_font_CPPFLAGS = $(AM_CPPFLAGS) \
	-UCF_DATADIR -DCF_DATADIR='"$(abs_top_builddir)/tests/share"'
# a rival that takes pictures while they are counted, and a small disk; the calls
# have other names on 32-bit processors
tests_unit_test_pool_LDFLAGS = $(AM_LDFLAGS) \
	-Wl,--wrap=fstatat -Wl,--wrap=__fstatat64_time64 \
	-Wl,--wrap=fstatvfs -Wl,--wrap=fstatvfs64
# the whole service, without the fake challenge layer
tests_unit_test_prefork_LDFLAGS = $(AM_LDFLAGS) -Wl,--wrap=fork \
	-Wl,--wrap=waitpid -Wl,--wrap=listen -Wl,--wrap=chmod \
	-Wl,--wrap=sigtimedwait -Wl,--wrap=notify_tell
tests_unit_test_prefork_LDADD = $(SUPPORT) $(CF_SERVICE_LAYERS) \
	$(TEST_LIBS) $(CF_SERVICE_LIBS)

# The whole service but its sockets, and calls that fail: the linker puts
# __wrap_X of tests/faults/fault.c in the place of X. Not under valgrind:
# some thousand visits would take an hour there.
FAULTY = malloc calloc realloc open openat fopen fdopendir mkdir mkdirat \
	write renameat sqlite3_open_v2
tests_faults_test_faults_SOURCES = \
	tests/faults/test_faults.c \
	tests/faults/fault.c tests/faults/fault.h tests/faults/fault_vfs.c
tests_faults_test_faults_LDFLAGS = $(AM_LDFLAGS) $(FAULTY:%=-Wl,--wrap=%)
tests_faults_test_faults_LDADD = $(SUPPORT) $(CF_SERVICE_LAYERS) $(TEST_LIBS)

# --- fuzz targets ------------------------------------------------------------

# `make check` calls each target with the files of tests/fuzz/corpus/TARGET.
# With --enable-fuzz the targets are clang's fuzzer, which script/fuzz runs.
FUZZ_TESTS =
if HAVE_CMOCKA
FUZZ_TESTS += \
	tests/fuzz/fuzz_bank \
	tests/fuzz/fuzz_deflate \
	tests/fuzz/fuzz_fastcgi \
	tests/fuzz/fuzz_form \
	tests/fuzz/fuzz_forwarded \
	tests/fuzz/fuzz_json \
	tests/fuzz/fuzz_multipart \
	tests/fuzz/fuzz_range \
	tests/fuzz/fuzz_request \
	tests/fuzz/fuzz_route \
	tests/fuzz/fuzz_settings
if HAVE_FCGI
FUZZ_TESTS += tests/fuzz/fuzz_fastcgi_peer
endif
check_LIBRARIES += tests/support/libsupport.a \
	tests/support/libhttp_client.a tests/fuzz/libfuzz.a
endif
EXTRA_DIST += $(srcdir)/tests/fuzz/corpus
tests_fuzz_libfuzz_a_SOURCES = tests/fuzz/fuzz.h \
	tests/fuzz/fastcgi_events.c tests/fuzz/fastcgi_events.h \
	tests/fuzz/fastcgi_model.c tests/fuzz/fastcgi_model.h \
	tests/fuzz/known_random.c tests/fuzz/known_random.h \
	tests/fuzz/variables.c tests/fuzz/variables.h
if ENABLE_FUZZ
noinst_PROGRAMS += $(FUZZ_TESTS)
else
check_PROGRAMS += $(FUZZ_TESTS)
TESTS += $(FUZZ_TESTS)
tests_fuzz_libfuzz_a_SOURCES += tests/fuzz/replay.c
endif
FUZZ_LIBS = tests/fuzz/libfuzz.a $(SUPPORT) $(CF_SERVICE_LAYERS) $(TEST_LIBS)
tests_fuzz_fuzz_bank_LDADD = $(FUZZ_MAIN) $(FUZZ_LIBS)
tests_fuzz_fuzz_deflate_LDADD = $(FUZZ_MAIN) $(FUZZ_LIBS)
tests_fuzz_fuzz_fastcgi_LDADD = $(FUZZ_MAIN) $(FUZZ_LIBS)
tests_fuzz_fuzz_fastcgi_peer_LDADD = $(FUZZ_MAIN) $(FUZZ_LIBS) $(FCGI_LIBS)
tests_fuzz_fuzz_form_LDADD = $(FUZZ_MAIN) $(FUZZ_LIBS)
tests_fuzz_fuzz_forwarded_LDADD = $(FUZZ_MAIN) $(FUZZ_LIBS)
tests_fuzz_fuzz_json_LDADD = $(FUZZ_MAIN) $(FUZZ_LIBS)
tests_fuzz_fuzz_multipart_LDADD = $(FUZZ_MAIN) $(FUZZ_LIBS)
tests_fuzz_fuzz_range_LDADD = $(FUZZ_MAIN) $(FUZZ_LIBS)
tests_fuzz_fuzz_request_LDADD = $(FUZZ_MAIN) $(FUZZ_LIBS)
tests_fuzz_fuzz_route_LDADD = $(FUZZ_MAIN) $(FUZZ_LIBS)
tests_fuzz_fuzz_settings_LDADD = $(FUZZ_MAIN) $(FUZZ_LIBS)

# --- valgrind ----------------------------------------------------------------

# Not in a build with sanitizers: the two do not go together. "Possibly lost" is
# no error: valgrind says so of each block of base/mem.h, since pointers to it
# point behind a head.
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
