/*
 * The processes of the service, as far as /proc shows them.
 */
#ifndef CF_CTL_SERVICE_H
#define CF_CTL_SERVICE_H

#include "conf/settings.h"

struct service {
	/* of any settings; -1: /proc does not show the processes of others */
	int n_processes;
	bool has_user;	     /* a process with these directories was found: */
	uid_t uid;	     /* its user; root only if no other user has one */
	bool has_more_users; /* beside root; has_user is then false */
};

/*
 * Look for processes named captcha.fcgi that have the root directory of this
 * process, as those of a container do not. Only root can see which settings a
 * process has.
 *
 * Any user can start such a process, to be given the directories by root. So
 * none decides when it is of a user who has logged in, or when processes of
 * several users have the directories.
 */
void service_find(const struct settings *settings, struct service *out);

#endif
