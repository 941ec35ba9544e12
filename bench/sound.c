/*
 * sound: how long the built-in bank takes to mix a sound, and whether mixing
 * leaves anything in memory.
 *
 *	sound [COUNT]
 *
 * Prints one line of JSON: sounds, microseconds of CPU time for each, bytes of
 * each; then the heap in use and the resident memory, before and after.
 */
#include "base/base.h"
#include "base/mem.h"
#include "base/rng.h"
#include "sound/mix.h"

enum {
	WARM = 100,	/* sounds before anything is measured */
	FIELD_MAX = 64, /* bytes of /proc/self/statm */
};

static double cpu_us(void)
{
	struct timespec ts;

	(void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &ts);
	return (double)ts.tv_sec * 1e6 + (double)ts.tv_nsec / 1e3;
}

/* The peak, getrusage, would be that of the shell. */
static long resident_kb(void)
{
	FILE *f = fopen("/proc/self/statm", "re");
	char line[FIELD_MAX] = "";
	char *end = line;

	if (!f)
		return 0;
	if (fgets(line, sizeof(line), f))
		(void)strtol(line, &end, 10); /* all of its address space */
	(void)fclose(f);
	return strtol(end, NULL, 10) * (sysconf(_SC_PAGESIZE) / 1024);
}

static enum cf_status mix_one(const struct bank *bank, struct rng *rng,
			      struct buf *wav, struct cf_error *err)
{
	uint8_t seed[MIX_SEED_BYTES];
	char digits[MIX_DIGITS];

	for (size_t i = 0; i < sizeof(seed); i++)
		seed[i] = (uint8_t)rng_below(rng, 256);
	for (size_t i = 0; i < sizeof(digits); i++)
		digits[i] = (char)('0' + rng_below(rng, 10));
	return mix_digits(bank, seed, digits, 0, wav, err);
}

/* Mix count sounds, each into a buffer of its own as a request does. */
static enum cf_status mix_many(const struct bank *bank, struct rng *rng,
			       long count, struct cf_error *err)
{
	enum cf_status rc = CF_OK;

	for (long i = 0; i < count && !rc; i++) {
		struct buf wav;

		buf_init(&wav, mix_bytes(bank));
		rc = mix_one(bank, rng, &wav, err);
		buf_release(&wav);
	}
	return rc;
}

int main(int argc, char **argv)
{
	long count = argc > 1 ? strtol(argv[1], NULL, 10) : 2000;
	const struct bank *bank = bank_built_in();
	struct cf_error err = CF_ERROR_INIT;
	long heap, resident;
	struct rng rng;
	double us;

	if (!bank) {
		(void)fputs("sound: this build has no bank of sounds: "
			    "install flite, and run configure again\n", stderr);
		return 1;
	}
	rng_init(&rng, 1);
	if (count < 1 || mix_many(bank, &rng, WARM, &err))
		goto failed;
	resident = resident_kb(); /* first: blocks that it frees stay in use */
	heap = (long)mem_libc_bytes();
	us = cpu_us();
	if (mix_many(bank, &rng, count, &err))
		goto failed;
	us = cpu_us() - us;
	(void)printf("{\"sounds\":%ld,\"us_each\":%.1f,\"bytes\":%zu,"
		     "\"heap_before\":%ld,\"heap_after\":%ld,"
		     "\"resident_before_kb\":%ld,\"resident_after_kb\":%ld}\n",
		     count, us / (double)count, mix_bytes(bank), heap,
		     (long)mem_libc_bytes(), resident, resident_kb());
	return 0;
failed:
	(void)fprintf(stderr, "sound: %s\n",
		      err.text[0] ? err.text : "COUNT must be 1 or more");
	return 1;
}
