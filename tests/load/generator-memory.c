/*
 * Make, use and free a generator again and again: memory must not grow.
 *
 *	generator-memory [TIMES]
 *
 * Prints the memory at 3/40 of TIMES and at the end; exit code 1 when it has
 * grown by more than 64 KiB.
 */
#include "app/app.h"
#include "base/base.h"
#include "app/options.h"
#include "base/crypt.h"

extern char **environ;

enum { GROWTH_MAX_KB = 64 };

/* The anonymous memory: the kernel may load pages of the program and of
 * libraries at any time, 16 at once. RssAnon of status may be wrong by 32 pages
 * for each processor since Linux 6.2 (proc_pid_status(5): "inaccurate"). */
static long own_kb(void)
{
	char line[128];
	long kb = 0;
	FILE *f = fopen("/proc/self/smaps_rollup", "re");

	while (f && fgets(line, sizeof(line), f))
		if (!strncmp(line, "Anonymous:", 10))
			kb = strtol(line + 10, NULL, 10);
	if (f)
		(void)fclose(f);
	return kb;
}

int main(int argc, char **argv)
{
	long times = argc > 1 ? strtol(argv[1], NULL, 10) : 1000;
	struct app_sources sources = {.envp = environ, .program = "test"};
	struct cf_error err = CF_ERROR_INIT;
	long early_kb = 0, late_kb;
	struct app app;

	if (crypt_open(&err) || app_load(&app, &sources, &err))
		goto failed;
	for (long i = 0; i < times; i++) {
		struct profile_options options =
			options_profile(&app.settings.base);
		struct profile *profile = profile_new("", &options, NULL);
		struct buf png;

		buf_init(&png, GENERATOR_PNG_MAX_BYTES);
		if (!profile ||
		    profile_draw(profile, (uint64_t)i, "ace", &png, &err))
			goto failed;
		buf_release(&png);
		profile_free(profile);
		if (i == times * 3 / 40)
			early_kb = own_kb();
	}
	late_kb = own_kb();
	(void)printf("%ld generators: own memory %ld kB, then %ld kB\n", times,
		     early_kb, late_kb);
	return late_kb - early_kb > GROWTH_MAX_KB;
failed:
	(void)fprintf(stderr, "generator-memory: %s\n", err.text);
	return 2;
}
