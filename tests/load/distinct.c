/*
 * Draw pictures as the service draws them for its pool, and compare their bytes
 * and lengths: neither may show that a picture was solved before.
 *
 *	distinct [-r] [COUNT]
 *
 * -r   draw the first picture again at the end: two are the same
 *
 * Prints a line of JSON; "chance" is how likely two of so many hashes of 64
 * bits are the same by chance. Exit code 1 when two are the same or lengths
 * differ.
 */
#include "app/app.h"
#include "base/base.h"
#include "app/options.h"
#include "base/crypt.h"
#include "challenge/profile.h"

extern char **environ;

struct hashes {
	uint8_t key[CRYPT_KEY_BYTES];
	uint64_t *all;
	size_t n;
	size_t bytes_min, bytes_max; /* of the pictures */
};

/* What a picture is drawn from. */
struct origin {
	char code[STORE_CODE_MAX_BYTES + 1];
	uint64_t seed;
};

static double cpu_seconds(void)
{
	struct timespec ts;

	(void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &ts);
	return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

static int compare(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return (x > y) - (x < y);
}

/* How many hashes are equal to one before. */
static size_t n_same(struct hashes *hashes)
{
	size_t n = 0;

	qsort(hashes->all, hashes->n, sizeof(*hashes->all), compare);
	for (size_t i = 1; i < hashes->n; i++)
		n += hashes->all[i] == hashes->all[i - 1];
	return n;
}

static enum cf_status add_picture(struct hashes *hashes,
				  struct profile *profile,
				  const struct origin *origin, struct buf *png,
				  struct cf_error *err)
{
	enum cf_status rc;

	buf_reset(png);
	rc = profile_draw(profile, origin->seed, origin->code, png, err);
	if (rc)
		return rc;
	hashes->all[hashes->n++] = crypt_hash64(hashes->key, png->ptr,
						png->len);
	if (png->len < hashes->bytes_min)
		hashes->bytes_min = png->len;
	if (png->len > hashes->bytes_max)
		hashes->bytes_max = png->len;
	return CF_OK;
}

/* Code and seed from the kernel, as the pool is filled. */
static enum cf_status draw_all(struct hashes *hashes, struct profile *profile,
			       size_t count, bool repeat, struct cf_error *err)
{
	enum cf_status rc = profile_load(profile, err);
	struct origin first, origin;
	struct buf png;

	buf_init(&png, GENERATOR_PNG_MAX_BYTES);
	for (size_t i = 0; i < count && !rc; i++) {
		crypt_random(&origin.seed, sizeof(origin.seed));
		rc = profile_make_code(profile, origin.code, err);
		if (!i)
			first = origin;
		if (i && i + 1 == count && repeat)
			origin = first;
		if (!rc)
			rc = add_picture(hashes, profile, &origin, &png, err);
	}
	buf_release(&png);
	return rc;
}

static int report(struct hashes *hashes, double seconds)
{
	double n = (double)hashes->n;
	size_t same = n_same(hashes);

	(void)printf("{\"pictures\":%zu,\"same\":%zu,\"chance\":%.1e,"
		     "\"bytes_min\":%zu,\"bytes_max\":%zu,"
		     "\"cpu_seconds\":%.1f,\"per_cpu_second\":%.0f}\n",
		     hashes->n, same, n * (n - 1) / 2 / 0x1p64,
		     hashes->bytes_min, hashes->bytes_max, seconds,
		     n / seconds);
	return same || hashes->bytes_min != hashes->bytes_max;
}

int main(int argc, char **argv)
{
	bool repeat = argc > 1 && !strcmp(argv[1], "-r");
	const char *number = argc > 1 + repeat ? argv[1 + repeat] : "100000";
	size_t count = strtoul(number, NULL, 10);
	struct app_sources sources = {.envp = environ, .program = "distinct"};
	struct hashes hashes = {.bytes_min = SIZE_MAX};
	struct cf_error err = CF_ERROR_INIT;
	struct profile *profile = NULL;
	double began = cpu_seconds();
	int code = 2;
	struct profile_options options;
	struct app app;

	if (count < 2) {
		(void)fprintf(stderr, "distinct: %s pictures: at least 2\n",
			      number);
		return 2;
	}
	hashes.all = calloc(count, sizeof(*hashes.all));
	if (!hashes.all || crypt_open(&err) || app_load(&app, &sources, &err))
		goto out;
	crypt_random(hashes.key, sizeof(hashes.key));
	options = options_profile(&app.settings.base);
	profile = profile_new("", &options, NULL);
	if (profile && !draw_all(&hashes, profile, count, repeat, &err))
		code = report(&hashes, cpu_seconds() - began);
	profile_free(profile);
out:
	if (code == 2)
		(void)fprintf(stderr, "distinct: %s\n", err.text);
	free(hashes.all);
	return code;
}
