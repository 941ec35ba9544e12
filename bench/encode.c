/*
 * encode: CPU time and bytes of writing a picture as PNG, and zlib's for the
 * same picture.
 *
 *	encode FONTS [COUNT]
 *
 * One line of JSON for each: microseconds of CPU time a picture, the median of
 * 9 rounds over the same COUNT canvases of 480x160, and mean bytes.
 */
#include "base/base.h"
#include "bench/drawn.h"
#include "image/generator.h"
#include "image/png.h"

#include <zlib.h>

enum { N_ROUNDS = 9 };

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

static size_t by_our_own(const struct canvas *canvas)
{
	static const struct canvas_colour palette[CANVAS_LEVELS];
	struct buf png;
	size_t n;

	buf_init(&png, GENERATOR_PNG_MAX_BYTES);
	if (canvas_to_png(canvas, palette, &png, NULL))
		die("a picture cannot be written");
	n = png.len;
	buf_release(&png);
	return n;
}

/* The yardstick: the data alone, at the quickest level. */
static size_t by_zlib(const struct canvas *canvas)
{
	static Bytef out[2 * DRAWN_BYTES];
	uLongf n = sizeof(out);

	if (compress2(out, &n, canvas->rows, DRAWN_BYTES, 1) != Z_OK)
		die("zlib fails");
	return n;
}

static void measure(const struct canvas *canvases, size_t n, const char *name,
		    size_t (*encode)(const struct canvas *canvas))
{
	double us[N_ROUNDS];
	size_t n_bytes = 0;

	for (size_t round = 0; round < N_ROUNDS; round++) {
		us[round] = cpu_us();
		n_bytes = 0;
		for (size_t i = 0; i < n; i++)
			n_bytes += encode(&canvases[i]);
		us[round] = (cpu_us() - us[round]) / (double)n;
	}
	qsort(us, N_ROUNDS, sizeof(us[0]), by_value);
	(void)printf("{\"encoder\":\"%s\",\"us\":%.1f,\"bytes\":%zu}\n", name,
		     us[N_ROUNDS / 2], n_bytes / n);
}

int main(int argc, char **argv)
{
	size_t n = argc > 2 ? strtoul(argv[2], NULL, 10) : 300;
	struct cf_error err = CF_ERROR_INIT;
	struct canvas *canvases;
	uint8_t *all;

	if (argc < 2 || !n)
		die("usage: encode FONTS [COUNT]");
	all = drawn_make(argv[1], 7, n, &err);
	if (!all)
		die(err.text);
	canvases = calloc(n, sizeof(*canvases));
	if (!canvases)
		die("no memory");
	for (size_t i = 0; i < n; i++)
		canvases[i] = (struct canvas){DRAWN_WIDTH_PX, DRAWN_HEIGHT_PX,
					      canvas_stride(DRAWN_WIDTH_PX),
					      all + i * DRAWN_BYTES};
	measure(canvases, n, "run", by_our_own);
	measure(canvases, n, "zlib", by_zlib);
	free(canvases);
	free(all);
	return 0;
}
