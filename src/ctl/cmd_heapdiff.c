/*
 * captchactl heapdiff: compare two heap snapshots class by class, as Chrome's
 * DevTools do.
 */
#include "base/base.h"
#include "ctl/ctl.h"
#include "heap/heap.h"

static bool is_changed(const struct heap_change *c)
{
	return c->n_new || c->n_deleted || c->n_bytes;
}

static void print_text(const struct heap_diff *diff)
{
	size_t n = 0;

	for (size_t i = 0; i < diff->n; i++)
		n += is_changed(&diff->changes[i]);
	if (!n) {
		(void)puts("nothing differs");
		return;
	}
	(void)printf("%10s %10s %10s %10s %12s  %s\n", "new", "deleted",
		     "delta", "own", "bytes", "class");
	for (size_t i = 0; i < diff->n; i++) {
		const struct heap_change *c = &diff->changes[i];

		if (is_changed(c))
			(void)printf("%10lld %10lld %+10lld %+10lld %+12lld  "
				     "%s\n",
				     (long long)c->n_new,
				     (long long)c->n_deleted,
				     (long long)heap_delta(c),
				     (long long)c->n_own,
				     (long long)c->n_bytes, c->class);
	}
}

/* Whether a class has more objects; prints a line if it has. */
static bool has_grown(const struct heap_diff *diff, const char *class,
		      size_t len)
{
	for (size_t i = 0; i < diff->n; i++) {
		const struct heap_change *c = &diff->changes[i];

		if (strlen(c->class) != len || memcmp(c->class, class, len))
			continue;
		if (heap_delta(c) <= 0)
			return false;
		(void)fprintf(stderr, "captchactl heapdiff: %s has grown by "
			      "%lld objects\n", c->class,
			      (long long)heap_delta(c));
		return true;
	}
	return false;
}

/* Whether a class of a comma-separated list has more objects. */
static bool has_any_grown(const struct heap_diff *diff, const char *classes)
{
	bool any = false;

	while (classes) {
		size_t len = strcspn(classes, ",");

		any = has_grown(diff, classes, len) || any;
		classes = classes[len] ? classes + len + 1 : NULL;
	}
	return any;
}

static enum cf_status report(const struct ctl_args *args,
			     const struct heap_diff *diff,
			     struct cf_error *err)
{
	bool is_bad;

	if (!args->json)
		print_text(diff);
	else if (!heap_diff_print_json(diff))
		return cf_fail(err, CF_NOMEM, "no memory for JSON");
	is_bad = has_any_grown(diff, args->fail_on_growth);
	for (size_t i = 2; i < args->n_words; i++)
		is_bad = has_any_grown(diff, args->words[i]) || is_bad;
	return is_bad ? CF_FULL : CF_OK;
}

static enum cf_status run(struct app *app, const struct ctl_args *args,
			  struct cf_error *err)
{
	struct heap *before = NULL, *after = NULL;
	struct heap_diff diff;
	enum cf_status rc;

	(void)app;
	if (args->n_words < 2)
		return cf_fail(err, CF_BAD_INPUT,
			       "give two heap snapshots, the earlier one first");
	if (args->n_words > 2 && !args->fail_on_growth)
		return cf_fail(err, CF_BAD_INPUT, "%s: two snapshots are "
			       "compared, not more", args->words[2]);
	rc = heap_load(args->words[0], &before, err);
	if (!rc)
		rc = heap_load(args->words[1], &after, err);
	if (!rc)
		rc = heap_compare(before, after, &diff, err);
	if (!rc) {
		rc = report(args, &diff, err);
		heap_diff_release(&diff);
	}
	heap_free(before);
	heap_free(after);
	return rc;
}

const struct ctl_command ctl_heapdiff = {
	.name = "heapdiff",
	.summary = "Compare two heap snapshots, the earlier one first",
	.words = "A B",
	.help = "  A B                  the snapshots: files that SIGUSR2 made\n"
		"  --json               as JSON\n"
		"  --fail-on-growth CLASS...\n"
		"                       exit 1 if there are more objects of one of "
		"these in B\n",
	.options = "jG",
	.n_words_max = CTL_WORDS_MAX,
	.is_anybodys = true,
	.run = run,
};
