/*
 * captchactl fonts: list the faces in which each profile draws, and the
 * characters that each face lacks.
 */
#include "base/base.h"
#include "base/utf8.h"
#include "ctl/ctl.h"

struct listing {
	bool json;
	const char *profile; /* "" for the base */
	size_t n;
	size_t n_wrong;
};

/* A JSON string; a byte that is not UTF-8 becomes U+FFFD. */
static void print_json(const char *text)
{
	struct str rest = str_from(text);

	(void)putchar('"');
	while (rest.len) {
		uint32_t c;
		size_t n = utf8_first(rest, &c);

		if (!n)
			(void)fputs("\\ufffd", stdout);
		else if (c < 0x20 || c == '"' || c == '\\')
			(void)printf("\\u%04x", (unsigned)c);
		else
			(void)fwrite(rest.ptr, 1, n, stdout);
		n += !n;
		rest.ptr += n;
		rest.len -= n;
	}
	(void)putchar('"');
}

static size_t n_shown(const struct generator_face *face)
{
	return face->n_lacks < GENERATOR_LACKS_MAX ? face->n_lacks
						   : GENERATOR_LACKS_MAX;
}

static void print_face_json(const struct listing *listing,
			    const struct generator_face *face)
{
	(void)printf("%c{\"profile\":\"%s\",\"path\":", listing->n ? ',' : '[',
		     listing->profile[0] ? listing->profile
					 : SETTINGS_BASE_NAME);
	print_json(face->path);
	(void)fputs(",\"family\":", stdout);
	print_json(face->family);
	(void)fputs(",\"style\":", stdout);
	print_json(face->style);
	(void)printf(",\"has\":%zu,\"of\":%zu,\"lacks\":[",
		     face->trouble ? 0 : face->n_letters - face->n_lacks,
		     face->n_letters);
	for (size_t i = 0; i < n_shown(face); i++) {
		char bytes[UTF8_MAX_BYTES + 1];

		bytes[utf8_put(face->lacks[i], bytes)] = '\0';
		(void)fputs(i ? "," : "", stdout);
		print_json(bytes);
	}
	(void)fputs("],\"trouble\":", stdout);
	if (face->trouble)
		print_json(face->trouble);
	else
		(void)fputs("null", stdout);
	(void)putchar('}');
}

static void print_face(const struct listing *listing,
		       const struct generator_face *face)
{
	bool is_right = !face->trouble && !face->n_lacks;

	(void)printf("%-7s ", is_right ? "ok" : "WRONG");
	if (listing->profile[0])
		(void)printf("[profile %s] ", listing->profile);
	(void)fputs(face->path, stdout);
	if (face->trouble) {
		(void)printf(": %s\n", face->trouble);
		return;
	}
	(void)printf("  %s %s  %zu of %zu", face->family, face->style,
		     face->n_letters - face->n_lacks, face->n_letters);
	for (size_t i = 0; i < n_shown(face); i++) {
		char bytes[UTF8_MAX_BYTES + 1];

		bytes[utf8_put(face->lacks[i], bytes)] = '\0';
		(void)printf("%s'%s' (U+%04X)", i ? ", " : ", lacks ", bytes,
			     (unsigned)face->lacks[i]);
	}
	if (face->n_lacks > n_shown(face))
		(void)printf(" and %zu more", face->n_lacks - n_shown(face));
	(void)putchar('\n');
}

static void on_face(void *ctx, const struct generator_face *face)
{
	struct listing *listing = ctx;

	if (listing->json)
		print_face_json(listing, face);
	else
		print_face(listing, face);
	listing->n++;
	listing->n_wrong += face->trouble || face->n_lacks;
}

static enum cf_status run(struct app *app, const struct ctl_args *args,
			  struct cf_error *err)
{
	struct listing listing = {.json = args->json};
	enum cf_status rc = app_make_profiles(app, err);

	for (size_t i = 0; i < app->n_profiles && !rc; i++) {
		listing.profile = profile_name(app->profiles[i]);
		rc = profile_inspect(app->profiles[i], on_face, &listing, err);
	}
	if (args->json && listing.n)
		(void)puts("]");
	/* a face with all characters may still have broken outlines */
	for (size_t i = 0; i < app->n_profiles && !rc && !listing.n_wrong; i++)
		rc = profile_load(app->profiles[i], err);
	if (rc || !listing.n_wrong)
		return rc;
	if (!args->json)
		(void)printf("%zu of %zu cannot be used: take them out of "
			     "`fonts`, or what they lack out of what is "
			     "asked\n",
			     listing.n_wrong, listing.n);
	return CF_FONT;
}

const struct ctl_command ctl_fonts = {
	.name = "fonts",
	.summary = "List the fonts in use, and what they lack",
	.help = "  --json               one line of JSON\n"
		"Exit code 0 when each font has all that is drawn in it.\n",
	.options = "j",
	.needs_app = false,
	.is_anybodys = true,
	.run = run,
};
