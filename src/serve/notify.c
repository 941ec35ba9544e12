/*
 * Messages to systemd: see notify.h and, for why this is not libsystemd,
 * doc/decisions.md.
 */
#include "base/base.h"
#include "base/text.h"
#include "serve/notify.h"

#include <sys/socket.h>
#include <sys/un.h>

enum {
	MESSAGE_MAX_BYTES = 512,
	PATIENCE_S = 5, /* with a systemd that does not read */
};

/* A socket file, or "@name" for a name without a file (unix(7)). Returns the
 * length of the address, 0 if there is none. */
static socklen_t find_socket(struct sockaddr_un *addr)
{
	const char *name = getenv("NOTIFY_SOCKET");
	size_t len = name ? strlen(name) : 0;

	if (len < 2 || len >= sizeof(addr->sun_path) ||
	    (name[0] != '/' && name[0] != '@'))
		return 0;
	*addr = (struct sockaddr_un){.sun_family = AF_UNIX};
	memcpy(addr->sun_path, name, len);
	if (name[0] == '@')
		addr->sun_path[0] = '\0';
	return (socklen_t)(offsetof(struct sockaddr_un, sun_path) + len);
}

void notify_tell(const char *state, const char *status)
{
	const struct timeval patience = {.tv_sec = PATIENCE_S};
	char text[MESSAGE_MAX_BYTES];
	struct sockaddr_un addr;
	socklen_t len = find_socket(&addr);
	int n, fd;

	if (!len)
		return;
	n = snprintf(text, sizeof(text), "%s%s", state ? state : "",
		     state ? "\n" : "");
	if (status)
		(void)snprintf(text + n, sizeof(text) - (size_t)n, "STATUS=%s",
			       status);
	/* a line of the status must not become a message */
	for (char *c = text + n; *c; c++)
		if ((unsigned char)*c < 0x20)
			*c = ' ';
	fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return;
	(void)setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience,
			 sizeof(patience));
	(void)!sendto(fd, text, strlen(text), MSG_NOSIGNAL,
		      (struct sockaddr *)&addr, len);
	(void)close(fd);
}

void notify_reloading(void)
{
	char state[64];
	struct timespec now = {0, 0};

	/* a reload counts only when it is later than the request for it */
	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	(void)snprintf(state, sizeof(state), "RELOADING=1\nMONOTONIC_USEC=%lld",
		       (long long)now.tv_sec * 1000000 + now.tv_nsec / 1000);
	notify_tell(state, "reads its settings again");
}

int64_t notify_watchdog_ms(void)
{
	const char *usec = getenv("WATCHDOG_USEC");
	const char *pid = getenv("WATCHDOG_PID");
	int64_t us = usec ? text_parse_decimal(str_from(usec)) : 0;

	if (us <= 0 ||
	    (pid && text_parse_decimal(str_from(pid)) != (int64_t)getpid()))
		return 0;
	return us < 4000 ? 1 : us / 4000;
}
