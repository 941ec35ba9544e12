/*
 * What several commands make of their command lines: see ctl.h.
 */
#include "base/base.h"
#include "base/crypt.h"
#include "ctl/ctl.h"

enum cf_status ctl_number(const char *option, const char *text, int64_t min,
			  int64_t max, int64_t *out, struct cf_error *err)
{
	char *end;

	errno = 0;
	*out = strtoll(text, &end, 10);
	if (end == text || *end || errno || *out < min || *out > max)
		return cf_fail(err, CF_BAD_INPUT,
			       "%s %.40s: must be %lld to %lld", option, text,
			       (long long)min, (long long)max);
	return CF_OK;
}

enum cf_status ctl_seed(const struct ctl_args *args, uint64_t *seed,
			struct cf_error *err)
{
	int64_t number;
	enum cf_status rc;

	if (!args->seed) {
		crypt_random(seed, sizeof(*seed));
		return CF_OK;
	}
	rc = ctl_number("--seed", args->seed, 0, INT64_MAX, &number, err);
	*seed = rc ? 0 : (uint64_t)number;
	return rc;
}

static void refuse_word(const struct ctl_args *args,
			const struct ctl_action *actions, size_t n,
			struct cf_error *err)
{
	char names[80] = "";
	size_t len = 0;

	for (size_t i = 0; i < n && len < sizeof(names); i++)
		len += (size_t)snprintf(names + len, sizeof(names) - len,
					"%s%s",
					!i	     ? ""
					: i == n - 1 ? " or "
						     : ", ",
					actions[i].name);
	(void)cf_fail(err, CF_BAD_INPUT, "%.40s: must be %s",
		      args->n_words ? args->words[0] : "no action", names);
}

const struct ctl_action *ctl_find_action(const struct ctl_args *args,
					 const struct ctl_action *actions,
					 size_t n, struct cf_error *err)
{
	const struct ctl_action *action = NULL;
	size_t n_own;

	for (size_t i = 0; args->n_words && i < n; i++)
		if (!strcmp(args->words[0], actions[i].name))
			action = &actions[i];
	if (!action) {
		refuse_word(args, actions, n, err);
		return NULL;
	}
	n_own = strspn(args->given, action->options);
	if (args->given[n_own])
		(void)cf_fail(err, CF_BAD_INPUT, "%s takes no option --%s",
			      action->name,
			      ctl_option_name(args->given[n_own]));
	else if (action->named && args->n_words < 2)
		(void)cf_fail(err, CF_BAD_INPUT, "%s: name the %s",
			      action->name, action->named);
	else if (!action->named && args->n_words > 1)
		(void)cf_fail(err, CF_BAD_INPUT, "%s takes no name",
			      action->name);
	return err->status ? NULL : action;
}
