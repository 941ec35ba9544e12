/*
 * Messages to systemd, by the protocol of sd_notify(3): a datagram to the
 * socket that the environment variable NOTIFY_SOCKET names. systemd listens to
 * the main process of a unit: the master of --listen.
 */
#ifndef CF_SERVE_NOTIFY_H
#define CF_SERVE_NOTIFY_H

#include <stdint.h>

/*
 * Tell systemd. Without NOTIFY_SOCKET, and when systemd does not listen, do
 * nothing.
 *
 * state    such as "READY=1"; NULL: none
 * status   for `systemctl status`; NULL: leave the last one
 */
void notify_tell(const char *state, const char *status);

/* Tell systemd that the process reads its settings again. "READY=1" has to
 * follow. */
void notify_reloading(void);

/* After how many milliseconds to tell systemd "WATCHDOG=1" again: a quarter of
 * the time after which systemd ends a silent service (WATCHDOG_USEC). 0:
 * systemd does not watch this process. */
int64_t notify_watchdog_ms(void);

#endif
