/*
 * The store's door: argument checks that all back ends share, then the back
 * end. See store.h.
 */
#include "base/base.h"
#include "base/metrics.h"
#include "base/server_url.h"
#include "store/redis.h"
#include "store/sqlite.h"
#include "store/store.h"

struct store {
	const struct store_ops *ops;
	void *impl;
	int64_t begun; /* when the call under way began: metrics_begin */
};

struct store *store_new(const struct store_ops *ops, void *impl)
{
	struct store *store = mem_alloc(MEM_STORE, 1, sizeof(*store));

	if (!store) {
		ops->close(impl);
		return NULL;
	}
	store->ops = ops;
	store->impl = impl;
	return store;
}

void store_place(const struct store_options *options,
		 char out[STORE_PLACE_BYTES])
{
	if (options->kind == STORE_REDIS)
		server_url_show(options->redis_url, out, STORE_PLACE_BYTES);
	else
		(void)snprintf(out, STORE_PLACE_BYTES, "%s",
			       options->database);
}

enum cf_status store_open(const struct store_options *options,
			  enum store_use use, struct store **out,
			  struct cf_error *err)
{
	const struct store_ops *ops = &sqlite_store_ops;
	enum cf_status rc;
	void *impl;

	*out = NULL;
	if (options->kind == STORE_REDIS) {
		ops = &redis_store_ops;
		rc = redis_store_open(options, use, clk_system(), &impl, err);
	} else {
		rc = sqlite_store_open(options, use, &impl, err);
	}
	if (rc)
		return rc;
	*out = store_new(ops, impl);
	if (!*out)
		return cf_fail(err, CF_NOMEM, "no memory for the store");
	return CF_OK;
}

void store_close(struct store *store)
{
	if (!store)
		return;
	store->ops->close(store->impl);
	mem_free(store);
}

/* Count a call and its failure. Returns rc. */
static enum cf_status note(struct store *store, enum cf_status rc)
{
	(void)metrics_end(METRIC_TIME_STORE, store->begun);
	if (rc && rc != CF_NOT_FOUND)
		metrics_add(METRIC_STORE_ERROR, 1);
	return rc;
}

static enum cf_status begin(struct store *store, struct cf_error *err)
{
	enum cf_status rc;

	store->begun = metrics_begin();
	rc = store->ops->begin ? store->ops->begin(store->impl, err) : CF_OK;
	return rc ? note(store, rc) : CF_OK;
}

/* Returns rc. */
static enum cf_status end(struct store *store, enum cf_status rc)
{
	if (store->ops->end)
		store->ops->end(store->impl);
	return note(store, rc);
}

enum cf_status store_put(struct store *store,
			 const struct store_entry *entries, size_t n,
			 struct cf_error *err)
{
	enum cf_status rc;

	if (!n || n > STORE_PUT_MAX)
		return cf_fail(err, CF_BUG, "store: put of %zu entries", n);
	for (size_t i = 0; i < n; i++)
		if (!entries[i].code[0] || entries[i].attempts_left < 1 ||
		    entries[i].expires_unix_ms < entries[i].created_unix_ms)
			return cf_fail(err, CF_BUG,
				       "store: entry %zu breaks its rules", i);
	rc = begin(store, err);
	return rc ? rc : end(store, store->ops->put(store->impl, entries, n,
						    err));
}

enum cf_status store_peek(struct store *store, const struct pid *pid,
			  struct store_entry *out, struct cf_error *err)
{
	enum cf_status rc = begin(store, err);

	return rc ? rc : end(store, store->ops->peek(store->impl, pid, out,
						     err));
}

enum cf_status store_take(struct store *store, const struct pid *pid,
			  struct store_entry *out, struct cf_error *err)
{
	enum cf_status rc = begin(store, err);

	return rc ? rc : end(store, store->ops->take(store->impl, pid, out,
						     err));
}

enum cf_status store_drop(struct store *store, const struct pid *pid,
			  struct cf_error *err)
{
	enum cf_status rc = begin(store, err);

	return rc ? rc : end(store, store->ops->drop(store->impl, pid, err));
}

static bool is_code(const char *code)
{
	return code[0] && strlen(code) <= STORE_CODE_MAX_BYTES &&
	       !strchr(code, ' ');
}

enum cf_status store_swap(struct store *store, const struct pid *pid,
			  const char *code, const char *new_code,
			  struct cf_error *err)
{
	enum cf_status rc;

	if (!is_code(code) || (new_code && !is_code(new_code)))
		return cf_fail(err, CF_BUG, "store: swap of a code that breaks "
			       "its rules");
	rc = begin(store, err);
	return rc ? rc : end(store, store->ops->swap(store->impl, pid, code,
						     new_code, err));
}

static enum cf_status begin_picture(struct store *store, struct cf_error *err)
{
	if (!store->ops->put_picture)
		return cf_fail(err, CF_BUG, "store: it keeps no pictures");
	return begin(store, err);
}

enum cf_status store_put_picture(struct store *store, const struct pid *pid,
				 struct str png, int64_t expires_unix_ms,
				 struct cf_error *err)
{
	enum cf_status rc;

	if (!png.len || png.len > STORE_PICTURE_MAX_BYTES)
		return cf_fail(err, CF_BUG, "store: a picture of %zu bytes",
			       png.len);
	rc = begin_picture(store, err);
	return rc ? rc : end(store, store->ops->put_picture(
				     store->impl, pid, png, expires_unix_ms,
				     err));
}

enum cf_status store_load_picture(struct store *store, const struct pid *pid,
				  struct buf *png, struct cf_error *err)
{
	enum cf_status rc = begin_picture(store, err);

	return rc ? rc : end(store, store->ops->load_picture(store->impl, pid,
							     png, err));
}

enum cf_status store_sweep(struct store *store, const struct pid *before_pid,
			   const struct pid *end_pid, int64_t now_unix_ms,
			   size_t max_rows, size_t *n_rows,
			   struct cf_error *err)
{
	enum cf_status rc;

	*n_rows = 0;
	if (!max_rows || max_rows > INT32_MAX)
		return cf_fail(err, CF_BUG, "store: sweep of %zu rows",
			       max_rows);
	if (!store->ops->sweep)
		return CF_OK;
	rc = begin(store, err);
	return rc ? rc : end(store, store->ops->sweep(store->impl, before_pid,
						      end_pid, now_unix_ms,
						      max_rows, n_rows, err));
}

enum cf_status store_count(struct store *store, int64_t enough, int64_t *n,
			   struct cf_error *err)
{
	enum cf_status rc;

	*n = store->ops->at_most ? store->ops->at_most(store->impl) : INT64_MAX;
	if (*n < enough)
		return CF_OK;
	*n = 0;
	rc = begin(store, err);
	return rc ? rc : end(store, store->ops->count(store->impl, n, err));
}

enum cf_status store_secret(struct store *store, uint8_t key[CRYPT_KEY_BYTES],
			    struct cf_error *err)
{
	enum cf_status rc = begin(store, err);

	return rc ? rc : end(store, store->ops->secret(store->impl, key, err));
}

enum cf_status store_probe(struct store *store, struct cf_error *err)
{
	enum cf_status rc = begin(store, err);

	return rc ? rc : end(store, store->ops->probe(store->impl, err));
}

enum cf_status store_tidy(struct store *store, bool is_thorough,
			  struct cf_error *err)
{
	enum cf_status rc;

	if (!store->ops->tidy)
		return CF_OK;
	rc = begin(store, err);
	return rc ? rc : end(store, store->ops->tidy(store->impl, is_thorough,
						     err));
}
