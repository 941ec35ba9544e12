/*
 * Word lists: see words.h. The words of a list lie side by side in cells of
 * one size, so that a list is two allocations and is sorted in place.
 */
#include "base/base.h"
#include "challenge/words.h"

#include <ctype.h>
#include <fcntl.h>
#include <sys/stat.h>

#include "base/buf.h"
#include "base/utf8.h"

enum {
	WORD_CELL_BYTES = WORD_MAX_CHARS + 1,
	BLOCKED_CELL_BYTES = BLOCKED_MAX_CHARS * UTF8_MAX_BYTES + 1,
};

struct words {
	char *cells;
	size_t cell_bytes;
	size_t n, max;
};

static char *cell(const struct words *words, size_t i)
{
	return words->cells + i * words->cell_bytes;
}

void words_free(struct words *words)
{
	if (!words)
		return;
	mem_free(words->cells);
	mem_free(words);
}

size_t words_n(const struct words *words)
{
	return words->n;
}

const char *words_get(const struct words *words, size_t i)
{
	assert(i < words->n);
	return cell(words, i);
}

/* The last word that does not sort after text; NULL when all do. */
static const char *find_before(const struct words *words, const char *text)
{
	size_t lo = 0, hi = words->n;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (strcmp(cell(words, mid), text) <= 0)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo ? cell(words, lo - 1) : NULL;
}

/* A word that the rest of the text begins with sorts before that rest. Only
 * words that begin with this word sort between the two, and sort_and_unite has
 * dropped those. */
bool words_block(const struct words *blocked, const char *text)
{
	for (; blocked && *text; text++) {
		const char *word = find_before(blocked, text);

		if (word && !strncmp(text, word, strlen(word)))
			return true;
	}
	return false;
}

static enum cf_status read_file(int fd, const char *path, struct buf *out,
				struct cf_error *err)
{
	struct stat st;
	ssize_t n = 0;

	if (fstat(fd, &st) || !S_ISREG(st.st_mode))
		return cf_fail(err, CF_CONFIG, "%s is not a file", path);
	do {
		char *room = buf_room(out, 65536);

		if (!room)
			break; /* buf_status tells */
		n = read(fd, room, 65536);
		if (n > 0)
			buf_grow(out, (size_t)n);
	} while (n > 0 || (n < 0 && errno == EINTR));
	if (n < 0)
		return cf_fail(err, CF_CONFIG, "cannot read %s: %s", path,
			       strerror(errno));
	if (buf_status(out, NULL) == CF_NOMEM)
		return cf_fail(err, CF_NOMEM, "no memory for %s", path);
	if (buf_status(out, NULL) || out->len > WORDS_FILE_MAX_BYTES)
		return cf_fail(err, CF_CONFIG,
			       "%s is longer than %d bytes: name a shorter "
			       "list", path, WORDS_FILE_MAX_BYTES);
	return CF_OK;
}

/* The whole file, NUL-terminated. */
static enum cf_status load_text(const char *path, struct buf *out,
				struct cf_error *err)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	enum cf_status rc;

	if (fd < 0)
		return cf_fail(err, CF_CONFIG, "cannot open %s: %s", path,
			       strerror(errno));
	rc = read_file(fd, path, out, err);
	(void)close(fd);
	if (!rc && !out->len)
		rc = cf_fail(err, CF_CONFIG, "%s is empty", path);
	if (!rc && memchr(out->ptr, 0, out->len))
		rc = cf_fail(err, CF_CONFIG, "%s has a NUL byte: is it a text?",
			     path);
	return rc;
}

/* The next line without the white space around it; false at the end. */
static bool next_line(const char **at, struct str *line)
{
	const char *end;

	if (!**at)
		return false;
	end = *at + strcspn(*at, "\n");
	*line = str_trim((struct str){*at, (size_t)(end - *at)});
	*at = *end ? end + 1 : end;
	return true;
}

static bool is_comment(struct str line)
{
	return !line.len || line.ptr[0] == '#';
}

/* Add a line of ASCII letters as a word. False for another line. */
static bool add_word(struct words *words, struct str line, size_t max_chars)
{
	char *to = cell(words, words->n);

	if (line.len < WORD_MIN_CHARS || line.len > max_chars)
		return false;
	for (size_t i = 0; i < line.len; i++) {
		unsigned char c = (unsigned char)line.ptr[i];

		if (c > 127 || !isalpha(c))
			return false;
		to[i] = (char)tolower(c);
	}
	to[line.len] = '\0';
	words->n++;
	return true;
}

/* Add a line as a spelling to avoid. False when it cannot be one. */
static bool add_spelling(struct words *words, struct str line)
{
	char *to = cell(words, words->n);
	size_t n_chars = 0, n_bytes;

	for (; line.len; line.ptr += n_bytes, line.len -= n_bytes) {
		uint32_t c;

		n_bytes = utf8_first(line, &c);
		c = n_bytes ? utf8_letter(c) : 0;
		if (!utf8_is_alnum(c) || ++n_chars > BLOCKED_MAX_CHARS)
			return false;
		to += utf8_put(c, to);
	}
	*to = '\0';
	if (n_chars < BLOCKED_MIN_CHARS)
		return false;
	words->n++;
	return true;
}

static int compare(const void *a, const void *b)
{
	return strcmp(a, b);
}

/* Sort the words and keep each once. With `beginnings`, also drop words that
 * begin with another word of the list. */
static void sort_and_unite(struct words *words, bool beginnings)
{
	size_t n = 0;

	qsort(words->cells, words->n, words->cell_bytes, compare);
	for (size_t i = 0; i < words->n; i++) {
		const char *last = n ? cell(words, n - 1) : NULL;
		size_t len = last ? strlen(last) + !beginnings : 0;

		if (!last || strncmp(cell(words, i), last, len) != 0)
			memmove(cell(words, n++), cell(words, i),
				words->cell_bytes);
	}
	words->n = n;
}

/* An empty list with room for as many words as the text has lines, at most
 * max + 1. */
static struct words *new_list(const struct buf *text, size_t max,
			      size_t cell_bytes)
{
	struct words *words = mem_alloc(MEM_CHALLENGE, 1, sizeof(*words));

	if (!words)
		return NULL;
	for (size_t i = 0; i < text->len && words->max < max; i++)
		words->max += text->ptr[i] == '\n';
	words->max++; /* for a last line without an end, or one too many */
	words->cell_bytes = cell_bytes;
	words->cells = mem_alloc(MEM_CHALLENGE, words->max, cell_bytes);
	if (words->cells)
		return words;
	words_free(words);
	return NULL;
}

/* A kind of list: words to draw, or spellings to block. */
struct list_kind {
	const char *plural;
	size_t max, cell_bytes;
	size_t max_chars; /* of a word; 0 for spellings */
	const struct words *blocked;
};

/* Add the words of a text, or its spellings. */
static enum cf_status read_lines(struct words *words, const char *path,
				 const char *at, const struct list_kind *kind,
				 size_t *n_lines, struct cf_error *err)
{
	struct str line;

	for (*n_lines = 0; next_line(&at, &line);) {
		++*n_lines;
		if (is_comment(line))
			continue;
		if (!kind->max_chars && !add_spelling(words, line))
			return cf_fail(err, CF_CONFIG,
				       "%s:%zu: not %d to %d letters and "
				       "digits", path, *n_lines,
				       BLOCKED_MIN_CHARS, BLOCKED_MAX_CHARS);
		if (kind->max_chars &&
		    add_word(words, line, kind->max_chars) &&
		    words_block(kind->blocked, cell(words, words->n - 1)))
			words->n--;
		if (words->n > kind->max)
			return cf_fail(err, CF_CONFIG,
				       "%s has more than %zu %s: name a "
				       "shorter list", path, kind->max,
				       kind->plural);
	}
	return CF_OK;
}

static enum cf_status fill(struct words *words, const char *path,
			   const char *text, const struct list_kind *kind,
			   struct cf_error *err)
{
	size_t n_lines;
	enum cf_status rc = read_lines(words, path, text, kind, &n_lines, err);

	if (rc)
		return rc;
	sort_and_unite(words, !kind->max_chars);
	if (kind->max_chars && words->n < WORDS_MIN)
		return cf_fail(err, CF_CONFIG,
			       "%s: of %zu lines %zu are words of %d to %zu "
			       "letters, each counted once and none blocked; "
			       "fewer than %d are soon guessed",
			       path, n_lines, words->n, WORD_MIN_CHARS,
			       kind->max_chars, WORDS_MIN);
	return CF_OK;
}

static enum cf_status load(struct words **out, const char *path,
			   const struct list_kind *kind, struct cf_error *err)
{
	struct words *words = NULL;
	enum cf_status rc;
	struct buf text;

	*out = NULL;
	buf_init(&text, WORDS_FILE_MAX_BYTES + 65536);
	rc = load_text(path, &text, err);
	if (!rc) {
		words = new_list(&text, kind->max, kind->cell_bytes);
		rc = words ? fill(words, path, text.ptr, kind, err)
			   : cf_fail(err, CF_NOMEM, "no memory for %s", path);
	}
	buf_release(&text);
	if (rc)
		words_free(words);
	else
		*out = words;
	return rc;
}

enum cf_status words_load(struct words **out, const char *path,
			  size_t max_chars, const struct words *blocked,
			  struct cf_error *err)
{
	const struct list_kind kind = {"words", WORDS_MAX, WORD_CELL_BYTES,
				       max_chars, blocked};

	assert(max_chars && max_chars <= WORD_MAX_CHARS);
	return load(out, path, &kind, err);
}

enum cf_status blocked_load(struct words **out, const char *path,
			    struct cf_error *err)
{
	const struct list_kind kind = {"spellings", BLOCKED_MAX,
				       BLOCKED_CELL_BYTES, 0, NULL};

	return load(out, path, &kind, err);
}
