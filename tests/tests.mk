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
	LC_ALL=C; export LC_ALL;

# --- lint and shell: need nothing but the programs ---------------------------

LINT_TESTS = \
	tests/lint/layers.sh \
	tests/lint/style.sh
SHELL_TESTS = \
	tests/shell/t0001-ctl.sh
TESTS += $(LINT_TESTS) $(SHELL_TESTS)
EXTRA_DIST += $(LINT_TESTS) $(SHELL_TESTS) tests/shell/lib.sh

# --- unit tests: need cmocka -------------------------------------------------

UNIT_TESTS =
if HAVE_CMOCKA
AM_CPPFLAGS += -I$(top_srcdir) $(CMOCKA_CFLAGS)
check_LIBRARIES += tests/support/libsupport.a

UNIT_TESTS += \
	tests/unit/test_settings \
	tests/unit/test_store \
	tests/unit/test_sqlite \
	tests/unit/test_day \
	tests/unit/test_names \
	tests/unit/test_pool \
	tests/unit/test_token \
	tests/unit/test_answer \
	tests/unit/test_challenge
endif
check_PROGRAMS += $(UNIT_TESTS)
TESTS += $(UNIT_TESTS)

tests_support_libsupport_a_SOURCES = \
	tests/support/check.h \
	tests/support/capture.c tests/support/capture.h \
	tests/support/fake_clk.c tests/support/fake_clk.h \
	tests/support/mem_store.c tests/support/mem_store.h \
	tests/support/temp_dir.c tests/support/temp_dir.h

UNIT_LIBS = $(CF_LIBS) $(CMOCKA_LIBS)
UNIT_BASE = tests/support/libsupport.a src/store/libstore.a \
	src/base/libbase.a $(UNIT_LIBS)

tests_unit_test_settings_SOURCES = tests/unit/test_settings.c
tests_unit_test_settings_LDADD = $(UNIT_BASE)

CONTRACT = tests/unit/store_contract.c tests/unit/store_contract.h
tests_unit_test_store_SOURCES = tests/unit/test_store.c $(CONTRACT)
tests_unit_test_store_LDADD = $(UNIT_BASE)
tests_unit_test_sqlite_SOURCES = tests/unit/test_sqlite.c $(CONTRACT)
tests_unit_test_sqlite_CPPFLAGS = $(AM_CPPFLAGS) $(SQLITE_CFLAGS)
tests_unit_test_sqlite_LDADD = $(UNIT_BASE)

UNIT_POOL = tests/support/libsupport.a src/pool/libpool.a $(UNIT_BASE)
tests_unit_test_day_SOURCES = tests/unit/test_day.c
tests_unit_test_day_LDADD = $(UNIT_POOL)
tests_unit_test_names_SOURCES = tests/unit/test_names.c
tests_unit_test_names_LDADD = $(UNIT_POOL)
tests_unit_test_pool_SOURCES = tests/unit/test_pool.c
tests_unit_test_pool_LDADD = $(UNIT_POOL)

UNIT_CHALLENGE = tests/support/libsupport.a $(CF_LAYERS) $(UNIT_LIBS)
tests_unit_test_token_SOURCES = tests/unit/test_token.c
tests_unit_test_token_LDADD = $(UNIT_CHALLENGE)
tests_unit_test_answer_SOURCES = tests/unit/test_answer.c
tests_unit_test_answer_LDADD = $(UNIT_CHALLENGE)
tests_unit_test_challenge_SOURCES = tests/unit/test_challenge.c
tests_unit_test_challenge_LDADD = $(UNIT_CHALLENGE)
