/*
 * PNG by libpng: see png_lib.h. The only file that knows it; its setjmp and
 * longjmp stay within png_lib_write(). Follows the PNG specification, third
 * edition.
 *
 * Long runs of paper and ink make matches at distance 1 (Z_RLE) nearly as
 * small as full searches, at a fraction of their time.
 */
#include "base/base.h"
#include "image/png_lib.h"

#include <png.h>
#include <setjmp.h>
#include <zlib.h>

#include "base/mem.h"

/* What a quality means to zlib. */
struct effort {
	int level, strategy, mem_level;
};

/* Time and bytes of a picture of 240x80 on one core of an AMD EPYC, zlib
 * 1.2.13. Filters made every one of them slower and larger, and so did
 * smaller windows and other sizes of table. */
static const struct effort efforts[CANVAS_QUALITY_MAX + 1] = {
	{0, Z_DEFAULT_STRATEGY, 6}, /* 14 us, 9,760: not compressed */
	{1, Z_RLE, 6},		    /* 80 us, 2,107 */
	{4, Z_DEFAULT_STRATEGY, 8}, /* 220 us, 2,104 */
	{5, Z_DEFAULT_STRATEGY, 8}, /* 330 us, 2,044 */
	{5, Z_DEFAULT_STRATEGY, 8},
	{6, Z_DEFAULT_STRATEGY, 8}, /* 500 us, 1,931 */
	{6, Z_DEFAULT_STRATEGY, 8},
	{7, Z_DEFAULT_STRATEGY, 8}, /* 700 us, 1,894 */
	{8, Z_DEFAULT_STRATEGY, 8}, /* 2.0 ms, 1,858 */
	{9, Z_DEFAULT_STRATEGY, 8}, /* 3.8 ms, 1,855 */
};

enum {
	CHUNK_BYTES = 12, /* of each chunk, beside its data */
};

/* Ancillary, private, safe to copy: PNG specification, 5.4. */
static const png_byte fill_name[] = "fiLl";

/* One call of png_lib_write(), for the callbacks. */
struct job {
	const struct canvas *canvas;
	const struct canvas_colour *palette;
	const struct effort *effort;
	struct buf *out;
	size_t start; /* of the PNG in out */
	bool is_out_of_memory;
	char reason[80];
};

static void on_error(png_structp png, png_const_charp message)
{
	struct job *job = png_get_error_ptr(png);

	(void)snprintf(job->reason, sizeof(job->reason), "%s", message);
	png_longjmp(png, 1);
}

static void on_warning(png_structp png, png_const_charp message)
{
	(void)png;
	(void)message;
}

static png_voidp on_malloc(png_structp png, png_alloc_size_t size)
{
	void *ptr = mem_realloc(MEM_LIBPNG, NULL, size, 1);

	if (!ptr) {
		struct job *job = png_get_mem_ptr(png);

		job->is_out_of_memory = true;
	}
	return ptr;
}

static void on_free(png_structp png, png_voidp ptr)
{
	(void)png;
	mem_free(ptr);
}

/* A failed add shows in buf_status() at the end. */
static void on_write(png_structp png, png_bytep ptr, size_t len)
{
	struct job *job = png_get_io_ptr(png);

	buf_add(job->out, ptr, len);
}

static void on_flush(png_structp png)
{
	(void)png;
}

static void write_header(png_structp png, png_infop info, const struct job *job)
{
	const struct effort *effort = job->effort;
	png_color colours[CANVAS_LEVELS];

	png_set_IHDR(png, info, (png_uint_32)job->canvas->width_px,
		     (png_uint_32)job->canvas->height_px, 4,
		     PNG_COLOR_TYPE_PALETTE, PNG_INTERLACE_NONE,
		     PNG_COMPRESSION_TYPE_DEFAULT,
		     PNG_FILTER_TYPE_DEFAULT);
	for (size_t i = 0; i < CANVAS_LEVELS; i++) {
		colours[i].red = job->palette[i].r;
		colours[i].green = job->palette[i].g;
		colours[i].blue = job->palette[i].b;
	}
	png_set_PLTE(png, info, colours, CANVAS_LEVELS);
	png_set_filter(png, PNG_FILTER_TYPE_BASE, PNG_FILTER_NONE);
	png_set_compression_level(png, effort->level);
	png_set_compression_strategy(png, effort->strategy);
	png_set_compression_mem_level(png, effort->mem_level);
	png_write_info(png, info);
}

/* A chunk that brings the file, with the empty last chunk, to its length. */
static void write_fill(png_structp png, const struct job *job)
{
	static const png_byte nothing[256];
	size_t n_bytes = job->out->len - job->start + 2 * CHUNK_BYTES;
	size_t step = png_step_bytes(job->canvas->width_px,
				     job->canvas->height_px);
	size_t left = (step - n_bytes % step) % step;

	png_write_chunk_start(png, fill_name, (png_uint_32)left);
	while (left) {
		size_t n = left < sizeof(nothing) ? left : sizeof(nothing);

		png_write_chunk_data(png, nothing, n);
		left -= n;
	}
	png_write_chunk_end(png);
}

/* All that may longjmp. False when it did; nothing here needs releasing. */
static bool write_guarded(png_structp png, png_infop info, struct job *job)
{
	const struct canvas *canvas = job->canvas;

	if (setjmp(png_jmpbuf(png)))
		return false;
	png_set_write_fn(png, job, on_write, on_flush);
	write_header(png, info, job);
	for (int32_t y = 0; y < canvas->height_px; y++)
		png_write_row(png, canvas->rows + (size_t)y * canvas->stride +
				       1);
	write_fill(png, job);
	png_write_end(png, NULL);
	return true;
}

enum cf_status png_lib_write(const struct canvas *canvas,
			     const struct canvas_colour palette[CANVAS_LEVELS],
			     int quality, struct buf *out,
			     struct cf_error *err)
{
	struct job job = {
		.canvas = canvas,
		.palette = palette,
		.out = out,
		.start = out->len,
	};
	png_structp png;
	png_infop info;
	bool is_written;

	assert(quality >= 0 && quality <= CANVAS_QUALITY_MAX);
	job.effort = &efforts[quality];
	png = png_create_write_struct_2(PNG_LIBPNG_VER_STRING, &job, on_error,
					on_warning, &job, on_malloc, on_free);
	if (!png)
		return cf_fail(err, CF_NOMEM, "no memory for libpng");
	info = png_create_info_struct(png);
	job.is_out_of_memory = !info;
	is_written = info && write_guarded(png, info, &job);
	png_destroy_write_struct(&png, &info);
	if (job.is_out_of_memory)
		return cf_fail(err, CF_NOMEM, "no memory for libpng");
	if (!is_written)
		return cf_fail(err, CF_BUG, "libpng: %s", job.reason);
	return buf_status(out, err);
}
