/*
 * See mem_store.h.
 */
#include "base/base.h"
#include "tests/support/mem_store.h"

void mem_store_init(struct mem_store *mem)
{
	memset(mem, 0, sizeof(*mem));
}

void mem_store_fail_all(struct mem_store *mem, enum cf_status status)
{
	for (int i = 0; i < MEM_STORE_CALL_COUNT; i++)
		mem->fail[i] = status;
}

int mem_store_n_calls(const struct mem_store *mem)
{
	int n = 0;

	for (int i = 0; i < MEM_STORE_CALL_COUNT; i++)
		n += mem->n_calls[i];
	return n;
}

static size_t index_of(const struct mem_store *mem, const struct pid *pid)
{
	size_t i = 0;

	while (i < mem->n && strcmp(mem->entry[i].pid.text, pid->text) != 0)
		i++;
	return i;
}

const struct store_entry *mem_store_find(const struct mem_store *mem,
					 const struct pid *pid)
{
	size_t i = index_of(mem, pid);

	return i < mem->n ? &mem->entry[i] : NULL;
}

static void remove_at(struct mem_store *mem, size_t i)
{
	mem->entry[i] = mem->entry[--mem->n];
}

/* Count a call. Returns the status that it shall fail with. */
static enum cf_status begin(struct mem_store *mem, enum mem_store_call call,
			    struct cf_error *err)
{
	mem->n_calls[call]++;
	if (mem->fail[call])
		return cf_fail(err, mem->fail[call], "mem_store: told to fail");
	return CF_OK;
}

/* The same for a call about a challenge: *i is its index. */
static enum cf_status begin_at(struct mem_store *mem, enum mem_store_call call,
			       const struct pid *pid, size_t *i,
			       struct cf_error *err)
{
	enum cf_status rc = begin(mem, call, err);

	*i = index_of(mem, pid);
	return !rc && *i == mem->n ? CF_NOT_FOUND : rc;
}

static enum cf_status op_put(void *impl, const struct store_entry *entries,
			     size_t n, struct cf_error *err)
{
	struct mem_store *mem = impl;
	enum cf_status rc = begin(mem, MEM_STORE_PUT, err);
	size_t n_before = mem->n;

	mem->n_last_put = n;
	for (size_t i = 0; !rc && i < n; i++) {
		if (mem->n == MEM_STORE_MAX)
			rc = cf_fail(err, CF_FULL, "mem_store: is full");
		else if (mem_store_find(mem, &entries[i].pid))
			rc = cf_fail(err, CF_BUG, "mem_store: a pid twice");
		else
			mem->entry[mem->n++] = entries[i];
	}
	if (rc)
		mem->n = n_before;
	return rc;
}

static enum cf_status op_peek(void *impl, const struct pid *pid,
			      struct store_entry *out, struct cf_error *err)
{
	struct mem_store *mem = impl;
	size_t i;
	enum cf_status rc = begin_at(mem, MEM_STORE_PEEK, pid, &i, err);

	if (!rc)
		*out = mem->entry[i];
	return rc;
}

static enum cf_status op_take(void *impl, const struct pid *pid,
			      struct store_entry *out, struct cf_error *err)
{
	struct mem_store *mem = impl;
	size_t i;
	enum cf_status rc = begin_at(mem, MEM_STORE_TAKE, pid, &i, err);

	if (rc)
		return rc;
	mem->entry[i].attempts_left--;
	*out = mem->entry[i];
	if (!out->attempts_left || mem->is_dropped_by_another)
		remove_at(mem, i);
	return CF_OK;
}

static enum cf_status op_drop(void *impl, const struct pid *pid,
			      struct cf_error *err)
{
	struct mem_store *mem = impl;
	size_t i;
	enum cf_status rc = begin_at(mem, MEM_STORE_DROP, pid, &i, err);

	if (!rc)
		remove_at(mem, i);
	return rc;
}

static enum cf_status op_swap(void *impl, const struct pid *pid,
			      const char *code, const char *new_code,
			      struct cf_error *err)
{
	struct mem_store *mem = impl;
	size_t i;
	enum cf_status rc = begin_at(mem, MEM_STORE_SWAP, pid, &i, err);

	if (!rc && strcmp(mem->entry[i].code, code) != 0)
		rc = CF_NOT_FOUND;
	if (!rc && new_code)
		memcpy(mem->entry[i].code, new_code, strlen(new_code) + 1);
	else if (!rc)
		remove_at(mem, i);
	return rc;
}

static enum cf_status op_put_picture(void *impl, const struct pid *pid,
				     struct str png, int64_t expires_unix_ms,
				     struct cf_error *err)
{
	struct mem_store *mem = impl;
	enum cf_status rc = begin(mem, MEM_STORE_PUT_PICTURE, err);
	struct mem_store_picture *to;

	if (rc)
		return rc;
	to = &mem->pictures[mem->n_pictures++ % MEM_STORE_PICTURES];
	if (png.len > sizeof(to->bytes))
		return cf_fail(err, CF_FULL, "mem_store: a large picture");
	to->pid = *pid;
	memcpy(to->bytes, png.ptr, png.len);
	to->len = png.len;
	to->expires_unix_ms = expires_unix_ms;
	return CF_OK;
}

static enum cf_status op_load_picture(void *impl, const struct pid *pid,
				      struct buf *png, struct cf_error *err)
{
	struct mem_store *mem = impl;
	enum cf_status rc = begin(mem, MEM_STORE_LOAD_PICTURE, err);

	if (rc)
		return rc;
	for (size_t i = 0; i < MEM_STORE_PICTURES; i++) {
		const struct mem_store_picture *picture = &mem->pictures[i];

		if (strcmp(picture->pid.text, pid->text) != 0 ||
		    !mem_store_find(mem, pid))
			continue;
		buf_add(png, picture->bytes, picture->len);
		return buf_status(png, err);
	}
	return CF_NOT_FOUND;
}

static enum cf_status op_sweep(void *impl, const struct pid *before_pid,
			       const struct pid *end_pid, int64_t now_unix_ms,
			       size_t max_rows, size_t *n_rows,
			       struct cf_error *err)
{
	struct mem_store *mem = impl;
	enum cf_status rc = begin(mem, MEM_STORE_SWEEP, err);

	for (size_t i = 0; !rc && i < mem->n && *n_rows < max_rows;) {
		const struct store_entry *entry = &mem->entry[i];

		if (strcmp(entry->pid.text, end_pid->text) < 0 &&
		    (strcmp(entry->pid.text, before_pid->text) >= 0 ||
		     entry->expires_unix_ms > now_unix_ms)) {
			i++;
			continue;
		}
		remove_at(mem, i);
		(*n_rows)++;
	}
	return rc;
}

static enum cf_status op_count(void *impl, int64_t *n, struct cf_error *err)
{
	struct mem_store *mem = impl;
	enum cf_status rc = begin(mem, MEM_STORE_COUNT, err);

	if (mem->count_clk)
		fake_clk_forward(mem->count_clk, mem->count_ms);
	if (!rc)
		*n = (int64_t)mem->n;
	return rc;
}

static enum cf_status op_secret(void *impl, uint8_t key[CRYPT_KEY_BYTES],
				struct cf_error *err)
{
	struct mem_store *mem = impl;
	enum cf_status rc = begin(mem, MEM_STORE_SECRET, err);

	if (rc)
		return rc;
	if (!mem->has_secret)
		crypt_random(mem->secret, CRYPT_KEY_BYTES);
	mem->has_secret = true;
	memcpy(key, mem->secret, CRYPT_KEY_BYTES);
	return CF_OK;
}

static enum cf_status op_probe(void *impl, struct cf_error *err)
{
	return begin(impl, MEM_STORE_PROBE, err);
}

static enum cf_status op_tidy(void *impl, bool is_thorough,
			      struct cf_error *err)
{
	(void)is_thorough;
	return begin(impl, MEM_STORE_TIDY, err);
}

static void close_nothing(void *impl)
{
	(void)impl; /* the test's */
}

static const struct store_ops mem_store_ops = {
	.put = op_put,
	.peek = op_peek,
	.take = op_take,
	.drop = op_drop,
	.swap = op_swap,
	.put_picture = op_put_picture,
	.load_picture = op_load_picture,
	.sweep = op_sweep,
	.count = op_count,
	.secret = op_secret,
	.probe = op_probe,
	.tidy = op_tidy,
	.close = close_nothing,
};

struct store *mem_store_open(struct mem_store *mem)
{
	struct store *store = store_new(&mem_store_ops, mem);

	assert(store);
	return store;
}
