/*
 * Whose rights a command of root has. The owner of a directory can put a
 * symbolic link in the place of any name in it, at any time, and the service's
 * user may be in the hands of an attacker. So root follows a link only where
 * nobody but root can have put it, and then acts as the service's user.
 */
#ifndef CF_CTL_USER_H
#define CF_CTL_USER_H

#include "conf/settings.h"
#include "base/status.h"

#include <pwd.h>

enum { USER_NAME_BYTES = 64 };

/* Write the name of a user, or "uid NUMBER", for messages. Returns out. */
const char *user_name(uid_t uid, char out[USER_NAME_BYTES]);

/* Whether there is something of this path, and root owns it. */
bool user_is_roots(const char *path);

/*
 * The user that --user names.
 *
 * name     NULL: no option was given
 * out      NULL without an option; else borrowed until the next call of
 *          getpwnam or getpwuid
 * returns  CF_OK; CF_BAD_INPUT when there is no such user, or when the
 *          process is neither root nor that user
 */
CF_MUST_CHECK
enum cf_status user_find(const char *name, const struct passwd **out,
			 struct cf_error *err);

/* Take on a user's rights, with all groups, for good. Does nothing unless the
 * process is root. CF_IO when the system refuses. */
CF_MUST_CHECK
enum cf_status user_become(const struct passwd *user, struct cf_error *err);

/*
 * Let root act as the service's user: the user of that name or, with NULL, the
 * owner of the directories that the settings name. Root stays root when only
 * root can change the paths to them. Does nothing for another
 * user than root.
 *
 * returns  CF_OK; CF_CONFIG when the owner is unclear, err says which path and
 *          what to do; CF_BAD_INPUT, CF_IO
 */
CF_MUST_CHECK
enum cf_status user_act(const struct settings *settings, const char *name,
			struct cf_error *err);

/*
 * As root, find the owner of the directories that the settings name.
 *
 * out      NULL when only root can change the paths to them, or when they are
 *          still to be made; else as user_find
 * returns  CF_OK; CF_CONFIG, CF_IO as user_act
 */
CF_MUST_CHECK
enum cf_status user_of_dirs(const struct settings *settings,
			    const struct passwd **out, struct cf_error *err);

/*
 * As root, make a directory of the service and its missing parents, as far as
 * only root can change the directories above them. Give the last directory to
 * the user. Below a directory of another user root makes nothing: the caller
 * does it after user_become(). A directory that exists stays as it is.
 *
 * setting  its name, for messages
 * user     NULL: root itself
 * is_made  whether the last directory was made
 * returns  CF_OK; CF_CONFIG for a symbolic link that another user could have
 *          made; CF_IO
 */
CF_MUST_CHECK
enum cf_status user_make_dir(const char *setting, const char *path,
			     const struct passwd *user, bool *is_made,
			     struct cf_error *err);

#endif
