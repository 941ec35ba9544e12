/*
 * notify.c: what arrives at a socket of the test, and how often systemd wants
 * to hear from the watchdog.
 */
#include "base/base.h"
#include "serve/notify.h"
#include "tests/support/check.h"
#include "tests/support/temp_dir.h"

#include <sys/socket.h>
#include <sys/un.h>

static char dir[TEMP_PATH_BYTES];
static char name[TEMP_PATH_BYTES + 8];

/* Bind a socket to an address of the form of NOTIFY_SOCKET. */
static int listen_at(const char *address)
{
	struct sockaddr_un addr = {.sun_family = AF_UNIX};
	size_t len = strlen(address);
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0);

	assert_true(fd >= 0 && len < sizeof(addr.sun_path));
	memcpy(addr.sun_path, address, len);
	if (address[0] == '@')
		addr.sun_path[0] = '\0';
	len += offsetof(struct sockaddr_un, sun_path);
	assert_int_equal(bind(fd, (struct sockaddr *)&addr, (socklen_t)len), 0);
	return fd;
}

static void assert_hears(int fd, const char *wanted)
{
	char text[2048];
	ssize_t n = recv(fd, text, sizeof(text) - 1, 0);

	assert_true(n >= 0);
	text[n] = '\0';
	assert_string_equal(text, wanted);
}

static void assert_hears_nothing(int fd)
{
	char byte;

	assert_int_equal(recv(fd, &byte, 1, 0), -1);
	assert_int_equal(errno, EAGAIN);
}

static int make_socket(void **state)
{
	temp_dir_make(dir);
	(void)snprintf(name, sizeof(name), "%s/notify", dir);
	(void)setenv("NOTIFY_SOCKET", name, 1);
	*state = NULL;
	return 0;
}

static int remove_socket(void **state)
{
	(void)state;
	(void)unsetenv("NOTIFY_SOCKET");
	(void)unsetenv("WATCHDOG_USEC");
	(void)unsetenv("WATCHDOG_PID");
	temp_dir_remove(dir);
	return 0;
}

static void messages_arrive(void **state)
{
	int fd = listen_at(name);

	notify_tell("READY=1", "2 of 2 workers serve");
	assert_hears(fd, "READY=1\nSTATUS=2 of 2 workers serve");
	notify_tell("WATCHDOG=1", NULL);
	assert_hears(fd, "WATCHDOG=1\n");
	notify_tell(NULL, "");
	assert_hears(fd, "STATUS=");
	notify_tell(NULL, "a\nREADY=1\tb\xc3\xa9");
	assert_hears(fd, "STATUS=a READY=1 b\xc3\xa9");
	assert_hears_nothing(fd);
	(void)close(fd);
}

static void a_reload_has_the_time_of_its_begin(void **state)
{
	int fd = listen_at(name);
	struct timespec before, after;
	long long us;
	char text[256];
	ssize_t n;

	assert_int_equal(clock_gettime(CLOCK_MONOTONIC, &before), 0);
	notify_reloading();
	assert_int_equal(clock_gettime(CLOCK_MONOTONIC, &after), 0);
	n = recv(fd, text, sizeof(text) - 1, 0);
	assert_true(n > 0);
	text[n] = '\0';
	assert_int_equal(sscanf(text, "RELOADING=1\nMONOTONIC_USEC=%lld\n",
				&us),
			 1);
	assert_has(text, "\nSTATUS=");
	assert_true(us >=
		    (long long)before.tv_sec * 1000000 + before.tv_nsec / 1000);
	assert_true(us <=
		    (long long)after.tv_sec * 1000000 + after.tv_nsec / 1000);
	(void)close(fd);
}

static void a_name_without_a_file_is_an_address(void **state)
{
	int fd;

	(void)snprintf(name, sizeof(name), "@captcha-test-notify-%ld",
		       (long)getpid());
	(void)setenv("NOTIFY_SOCKET", name, 1);
	fd = listen_at(name);
	notify_tell("READY=1", NULL);
	assert_hears(fd, "READY=1\n");
	(void)close(fd);
}

static void without_a_listener_nothing_happens(void **state)
{
	char address[300];
	int fd = listen_at(name);

	notify_tell("READY=1", "heard");
	assert_hears(fd, "READY=1\nSTATUS=heard");
	memset(address, 'x', sizeof(address));
	address[0] = '/';
	address[sizeof(address) - 1] = '\0';
	(void)setenv("NOTIFY_SOCKET", address, 1);
	notify_tell("READY=1", NULL);
	(void)setenv("NOTIFY_SOCKET", "/nowhere/notify", 1);
	notify_tell("READY=1", NULL);
	(void)setenv("NOTIFY_SOCKET", "notify", 1);
	notify_tell("READY=1", NULL);
	(void)setenv("NOTIFY_SOCKET", "", 1);
	notify_tell("READY=1", NULL);
	(void)unsetenv("NOTIFY_SOCKET");
	notify_tell("READY=1", NULL);
	assert_hears_nothing(fd);
	(void)close(fd);
}

static void the_watchdog_is_calmed_four_times_in_its_time(void **state)
{
	static const struct {
		const char *usec;
		const char *pid; /* "" for that of the test */
		int64_t ms;
	} cases[] = {
		{NULL, NULL, 0},	 {"60000000", NULL, 15000},
		{"60000000", "", 15000}, {"60000000", "1", 0},
		{"1", NULL, 1},		 {"0", NULL, 0},
		{"", NULL, 0},		 {"soon", NULL, 0},
		{"-4000", NULL, 0},	 {"60000000", "me", 0},
	};
	char pid[16];

	(void)snprintf(pid, sizeof(pid), "%ld", (long)getpid());
	for (size_t i = 0; i < CF_ARRAY_LEN(cases); i++) {
		(void)unsetenv("WATCHDOG_USEC");
		(void)unsetenv("WATCHDOG_PID");
		if (cases[i].usec)
			(void)setenv("WATCHDOG_USEC", cases[i].usec, 1);
		if (cases[i].pid)
			(void)setenv("WATCHDOG_PID",
				     cases[i].pid[0] ? cases[i].pid : pid, 1);
		assert_int_equal(notify_watchdog_ms(), cases[i].ms);
	}
}

#define WITH_SOCKET(test) \
	cmocka_unit_test_setup_teardown(test, make_socket, remove_socket)

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_SOCKET(messages_arrive),
		WITH_SOCKET(a_reload_has_the_time_of_its_begin),
		WITH_SOCKET(a_name_without_a_file_is_an_address),
		WITH_SOCKET(without_a_listener_nothing_happens),
		WITH_SOCKET(the_watchdog_is_calmed_four_times_in_its_time),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
