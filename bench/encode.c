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
#include "base/rng.h"
#include "image/generator.h"
#include "image/png.h"
#include "image/png_lib.h"
#include "image/png_run.h"

#include <zlib.h>

enum {
	N_ROUNDS = 9,
	WIDTH_PX = 240,
	HEIGHT_PX = 80,
	RUN = -1, /* png_run.c, where others are qualities of libpng */
};

#define ALPHABET "ACEHLMRSTUWX"

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

static size_t number(const uint8_t *at)
{
	return (size_t)at[0] << 24 | (size_t)at[1] << 16 | (size_t)at[2] << 8 |
	       at[3];
}

/* The scanlines of what png_run.c wrote: its one IDAT chunk has them. */
static uint8_t *unpack(const struct buf *png)
{
	uLongf n = HEIGHT_PX * canvas_stride(WIDTH_PX);
	uint8_t *rows = malloc(n);
	const uint8_t *chunk = (const uint8_t *)png->ptr + 8;

	while (memcmp(chunk + 4, "IDAT", 4))
		chunk += 12 + number(chunk);
	if (!rows || uncompress(rows, &n, chunk + 8, (uLong)number(chunk)))
		die("a picture is not as it should be");
	return rows;
}

static void draw_all(const char *fonts, struct canvas *canvases, size_t n)
{
	struct generator_options options = {
		.width_px = WIDTH_PX,
		.height_px = HEIGHT_PX,
		.margin_px = 6,
		.alphabet = ALPHABET,
		.fonts = fonts,
		.ink = {.is_auto = true},
		.paper = {.is_auto = true},
		.quality = CANVAS_QUALITY_RUN,
	};
	struct generator *gen = generator_new(&options);
	struct cf_error err = CF_ERROR_INIT;
	struct buf png;
	struct rng rng;

	if (!gen)
		die("no memory");
	buf_init(&png, GENERATOR_PNG_MAX_BYTES);
	rng_init(&rng, 7);
	for (size_t i = 0; i < n; i++) {
		char text[7] = "";

		for (size_t k = 0; k < 5 + i % 2; k++)
			text[k] = ALPHABET[rng_below(&rng,
						     sizeof(ALPHABET) - 1)];
		buf_reset(&png);
		if (generator_draw(gen, rng_u64(&rng), text, &png, &err))
			die(err.text);
		canvases[i] = (struct canvas){WIDTH_PX, HEIGHT_PX,
					      canvas_stride(WIDTH_PX),
					      unpack(&png)};
	}
	buf_release(&png);
	generator_free(gen);
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
	struct canvas *canvases;

	if (argc < 2 || !n)
		die("usage: encode FONTS [COUNT]");
	canvases = calloc(n, sizeof(*canvases));
	if (!canvases)
		die("no memory");
	draw_all(argv[1], canvases, n);
	for (size_t i = 0; i < CF_ARRAY_LEN(qualities); i++)
		measure(canvases, n, qualities[i]);
	for (size_t i = 0; i < n; i++)
		free(canvases[i].rows);
	free(canvases);
	return 0;
}
