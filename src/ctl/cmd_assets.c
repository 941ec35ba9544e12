/*
 * captchactl assets: the files that browsers load, with their hashes for the
 * attribute integrity (W3C Subresource Integrity).
 */
#include "base/base.h"
#include "ctl/ctl.h"

#include "assets/assets.h"
#include "base/base64.h"
#include "base/crypt.h"

static enum cf_status run(struct app *app, const struct ctl_args *args,
			  struct cf_error *err)
{
	uint8_t hash[CRYPT_SHA256_BYTES];
	struct buf out;

	(void)app;
	(void)args;
	buf_init(&out, 64 * 1024);
	for (size_t i = 0; i < assets_files_len; i++) {
		const struct assets_file *file = &assets_files[i];

		crypt_sha256(file->plain.ptr, file->plain.len, hash);
		buf_addf(&out, "/%s\tsha256-", file->path);
		base64_add(&out, hash, sizeof(hash));
		buf_add_char(&out, '\n');
	}
	return ctl_print(&out, err);
}

const struct ctl_command ctl_assets = {
	.name = "assets",
	.summary = "Print the files that browsers load, and their hashes",
	.help = "The hash is for the attribute integrity of a script. It changes "
		"with the version.\n",
	.options = "",
	.needs_app = false,
	.is_anybodys = true,
	.run = run,
};
