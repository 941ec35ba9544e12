/*
 * The engine of settings: see conf.h. captcha.conf(5) has the format of the
 * file.
 */
#include "base/base.h"
#include "conf/conf.h"

#include "base/mem.h"
#include "base/utf8.h"

#include <ctype.h>
#include <strings.h>

struct conf_text {
	struct conf_text *next;
	char text[];
};

const char *conf_texts_add(struct conf_texts *texts, const char *value)
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

static const void *field_of(const struct conf_key *key, const void *values)
{
	return (const char *)values + key->offset;
}

static bool is_text(const struct conf_key *key)
{
	return key->type >= CONF_TEXT;
}

static int64_t number_in(const void *field)
{
	return *(const int64_t *)field;
}

static const char *text_in(const struct conf_key *key, const void *field)
{
	return key->type == CONF_TEXT ? field : *(const char *const *)field;
}

static size_t field_bytes(const struct conf_key *key)
{
	if (key->type == CONF_TEXT)
		return (size_t)key->max + 1;
	if (is_text(key))
		return sizeof(const char *);
	return (key->type == CONF_PAIR ? 2 : 1) * sizeof(int64_t);
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
	memcpy((char *)to + key->offset, field_of(key, from),
	       field_bytes(key));
}

/* --- one value ---------------------------------------------------------- */

static void add_words(struct buf *out, const char *const *words)
{
	for (size_t i = 0; words[i]; i++)
		buf_addf(out, "%s%s", i ? ", " : "", words[i]);
}

static void add_range(struct buf *out, const struct conf_key *key)
{
	long long min = key->min, max = key->max;

	switch (key->type) {
	case CONF_NUMBER:
	case CONF_PAIR:
		buf_addf(out, "%lld to %lld", min, max);
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
		add_words(out, key->words);
		break;
	case CONF_CHARS:
		add_words(out, key->words);
		buf_addf(out, ", or %lld to %lld characters", min, max);
		break;
	case CONF_TEXT:
	case CONF_LONG_TEXT:
		buf_addf(out, "at most %lld characters", max);
		break;
	}
}

/* CF_CONFIG with key, value and range. */
static enum cf_status refuse(const struct conf_key *key, const char *value,
			     struct cf_error *err)
{
	struct buf range;
	enum cf_status rc;

	buf_init(&range, 256);
	add_range(&range, key);
	if (key->show)
		value = "..."; /* any part of the value may be the password */
	rc = cf_fail(err, CF_CONFIG, "%s = \"%.60s\": must be %s", key->name,
		     value, range.ptr ? range.ptr : "in its range");
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

static bool parse_number(const struct conf_key *key, const char *value,
			 int64_t *out)
{
	return parse_int(value, out) && *out >= key->min && *out <= key->max;
}

static bool parse_pair(const struct conf_key *key, const char *value,
		       int64_t out[2])
{
	const char *second = strchr(value, key->between);
	char first[32];
	size_t len;

	if (!second) {
		bool is_good = parse_number(key, value, &out[0]);

		out[1] = out[0];
		return is_good;
	}
	len = (size_t)(second - value);
	if (len >= sizeof(first))
		return false;
	memcpy(first, value, len);
	first[len] = '\0';
	return parse_number(key, first, &out[0]) &&
	       parse_number(key, second + 1, &out[1]);
}

static bool parse_word(const char *const *words, const char *value,
		       int64_t *out)
{
	for (*out = 0; words[*out]; ++*out)
		if (!strcasecmp(value, words[*out]))
			return true;
	return false;
}

static bool parse_switch(const char *value, int64_t *out)
{
	static const char *const words[] = {"no",    "yes",  "off", "on",
					    "false", "true", "0",   "1",
					    NULL};
	bool is_good = parse_word(words, value, out);

	*out %= 2;
	return is_good;
}

static bool is_length_right(const struct conf_key *key, const char *value)
{
	size_t len = strlen(value);

	if (key->type == CONF_CHARS) {
		if (len > (size_t)key->max * UTF8_MAX_BYTES)
			return false;
		len = utf8_count(value);
	}
	return (int64_t)len >= key->min && (int64_t)len <= key->max;
}

static enum cf_status set_text(const struct conf_key *key, void *field,
			       const char *value, struct conf_texts *texts,
			       struct cf_error *err)
{
	if (!is_length_right(key, value))
		return refuse(key, value, err);
	if (key->type == CONF_TEXT) {
		memcpy(field, value, strlen(value) + 1);
		return CF_OK;
	}
	if (texts)
		value = conf_texts_add(texts, value);
	if (!value)
		return cf_fail(err, CF_NOMEM, "no memory for %s", key->name);
	memcpy(field, &value, sizeof(value));
	return CF_OK;
}

/* Parse a value into its field. Without texts a pointer field borrows the
 * value. */
static enum cf_status set_value(const struct conf_key *key, void *values,
				const char *value, struct conf_texts *texts,
				struct cf_error *err)
{
	void *field = (char *)values + key->offset;
	bool is_good = false;
	int64_t n[2] = {0};

	switch (key->type) {
	case CONF_NUMBER:
		is_good = parse_number(key, value, n);
		break;
	case CONF_PAIR:
		is_good = parse_pair(key, value, n);
		break;
	case CONF_SWITCH:
		is_good = parse_switch(value, n);
		break;
	case CONF_WORD:
		is_good = parse_word(key->words, value, n);
		break;
	case CONF_TEXT:
	case CONF_LONG_TEXT:
	case CONF_CHARS:
		return set_text(key, field, value, texts, err);
	}
	if (!is_good)
		return refuse(key, value, err);
	memcpy(field, n, field_bytes(key));
	return CF_OK;
}

void conf_init(const struct conf_table *table, void *values)
{
	for (size_t i = 0; i < table->n; i++) {
		enum cf_status rc = set_value(&table->keys[i], values,
					      table->keys[i].fallback, NULL,
					      NULL);

		assert(rc == CF_OK); /* each default is in its range */
		(void)rc;
	}
}

/* Set a key. Its name begins behind n_prefix bytes of `name`. */
static enum cf_status set_key(const struct conf_target *target,
			      struct str name, size_t n_prefix,
			      const char *value, struct conf_origin origin,
			      struct cf_error *err)
{
	const struct conf_key *key = conf_find(target->table,
					       name.ptr + n_prefix,
					       name.len - n_prefix);
	enum cf_status rc = CF_OK;

	if (!key)
		return cf_fail(err, CF_CONFIG,
			       "unknown key \"%.*s\"; `captchactl config` "
			       "lists all keys",
			       name.len < 60 ? (int)name.len : 60, name.ptr);
	if (target->check_key)
		rc = target->check_key(key, err);
	if (!rc)
		rc = set_value(key, target->values, value, target->texts, err);
	if (!rc && key->check)
		rc = key->check(key, field_of(key, target->values), err);
	if (!rc)
		target->origins[key - target->table->keys] = origin;
	return rc;
}

enum cf_status conf_set(const struct conf_target *target, struct str name,
			const char *value, struct conf_origin origin,
			struct cf_error *err)
{
	return set_key(target, name, 0, value, origin, err);
}

/* --- the file ----------------------------------------------------------- */

/* The status of a file that cannot be opened: a fault of the settings, unless
 * the machine is out of descriptors or memory or its disk fails. */
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

/* Append the whole file to text. */
static enum cf_status load(const struct conf_file *file, struct buf *text,
			   bool *is_read, struct cf_error *err)
{
	FILE *stream = fopen(file->path, "re");
	enum cf_status rc = CF_OK;
	char block[4096];
	size_t n;

	*is_read = stream != NULL;
	if (!stream && errno == ENOENT && file->is_optional)
		return CF_OK;
	if (!stream)
		return cf_fail(err, open_status(errno), "cannot open settings "
			       "file %s: %s", file->path, strerror(errno));
	while (!text->failed && (n = fread(block, 1, sizeof(block), stream)))
		buf_add(text, block, n);
	if (ferror(stream))
		rc = cf_fail(err, CF_CONFIG, "cannot read %s: %s", file->path,
			     strerror(errno));
	else if (text->failed == CF_TOO_LARGE)
		rc = cf_fail(err, CF_CONFIG, "%s is longer than %d bytes",
			     file->path, CONF_FILE_MAX_BYTES);
	else if (text->failed)
		rc = cf_fail(err, CF_NOMEM, "no memory to read %s",
			     file->path);
	(void)fclose(stream);
	return rc;
}

/* Cut off white space at both ends, in place. Returns the first other byte. */
static char *trim(char *text)
{
	size_t len;

	while (isspace((unsigned char)*text))
		text++;
	len = strlen(text);
	while (len && isspace((unsigned char)text[len - 1]))
		len--;
	text[len] = '\0';
	return text;
}

static enum cf_status read_section(const struct conf_file *file, char *line,
				   int n, struct conf_target *target,
				   struct cf_error *err)
{
	char *end = strchr(line, ']');
	char *rest = end ? trim(end + 1) : NULL;

	if (!end || (*rest && *rest != '#' && *rest != ';'))
		return cf_fail(err, CF_CONFIG, "is not \"[profile NAME]\" or "
			       "\"[site NAME]\"");
	*end = '\0';
	return file->begin_section(file->ctx, trim(line + 1), n, target, err);
}

static enum cf_status read_pair(const struct conf_target *target, char *line,
				int n, struct cf_error *err)
{
	const struct conf_origin origin = {CONF_FROM_FILE, n};
	char *value;

	for (char *c = line + 1; *c; c++)
		if (*c == ';' && isspace((unsigned char)c[-1])) {
			*c = '\0'; /* the rest is a comment */
			break;
		}
	value = strpbrk(line, "=:");
	if (!value)
		return cf_fail(err, CF_CONFIG, "is not \"key = value\"");
	*value++ = '\0';
	return set_key(target, str_from(trim(line)), 0, trim(value), origin,
		       err);
}

static enum cf_status read_lines(const struct conf_file *file,
				 struct buf *text, struct cf_error *err)
{
	static const char byte_order_mark[] = "\xef\xbb\xbf";
	struct conf_target target = file->target;
	struct cf_error why = CF_ERROR_INIT;
	char *next = text->ptr, *end = text->ptr + text->len;
	enum cf_status rc = CF_OK;
	int n = 0;

	if (str_starts(str_from(next), byte_order_mark))
		next += strlen(byte_order_mark);
	while (!rc && next < end) {
		char *line = next;

		n++;
		next += strcspn(next, "\n");
		if (!*next && next < end) {
			rc = cf_fail(&why, CF_CONFIG,
				     "a NUL byte: is this a text?");
			break;
		}
		*next++ = '\0';
		line = trim(line);
		if (*line == '[')
			rc = read_section(file, line, n, &target, &why);
		else if (*line && *line != '#' && *line != ';')
			rc = read_pair(&target, line, n, &why);
	}
	return rc ? cf_fail(err, rc, "%s:%d: %s", file->path, n, why.text)
		  : CF_OK;
}

enum cf_status conf_read_file(const struct conf_file *file, bool *is_read,
			      struct cf_error *err)
{
	struct buf text;
	enum cf_status rc;

	buf_init(&text, CONF_FILE_MAX_BYTES);
	rc = load(file, &text, is_read, err);
	if (!rc && text.len)
		rc = read_lines(file, &text, err);
	buf_release(&text);
	return rc;
}

/* --- the environment and the command line ------------------------------- */

/* Set a key by "PREFIXkey=value"; messages begin with the place. */
static enum cf_status read_assignment(const struct conf_target *target,
				      const char *text, size_t n_prefix,
				      const char *place,
				      enum conf_source source,
				      struct cf_error *err)
{
	const struct conf_origin origin = {source, 0};
	const char *equals = strchr(text, '=');
	struct cf_error why = CF_ERROR_INIT;
	enum cf_status rc;

	if (!equals)
		return cf_fail(err, CF_CONFIG, "%s%.60s: is not key=value",
			       place, text);
	rc = set_key(target, (struct str){text, (size_t)(equals - text)},
		     n_prefix, equals + 1, origin, &why);
	return rc ? cf_fail(err, rc, "%s%s", place, why.text) : CF_OK;
}

static bool begins_with_any(const char *text, const char *const *prefixes)
{
	for (; *prefixes; prefixes++)
		if (!strncmp(text, *prefixes, strlen(*prefixes)))
			return true;
	return false;
}

enum cf_status conf_read_environment(const struct conf_target *target,
				     char *const *envp, const char *prefix,
				     const char *const *ignored,
				     struct cf_error *err)
{
	size_t len = strlen(prefix);
	enum cf_status rc = CF_OK;

	for (; envp && *envp && !rc; envp++)
		if (!strncmp(*envp, prefix, len) && strchr(*envp, '=') &&
		    !begins_with_any(*envp, ignored))
			rc = read_assignment(target, *envp, len,
					     "environment: ",
					     CONF_FROM_ENVIRONMENT, err);
	return rc;
}

enum cf_status conf_read_sets(const struct conf_target *target,
			      char *const *sets, size_t n,
			      struct cf_error *err)
{
	enum cf_status rc = CF_OK;

	for (size_t i = 0; i < n && !rc; i++)
		rc = read_assignment(target, sets[i], 0, "--set: ",
				     CONF_FROM_COMMAND_LINE, err);
	return rc;
}

/* --- printing ----------------------------------------------------------- */

void conf_print_value(const struct conf_key *key, const void *values,
		      struct buf *out)
{
	const void *field = field_of(key, values);
	char shown[CONF_SHOWN_BYTES];
	const int64_t *pair;

	buf_addf(out, "%s = ", key->name);
	switch (key->type) {
	case CONF_NUMBER:
		buf_add_number(out, number_in(field));
		break;
	case CONF_PAIR:
		pair = field;
		buf_add_number(out, pair[0]);
		if (pair[1] != pair[0])
			buf_addf(out, "%c%lld", key->between,
				 (long long)pair[1]);
		break;
	case CONF_SWITCH:
		buf_add_str(out, number_in(field) ? "yes" : "no");
		break;
	case CONF_WORD:
		buf_add_str(out, key->words[number_in(field)]);
		break;
	case CONF_TEXT:
	case CONF_LONG_TEXT:
	case CONF_CHARS:
		if (key->show)
			key->show(text_in(key, field), shown, sizeof(shown));
		buf_add_str(out, key->show ? shown : text_in(key, field));
		break;
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

/* Add a text as a comment in lines of at most 79 columns. */
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
		/* the manual has the range of a text */
		if (key->type != CONF_TEXT && key->type != CONF_LONG_TEXT) {
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

/* Add a text, with escapes for the characters that man(7) interprets. */
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
	const void *field = field_of(key, values);

	if (!is_text(key))
		return conf_hash_bytes(hash, field, field_bytes(key));
	return conf_hash_bytes(hash, text_in(key, field),
			       strlen(text_in(key, field)) + 1);
}
