/*
 * encode: what a picture takes to write as PNG, by quality.
 *
 *	encode FONTS [COUNT]
 *
 * One line of JSON for each quality that somebody may want: microseconds of
 * CPU time a picture, the median of 9 rounds over the same COUNT canvases of
 * 240x80, and mean bytes.
 */
#include "base/base.h"
#include "bench/drawn.h"
#include "image/generator.h"
#include "image/png.h"
#include "image/png_lib.h"
#include "image/png_run.h"

enum {
	N_ROUNDS = 9,
	RUN = -1, /* png_run.c, where others are qualities of libpng */
};

static void die(const char *what)
{
	(void)fprintf(stderr, "encode: %s\n", what);
	exit(1);
}

static double cpu_us(void)
{
	struct timespec ts;

	(void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &ts);
	return (double)ts.tv_sec * 1e6 + (double)ts.tv_nsec / 1e3;
}

static int by_value(const void *a, const void *b)
{
	const double *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

static void measure(const struct canvas *canvases, size_t n, int quality)
{
	static const struct canvas_colour palette[CANVAS_LEVELS];
	double us[N_ROUNDS];
	size_t n_bytes = 0;
	struct buf png;

	buf_init(&png, GENERATOR_PNG_MAX_BYTES);
	for (size_t round = 0; round < N_ROUNDS; round++) {
		us[round] = cpu_us();
		n_bytes = 0;
		for (size_t i = 0; i < n; i++) {
			buf_reset(&png);
			if (quality == RUN
				    ? png_run_write(&canvases[i], palette,
						    &png, NULL)
				    : png_lib_write(&canvases[i], palette,
						    quality, &png, NULL))
				die("a picture cannot be written");
			n_bytes += png.len;
		}
		us[round] = (cpu_us() - us[round]) / (double)n;
	}
	qsort(us, N_ROUNDS, sizeof(us[0]), by_value);
	(void)printf("{\"encoder\":\"%s\",\"quality\":%d,\"us\":%.1f,"
		     "\"bytes\":%zu}\n", quality == RUN ? "run" : "libpng",
		     quality == RUN ? CANVAS_QUALITY_RUN : quality,
		     us[N_ROUNDS / 2], n_bytes / n);
	buf_release(&png);
}

int main(int argc, char **argv)
{
	static const int qualities[] = {RUN, 1, 0, 6, 9};
	size_t n = argc > 2 ? strtoul(argv[2], NULL, 10) : 300;
	struct cf_error err = CF_ERROR_INIT;
	struct canvas *canvases;
	uint8_t *all;

	if (argc < 2 || !n)
		die("usage: encode FONTS [COUNT]");
	all = drawn_make(argv[1], CANVAS_QUALITY_RUN, 7, n, &err);
	if (!all)
		die(err.text);
	canvases = calloc(n, sizeof(*canvases));
	if (!canvases)
		die("no memory");
	for (size_t i = 0; i < n; i++)
		canvases[i] = (struct canvas){DRAWN_WIDTH_PX, DRAWN_HEIGHT_PX,
					      canvas_stride(DRAWN_WIDTH_PX),
					      all + i * DRAWN_BYTES};
	for (size_t i = 0; i < CF_ARRAY_LEN(qualities); i++)
		measure(canvases, n, qualities[i]);
	free(canvases);
	free(all);
	return 0;
}
