/*
 * captchactl answer: print the right answer of a live challenge, for a test of
 * a form. Whoever can read the store can read the answer there, too.
 */
#include "base/base.h"
#include "base/crypt.h"
#include "ctl/ctl.h"

/* A store that is still to be made has no answers: do not make it. */
static enum cf_status look_for_store(const struct settings *s,
				     const struct ctl_args *args,
				     struct cf_error *err)
{
	const char *advice = "give --config or --set store as the service has "
			     "it; see captchactl check";

	if (s->store != SETTINGS_STORE_SQLITE ||
	    !access(s->database, R_OK | W_OK))
		return CF_OK;
	if (errno == EACCES)
		advice = "run this as root, or as the user of the service";
	/* main says what root can do */
	if (errno == EACCES && args->is_by_root)
		return cf_fail(err, CF_IO, "database %s: %s", s->database,
			       strerror(errno));
	return cf_fail(err, CF_IO, "database %s: %s: %s", s->database,
		       strerror(errno), advice);
}

static enum cf_status run(struct app *app, const struct ctl_args *args,
			  struct cf_error *err)
{
	char code[STORE_CODE_MAX_BYTES + 1];
	struct cf_error why = CF_ERROR_INIT;
	struct pid pid;
	enum cf_status rc;

	if (!args->n_words)
		return cf_fail(err, CF_BAD_INPUT,
			       "PID is missing: the \"pid\" of "
			       "/verification/get");
	if (!pid_parse(&pid, str_from(args->words[0])))
		return cf_fail(err, CF_BAD_INPUT,
			       "%.40s is no pid: %d letters and digits",
			       args->words[0], PID_CHARS);
	rc = look_for_store(&app->settings, args, err);
	if (!rc)
		rc = app_open(app, APP_TOOL, err);
	if (rc)
		return rc;
	rc = challenge_answer(app->challenge, &pid, code, &why);
	if (rc)
		return cf_fail(err, rc, "%s: %s", pid.text, why.text);
	(void)puts(code);
	crypt_zero(code, sizeof(code));
	return CF_OK;
}

const struct ctl_command ctl_answer = {
	.name = "answer",
	.summary = "Print the right answer of a live challenge, to test a form",
	.words = "PID",
	.help = "The challenge stays as it is. Needs the rights to read the "
		"store: run it as\nroot, or as the user of the service. Exit "
		"code 1 when there is no such\nchallenge, when it has expired, "
		"or when the store cannot be read.\n",
	.options = "",
	.n_words_max = 1,
	.needs_app = false, /* nothing is opened for a wrong PID */
	.run = run,
};
