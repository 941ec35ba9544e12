/*
 * The engine of settings: see conf.h. The only code that knows inih.
 */
#include "base/base.h"
#include "conf/conf.h"

#include "base/mem.h"
#include "base/utf8.h"

#include <ctype.h>
#include <ini.h>
#include <strings.h>

struct conf_text {
	struct conf_text *next;
	char text[];
};

/* A copy; NULL when out of memory. */
static const char *texts_add(struct conf_texts *texts, const char *value)
{
	size_t n = strlen(value) + 1;
	struct conf_text *new = mem_alloc(MEM_CONFIG, 1, sizeof(*new) + n);

	if (!new)
		return NULL;
	memcpy(new->text, value, n);
	new->next = texts->first;
	texts->first = new;
	return new->text;
}

void conf_texts_release(struct conf_texts *texts)
{
	while (texts->first) {
		struct conf_text *next = texts->first->next;

		mem_free(texts->first);
		texts->first = next;
	}
}

static int64_t number_in(const struct conf_key *key, const void *values)
{
	return *(const int64_t *)(const void *)((const char *)values +
						key->offset);
}

static const char *text_in(const struct conf_key *key, const void *values)
{
	const char *field = (const char *)values + key->offset;

	return key->type == CONF_CHARS
		       ? *(const char *const *)(const void *)field
		       : field;
}

/* How many bytes the field of a key has. */
static size_t size_of(const struct conf_key *key)
{
	switch (key->type) {
	case CONF_TEXT:
		return (size_t)key->max + 1;
	case CONF_CHARS:
		return sizeof(const char *);
	case CONF_PAIR:
		return 2 * sizeof(int64_t);
	case CONF_NUMBER:
	case CONF_SWITCH:
	case CONF_WORD:
		break;
	}
	return sizeof(int64_t);
}

const struct conf_key *conf_find(const struct conf_table *table,
				 const char *name, size_t len)
{
	for (size_t i = 0; i < table->n; i++)
		if (strlen(table->keys[i].name) == len &&
		    !strncasecmp(table->keys[i].name, name, len))
			return &table->keys[i];
	return NULL;
}

void conf_copy(const struct conf_key *key, void *to, const void *from)
{
	memcpy((char *)to + key->offset, (const char *)from + key->offset,
	       size_of(key));
}

static void add_range(struct buf *out, const struct conf_key *key)
{
	switch (key->type) {
	case CONF_NUMBER:
	case CONF_PAIR:
		buf_addf(out, "%lld to %lld", (long long)key->min,
			 (long long)key->max);
		if (key->unit)
			buf_addf(out, " %s", key->unit);
		if (key->type == CONF_PAIR)
			buf_addf(out, ", or two numbers with %c between",
				 key->between);
		break;
	case CONF_SWITCH:
		buf_add_str(out, "yes or no");
		break;
	case CONF_WORD:
		for (size_t i = 0; key->words[i]; i++)
			buf_addf(out, "%s%s", i ? ", " : "", key->words[i]);
		break;
	case CONF_CHARS:
		for (size_t i = 0; key->words[i]; i++)
			buf_addf(out, "%s, ", key->words[i]);
		buf_addf(out, "or %lld to %lld characters",
			 (long long)key->min, (long long)key->max);
		break;
	case CONF_TEXT:
		if (key->min)
			buf_addf(out, "%lld to %lld characters",
				 (long long)key->min, (long long)key->max);
		else
			buf_addf(out, "at most %lld characters",
				 (long long)key->max);
		break;
	}
}

/* CF_CONFIG with place, key, value and range. */
static enum cf_status refuse(const char *place, const struct conf_key *key,
			     const char *value, struct cf_error *err)
{
	struct buf range;
	enum cf_status rc;

	buf_init(&range, 256);
	add_range(&range, key);
	if (key->show)
		value = "..."; /* any part of it may be the password */
	rc = cf_fail(err, CF_CONFIG, "%s: %s = \"%.60s\": must be %s", place,
		     key->name, value, range.ptr ? range.ptr : "in its range");
	buf_release(&range);
	return rc;
}

/* A whole number; k, M and G multiply by 1024. */
static bool parse_int(const char *value, int64_t *out)
{
	char *end;
	long long n;
	int shift = 0;

	errno = 0;
	n = strtoll(value, &end, 10);
	if (end == value || errno || isspace((unsigned char)value[0]))
		return false;
	if (*end == 'k' || *end == 'K')
		shift = 10;
	else if (*end == 'M')
		shift = 20;
	else if (*end == 'G')
		shift = 30;
	if (shift)
		end++;
	return !*end && !__builtin_mul_overflow(n, INT64_C(1) << shift, out);
}

static bool parse_bool(const char *value, int64_t *out)
{
	static const char *const no_yes[2][4] = {{"no", "off", "false", "0"},
						 {"yes", "on", "true", "1"}};

	for (int v = 0; v < 2; v++)
		for (size_t i = 0; i < 4; i++)
			if (!strcasecmp(value, no_yes[v][i])) {
				*out = v;
				return true;
			}
	return false;
}

static bool parse_in_range(const struct conf_key *key, const char *value,
			   int64_t *out)
{
	return parse_int(value, out) && *out >= key->min && *out <= key->max;
}

static bool parse_pair(const struct conf_key *key, const char *value,
		       int64_t out[2])
{
	const char *at = strchr(value, key->between);
	char first[32];
	int n;

	if (!at) {
		bool is_good = parse_in_range(key, value, &out[0]);

		out[1] = out[0];
		return is_good;
	}
	n = snprintf(first, sizeof(first), "%.*s", (int)(at - value), value);
	return n < (int)sizeof(first) && parse_in_range(key, first, &out[0]) &&
	       parse_in_range(key, at + 1, &out[1]);
}

static bool parse_word(const struct conf_key *key, const char *value,
		       int64_t *out)
{
	for (*out = 0; key->words[*out]; ++*out)
		if (!strcasecmp(value, key->words[*out]))
			return true;
	return false;
}

/* Whether a text is as long as its key wants it. */
static bool fits(const struct conf_key *key, const char *value)
{
	size_t len = strlen(value);

	if (key->type == CONF_CHARS) {
		if (len > (size_t)key->max * UTF8_MAX_BYTES)
			return false;
		len = utf8_count(value);
	}
	return (int64_t)len >= key->min && (int64_t)len <= key->max;
}

/* Store a text, or for CONF_CHARS a pointer to a copy of it. Without texts
 * the value itself is pointed to. */
static enum cf_status set_text(const struct conf_key *key, void *values,
			       const char *value, struct conf_texts *texts,
			       struct cf_error *err)
{
	char *field = (char *)values + key->offset;
	const char *copy = value;

	if (key->type == CONF_TEXT) {
		memcpy(field, value, strlen(value) + 1);
		return CF_OK;
	}
	if (texts)
		copy = texts_add(texts, value);
	if (!copy)
		return cf_fail(err, CF_NOMEM, "no memory for %s", key->name);
	memcpy(field, &copy, sizeof(copy));
	return CF_OK;
}

static enum cf_status set_value(const struct conf_key *key, void *values,
				const char *value, struct conf_texts *texts,
				const char *place, struct cf_error *err)
{
	bool is_good = false;
	int64_t n[2] = {0};

	switch (key->type) {
	case CONF_NUMBER:
		is_good = parse_in_range(key, value, n);
		break;
	case CONF_PAIR:
		is_good = parse_pair(key, value, n);
		break;
	case CONF_SWITCH:
		is_good = parse_bool(value, n);
		break;
	case CONF_WORD:
		is_good = parse_word(key, value, n);
		break;
	case CONF_TEXT:
	case CONF_CHARS:
		if (!fits(key, value))
			return refuse(place, key, value, err);
		return set_text(key, values, value, texts, err);
	}
	if (!is_good)
		return refuse(place, key, value, err);
	memcpy((char *)values + key->offset, n, size_of(key));
	return CF_OK;
}

void conf_init(const struct conf_table *table, void *values)
{
	for (size_t i = 0; i < table->n; i++) {
		const struct conf_key *key = &table->keys[i];
		enum cf_status rc = set_value(key, values, key->fallback,
					      NULL, "default", NULL);

		assert(rc == CF_OK); /* the table contradicts itself */
		(void)rc;
	}
}

/* Set one key of the target, which comes from `source`. */
static enum cf_status set_from(const struct conf_target *target,
			       const struct conf_key *key, const char *value,
			       struct conf_origin origin, const char *place,
			       struct cf_error *err)
{
	enum cf_status rc = set_value(key, target->values, value,
				      target->texts, place, err);

	if (!rc)
		target->origins[key - target->table->keys] = origin;
	return rc;
}

/* The file. */

struct file_reading {
	struct conf_file *file;
	FILE *stream;
	struct conf_target target; /* of the lines to come */
	bool is_in_section;
	struct cf_error *err; /* of the first line that is refused */
	int line;	      /* that was read last */
	size_t n_bytes;
};

static int on_pair(void *user, const char *section, const char *name,
		   const char *value)
{
	struct file_reading *r = user;
	const struct conf_target *target = &r->target;
	const struct conf_key *key = conf_find(target->table, name,
					       strlen(name));

	if (section[0] && !r->is_in_section) {
		(void)cf_fail(r->err, CF_CONFIG,
			      "section [%.40s] begins on the first line",
			      section);
		return 0;
	}
	if (!key) {
		(void)cf_fail(r->err, CF_CONFIG,
			      "unknown key \"%.60s\"; `captchactl config` lists "
			      "them", name);
		return 0;
	}
	if (target->check_key && target->check_key(target, key, r->err))
		return 0;
	return !set_from(target, key, value,
			 (struct conf_origin){CONF_FROM_FILE, r->line}, "",
			 r->err);
}

/* A line "[...]", which inih would cut if it is long. */
static enum cf_status begin_section(struct file_reading *r, const char *line)
{
	const char *end = strchr(line, ']');
	struct str rest = str_trim(str_from(end ? end + 1 : NULL));
	struct str text;

	if (!end || (rest.len && *rest.ptr != '#' && *rest.ptr != ';'))
		return cf_fail(r->err, CF_CONFIG, "is not \"[profile NAME]\"");
	text = str_trim((struct str){line + 1, (size_t)(end - line) - 1});
	r->is_in_section = true;
	return r->file->begin_section(r->file->ctx, text, r->line, &r->target,
				      r->err);
}

/*
 * One line for inih, as fgets would give it. Left to itself inih would cut a
 * long line and take its rest for another one, and would take an indented
 * line for more of the value before it. So the first is refused here, unless
 * it is a comment, and of the second the indent is left out.
 */
static char *read_line(char *out, int size, void *stream)
{
	struct file_reading *r = stream;
	size_t max = (size_t)size - 2; /* room for the newline and a NUL */
	size_t n = 0, n_all = 0;
	int c = EOF;

	if (r->err->status)
		return NULL; /* one complaint at a time */
	r->line++;
	while ((c = getc(r->stream)) != EOF && c != '\n') {
		n_all++;
		if (!c || r->n_bytes++ == CONF_FILE_MAX_BYTES) {
			(void)cf_fail(r->err, CF_CONFIG,
				      c ? "the file is longer than %d bytes"
					: "a NUL byte: is this a text?",
				      CONF_FILE_MAX_BYTES);
			return NULL;
		}
		if (n < max && (n || (c != ' ' && c != '\t')))
			out[n++] = (char)c;
		else if (n)
			n = max + 1; /* it does not fit */
		if (n > max && out[0] != '#' && out[0] != ';') {
			(void)cf_fail(r->err, CF_CONFIG,
				      "a line of more than %zu bytes; give a "
				      "longer value in the environment, as "
				      "CAPTCHA_<KEY>", max);
			return NULL;
		}
		if (n > max)
			n = max;
	}
	if (ferror(r->stream))
		(void)cf_fail(r->err, CF_CONFIG, "cannot read: %s",
			      strerror(errno));
	if (ferror(r->stream) || (c == EOF && !n_all))
		return NULL;
	out[n] = '\0';
	if (out[0] == '[' && begin_section(r, out))
		return NULL;
	out[n++] = '\n';
	out[n] = '\0';
	return out;
}

/* Why a file cannot be opened: its name and rights are the operator's, what
 * the process or the machine lacks is no setting. */
static enum cf_status open_status(int sys_errno)
{
	switch (sys_errno) {
	case EMFILE:
	case ENFILE:
	case EIO:
		return CF_IO;
	case ENOMEM:
		return CF_NOMEM;
	default:
		return CF_CONFIG;
	}
}

/* The line that stopped the reading, and why. */
static enum cf_status refuse_line(const struct file_reading *r, int line,
				  struct cf_error *err)
{
	/* inih goes on after a line that it does not understand */
	const char *text = !line || line == r->line ? r->err->text : "";

	if (!text[0])
		text = "is not \"key = value\"";
	if (!strncmp(text, ": ", 2)) /* refuse() with no place */
		text += 2;
	return cf_fail(err, CF_CONFIG, "%s:%d: %s", r->file->path,
		       line ? line : r->line, text);
}

enum cf_status conf_read_file(struct conf_file *file, bool *is_read,
			      struct cf_error *err)
{
	struct cf_error first = CF_ERROR_INIT;
	struct file_reading r = {.file = file,
				 .target = file->target,
				 .err = &first};
	int line;

	*is_read = false;
	r.stream = fopen(file->path, "re");
	if (!r.stream && errno == ENOENT && file->is_optional)
		return CF_OK;
	if (!r.stream)
		return cf_fail(err, open_status(errno), "cannot open settings "
			       "file %s: %s", file->path, strerror(errno));
	line = ini_parse_stream(read_line, &r, on_pair, &r);
	(void)fclose(r.stream);
	if (line < 0 || first.status == CF_NOMEM)
		return cf_fail(err, CF_NOMEM, "no memory to read %s",
			       file->path);
	if (line || first.status)
		return refuse_line(&r, line, err);
	*is_read = true;
	return CF_OK;
}

/* The environment and the command line. */

/* How much of "key=value" a message repeats: the key. */
static int key_len(const char *text, const char *eq)
{
	return (int)(eq - text < 60 ? eq - text : 60);
}

enum cf_status conf_read_environment(const struct conf_target *target,
				     char *const *envp, const char *prefix,
				     const char *other, struct cf_error *err)
{
	static const struct conf_origin origin = {CONF_FROM_ENVIRONMENT, 0};

	for (; envp && *envp; envp++) {
		const char *name = *envp + strlen(prefix);
		const char *eq = strchr(*envp, '=');
		const struct conf_key *key;
		enum cf_status rc;

		if (strncmp(*envp, prefix, strlen(prefix)) || !eq ||
		    !strncmp(*envp, other, strlen(other)))
			continue;
		key = conf_find(target->table, name, (size_t)(eq - name));
		if (!key)
			return cf_fail(err, CF_CONFIG,
				       "environment: unknown setting %.*s; "
				       "`captchactl config` lists them",
				       key_len(*envp, eq), *envp);
		rc = set_from(target, key, eq + 1, origin, "environment", err);
		if (rc)
			return rc;
	}
	return CF_OK;
}

enum cf_status conf_read_sets(const struct conf_target *target,
			      char *const *sets, size_t n,
			      struct cf_error *err)
{
	static const struct conf_origin origin = {CONF_FROM_COMMAND_LINE, 0};
	enum cf_status rc = CF_OK;

	for (size_t i = 0; i < n && !rc; i++) {
		const char *eq = strchr(sets[i], '=');
		const struct conf_key *key =
			eq ? conf_find(target->table, sets[i],
				       (size_t)(eq - sets[i]))
			   : NULL;

		if (!eq)
			return cf_fail(err, CF_CONFIG,
				       "--set %.60s: is not key=value",
				       sets[i]);
		if (!key)
			return cf_fail(err, CF_CONFIG,
				       "--set %.*s: unknown key; `captchactl "
				       "config` lists them",
				       key_len(sets[i], eq), sets[i]);
		rc = set_from(target, key, eq + 1, origin, "--set", err);
	}
	return rc;
}

/* Printing. */

static void add_value(struct buf *out, const struct conf_key *key,
		      const void *values)
{
	int64_t n[2] = {0};

	switch (key->type) {
	case CONF_NUMBER:
		buf_addf(out, "%lld", (long long)number_in(key, values));
		break;
	case CONF_PAIR:
		memcpy(n, (const char *)values + key->offset, sizeof(n));
		buf_addf(out, "%lld", (long long)n[0]);
		if (n[1] != n[0])
			buf_addf(out, "%c%lld", key->between, (long long)n[1]);
		break;
	case CONF_SWITCH:
		buf_add_str(out, number_in(key, values) ? "yes" : "no");
		break;
	case CONF_WORD:
		buf_add_str(out, key->words[number_in(key, values)]);
		break;
	case CONF_TEXT:
	case CONF_CHARS:
		buf_add_str(out, text_in(key, values));
		break;
	}
}

void conf_print_value(const struct conf_key *key, const void *values,
		      struct buf *out)
{
	char shown[CONF_SHOWN_BYTES];

	buf_addf(out, "%s = ", key->name);
	if (key->show) {
		key->show(text_in(key, values), shown, sizeof(shown));
		buf_add_str(out, shown);
	} else {
		add_value(out, key, values);
	}
}

/* The range and the remark, in parentheses. */
static void add_remarks(struct buf *out, const struct conf_key *key)
{
	buf_add_char(out, '(');
	add_range(out, key);
	if (key->remark)
		buf_addf(out, "; %s", key->remark);
	buf_add_char(out, ')');
}

/* Words of a text as lines of a comment, of at most 79 columns. */
static void add_comment(struct buf *out, const char *text)
{
	static const char indent[] = "#    ";
	size_t column = 0;

	while (*text) {
		size_t n = strcspn(text, " ");

		if (column && column + 1 + n > 79) {
			buf_add_char(out, '\n');
			column = 0;
		}
		if (!column) {
			buf_add_str(out, indent);
			column = sizeof(indent) - 1;
		}
		buf_add_char(out, ' ');
		buf_add(out, text, n);
		column += 1 + n;
		text += n + (text[n] == ' ');
	}
	buf_add_char(out, '\n');
}

void conf_print_sample(const struct conf_table *table, struct buf *out)
{
	struct buf text;

	buf_init(&text, 4096);
	for (size_t i = 0; i < table->n; i++) {
		const struct conf_key *key = &table->keys[i];

		buf_reset(&text);
		buf_add_str(&text, key->help);
		/* the length of a text is in the manual */
		if (key->type != CONF_TEXT) {
			buf_add_char(&text, ' ');
			add_remarks(&text, key);
		} else if (key->remark) {
			buf_addf(&text, " (%s)", key->remark);
		}
		buf_addf(out, "#%s = %s\n", key->name, key->fallback);
		add_comment(out, text.ptr ? text.ptr : "");
	}
	buf_release(&text);
}

/* The text with the characters escaped that man(7) gives a meaning. */
static void add_man_text(struct buf *out, const char *text)
{
	for (; *text; text++) {
		if (*text == '-' || *text == '\\')
			buf_add_char(out, '\\');
		buf_add_char(out, *text == '\\' ? 'e' : *text);
	}
}

void conf_print_man(const struct conf_table *table, struct buf *out)
{
	for (size_t i = 0; i < table->n; i++) {
		const struct conf_key *key = &table->keys[i];

		buf_addf(out, ".TP\n.BR %s \" = ", key->name);
		add_man_text(out, key->fallback);
		buf_add_str(out, "\"\n");
		add_man_text(out, key->help);
		buf_add_str(out, ".\n");
		add_remarks(out, key);
		buf_add_char(out, '\n');
	}
}

uint64_t conf_hash_bytes(uint64_t hash, const void *ptr, size_t len)
{
	const unsigned char *bytes = ptr;

	for (size_t i = 0; i < len; i++)
		hash = (hash ^ bytes[i]) * UINT64_C(1099511628211);
	return hash;
}

uint64_t conf_hash_value(uint64_t hash, const struct conf_key *key,
			 const void *values)
{
	if (key->type == CONF_TEXT || key->type == CONF_CHARS)
		return conf_hash_bytes(hash, text_in(key, values),
				       strlen(text_in(key, values)) + 1);
	return conf_hash_bytes(hash, (const char *)values + key->offset,
			       size_of(key));
}
