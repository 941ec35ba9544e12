/*
 * Whose rights a command of root has. A directory of the service belongs to a
 * user whom others may have got hold of, say by a hole in a web site. Who owns
 * a directory can put a symbolic link in the place of any name in it, at any
 * time. So root follows a path by name only as far as nobody but root can
 * change it, and goes on as the user.
 */
#ifndef CF_CTL_USER_H
#define CF_CTL_USER_H

#include "conf/settings.h"
#include "base/status.h"

#include <pwd.h>

/*
 * The user that --user names.
 *
 * name     NULL: no option was given
 * out      NULL without an option; else borrowed until the next look into the
 *          list of users
 * returns  CF_OK; CF_BAD_INPUT when there is no such user, or when who asks is
 *          neither root nor that user
 */
CF_MUST_CHECK
enum cf_status user_find(const char *name, const struct passwd **out,
			 struct cf_error *err);

/* Take on a user's rights, with all groups, for good. Nothing to do when the
 * process has them. CF_IO when the system refuses. */
CF_MUST_CHECK
enum cf_status user_become(const struct passwd *user, struct cf_error *err);

/*
 * Root acts as the user of the service: the one that is given, or, without it,
 * who owns the directories of the settings, as far as they are there. Root
 * stays root when nobody else can change the paths to them. Others stay who
 * they are.
 *
 * returns  CF_OK; CF_CONFIG when that cannot be told, err says which path and
 *          what to do; CF_BAD_INPUT, CF_IO
 */
CF_MUST_CHECK
enum cf_status user_act(const struct settings *settings, const char *name,
			struct cf_error *err);

/*
 * Make a directory of the service and those above it. As root: what only root
 * can change is made by root, the last directory given to the user; what lies
 * below a directory of somebody else is left to be made by that user, after
 * user_become(). A directory that is there stays as it is.
 *
 * setting  its name, for messages
 * user     NULL: root itself
 * is_made  whether the directory was made
 * returns  CF_OK; CF_CONFIG for a symbolic link that somebody else could have
 *          put there; CF_IO
 */
CF_MUST_CHECK
enum cf_status user_make_dir(const char *setting, const char *path,
			     const struct passwd *user, bool *is_made,
			     struct cf_error *err);

#endif
