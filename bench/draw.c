/*
 * draw: how many pictures the generator draws in a second of CPU time.
 *
 *	draw [COUNT]
 *
 * Prints one line of JSON: pictures, CPU seconds, pictures a CPU second, mean
 * bytes, resident kB.
 */
#include "app/app.h"
#include "base/base.h"
#include "app/options.h"
#include "base/crypt.h"
#include "base/rng.h"

#include <sys/resource.h>

extern char **environ;

static double cpu_seconds(void)
{
	struct timespec ts;

	(void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &ts);
	return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

int main(int argc, char **argv)
{
	long count = argc > 1 ? strtol(argv[1], NULL, 10) : 20000;
	struct app_sources sources = {.envp = environ, .program = "draw"};
	struct cf_error err = CF_ERROR_INIT;
	struct profile *profile = NULL;
	struct rusage usage;
	struct profile_options options;
	struct app app;
	struct buf png;
	struct rng rng;
	size_t bytes = 0;
	double began;

	buf_init(&png, GENERATOR_PNG_MAX_BYTES);
	rng_init(&rng, 1);
	if (crypt_open(&err) || app_load(&app, &sources, &err))
		goto failed;
	options = options_profile(&app.settings.base);
	profile = profile_new("", &options, NULL);
	if (!profile || profile_load(profile, &err))
		goto failed;
	began = cpu_seconds();
	for (long i = 0; i < count; i++) {
		char code[STORE_CODE_MAX_BYTES + 1];

		buf_reset(&png);
		if (profile_draw_sample(profile, rng_u64(&rng), code, &png,
					&err))
			goto failed;
		bytes += png.len;
	}
	began = cpu_seconds() - began;
	(void)getrusage(RUSAGE_SELF, &usage);
	(void)printf("{\"pictures\":%ld,\"cpu_seconds\":%.3f,"
		     "\"per_cpu_second\":%.0f,\"mean_bytes\":%zu,"
		     "\"resident_kb\":%ld}\n", count, began,
		     (double)count / began, bytes / (size_t)count,
		     usage.ru_maxrss);
	buf_release(&png);
	profile_free(profile);
	return 0;
failed:
	(void)fprintf(stderr, "draw: %s\n", err.text);
	profile_free(profile);
	return 1;
}
