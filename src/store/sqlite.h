/*
 * The SQLite back end; private to the store layer.
 */
#ifndef CF_STORE_SQLITE_H
#define CF_STORE_SQLITE_H

#include "store/store.h"

/* As store_open; *impl goes with sqlite_store_ops. */
CF_MUST_CHECK
enum cf_status sqlite_store_open(const struct store_options *options,
				 enum store_use use, void **impl,
				 struct cf_error *err);

extern const struct store_ops sqlite_store_ops;

#endif
