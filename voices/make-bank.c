/*
 * make-bank LANG VOICES TAKES FILE...: print a bank of these clips, WAV files
 * by voice, digit and take. The build makes the English bank with it; captchactl
 * audio makes all others.
 */
#include "base/base.h"
#include "base/crypt.h"
#include "base/file.h"
#include "sound/clip.h"

#include <fcntl.h>

enum {
	FILE_MAX_BYTES = 1024 * 1024
};

static enum cf_status add_all(struct maker *maker, char *const *files,
			      struct cf_error *err)
{
	enum cf_status rc = CF_OK;
	struct buf wav;

	buf_init(&wav, FILE_MAX_BYTES);
	for (; *files && !rc; files++) {
		buf_reset(&wav);
		rc = file_load(AT_FDCWD, *files, &wav, err);
		if (!rc)
			rc = maker_add(maker,
				       (struct str){wav.ptr, wav.len}, err);
		if (rc)
			(void)fprintf(stderr, "make-bank: %s: ", *files);
	}
	buf_release(&wav);
	return rc;
}

int main(int argc, char **argv)
{
	struct cf_error err = CF_ERROR_INIT;
	struct maker *maker;
	enum cf_status rc;
	struct buf out;

	if (argc < 5) {
		(void)fputs("usage: make-bank LANG VOICES TAKES FILE...\n",
			    stderr);
		return 64;
	}
	rc = crypt_open(&err);
	maker = maker_new(argv[1], (unsigned)strtoul(argv[2], NULL, 10),
			  (unsigned)strtoul(argv[3], NULL, 10));
	buf_init(&out, 2 * BANK_MAX_BYTES);
	if (!rc && !maker)
		rc = cf_fail(&err, CF_NOMEM, "no memory");
	if (!rc)
		rc = add_all(maker, argv + 4, &err);
	if (!rc)
		rc = maker_end(maker, 0, &out, &err);
	if (!rc && !file_write(STDOUT_FILENO, out.ptr, out.len))
		rc = cf_fail(&err, CF_IO, "cannot write: %s", strerror(errno));
	if (rc)
		(void)fprintf(stderr, "%s\n", err.text);
	buf_release(&out);
	maker_free(maker);
	return rc ? 1 : 0;
}
