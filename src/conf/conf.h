/*
 * The engine of settings: it reads and prints the keys of a table, and knows
 * none of them. A table describes the fields of a struct of values.
 *
 * conf_init sets all defaults. conf_read_file, conf_read_environment and
 * conf_read_sets then write over them.
 */
#ifndef CF_CONF_CONF_H
#define CF_CONF_CONF_H

#include "base/buf.h"

enum {
	CONF_FILE_MAX_BYTES = 64 * 1024,
	CONF_SHOWN_BYTES = 640, /* of a secret, as it is printed */
};

enum conf_type {
	CONF_NUMBER,	/* int64_t */
	CONF_SWITCH,	/* int64_t, 0 or 1 */
	CONF_WORD,	/* int64_t, the index in `words` */
	CONF_PAIR,	/* int64_t[2], as "5-7"; one number stands for both */
	CONF_TEXT,	/* char array of `max` + 1 bytes */
	CONF_LONG_TEXT, /* const char *, of at most `max` bytes */
	CONF_CHARS,	/* const char *; min and max count characters */
};

struct conf_key {
	const char *name;
	int scope;		  /* its meaning is up to the table */
	const char *remark;	  /* printed after the range; NULL for none */
	enum conf_type type;
	size_t offset;		  /* of the field in the struct of values */
	int64_t min, max;	  /* of the number, or of the text's length */
	const char *fallback;	  /* the default, as in a file */
	const char *unit;	  /* of a number; NULL for none */
	const char *const *words; /* of CONF_WORD and CONF_CHARS, NULL at end */
	const char *help;
	char between; /* the numbers of CONF_PAIR */
	/* Writes the value with *** for its password. NULL: the value has no
	 * password. No message repeats a value that may have one. */
	void (*show)(const char *value, char *out, size_t size);
	/* A rule beyond the range: CF_CONFIG refuses a value. NULL: there is
	 * none. Defaults are not checked. */
	enum cf_status (*check)(const struct conf_key *key, const void *field,
				struct cf_error *err);
};

/* Texts that values point to. Empty when zeroed. */
struct conf_text;
struct conf_texts {
	struct conf_text *first;
};

/* A copy that lives as long as the texts; NULL when out of memory. */
CF_MUST_CHECK
const char *conf_texts_add(struct conf_texts *texts, const char *value);
void conf_texts_release(struct conf_texts *texts);

struct conf_table {
	const struct conf_key *keys;
	size_t n;
};

enum conf_source {
	CONF_FROM_DEFAULT,
	CONF_FROM_FILE,
	CONF_FROM_ENVIRONMENT,
	CONF_FROM_COMMAND_LINE,
};

struct conf_origin {
	enum conf_source source;
	int line; /* of the file; 0 for another source */
};

/* Where values are written. */
struct conf_target {
	const struct conf_table *table;
	void *values;
	struct conf_origin *origins; /* one for each key of the table */
	struct conf_texts *texts;    /* live as long as the values */
	/* CF_CONFIG for a key that the section may not have; NULL: it may
	 * have all keys. */
	enum cf_status (*check_key)(const struct conf_key *key,
				    struct cf_error *err);
};

/* The key of this name, in any case of its letters; NULL if there is none. */
const struct conf_key *conf_find(const struct conf_table *table,
				 const char *name, size_t len);

/* Set every value to its default, which must be in its range. */
void conf_init(const struct conf_table *table, void *values);

/* Copy the value of one key. */
void conf_copy(const struct conf_key *key, void *to, const void *from);

struct conf_file {
	const char *path;
	bool is_optional; /* a missing file counts as an empty one */
	struct conf_target target; /* of the lines before any section */
	/* Called for a line [TEXT], with TEXT trimmed. Sets *target, where
	 * the lines of the section go. */
	enum cf_status (*begin_section)(void *ctx, const char *text, int line,
					struct conf_target *target,
					struct cf_error *err);
	void *ctx;
};

/*
 * Read a file of lines "key = value" and "[section]".
 *
 * is_read  set to whether the file was there
 * returns  CF_OK; CF_CONFIG, err with "PATH:LINE: "; CF_IO, CF_NOMEM
 */
CF_MUST_CHECK
enum cf_status conf_read_file(const struct conf_file *file, bool *is_read,
			      struct cf_error *err);

/* Read the variables of envp that begin with prefix, except those that begin
 * with one of `ignored` (NULL at the end). An unknown key is CF_CONFIG. */
CF_MUST_CHECK
enum cf_status conf_read_environment(const struct conf_target *target,
				     char *const *envp, const char *prefix,
				     const char *const *ignored,
				     struct cf_error *err);

/* Set a key by its name, as a line of a file does. */
CF_MUST_CHECK
enum cf_status conf_set(const struct conf_target *target, struct str name,
			const char *value, struct conf_origin origin,
			struct cf_error *err);

/* Read n strings "key=value" of the option --set. */
CF_MUST_CHECK
enum cf_status conf_read_sets(const struct conf_target *target,
			      char *const *sets, size_t n,
			      struct cf_error *err);

/* Print "key = value" as in a file, with *** for a password. */
void conf_print_value(const struct conf_key *key, const void *values,
		      struct buf *out);

/* For each key print "#key = default" and an indented comment with its help
 * and range. */
void conf_print_sample(const struct conf_table *table, struct buf *out);

/* The keys as the body of a manual page section, in man(7) macros. */
void conf_print_man(const struct conf_table *table, struct buf *out);

/* FNV-1a of 64 bits over the bytes (RFC 9923); begin with CONF_HASH_INIT. */
#define CONF_HASH_INIT UINT64_C(14695981039346656037)
uint64_t conf_hash_bytes(uint64_t hash, const void *ptr, size_t len);
uint64_t conf_hash_value(uint64_t hash, const struct conf_key *key,
			 const void *values);

#endif
