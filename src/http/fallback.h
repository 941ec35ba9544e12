/*
 * The page that asks visitors without scripts, in a frame of a page of a site.
 */
#ifndef CF_HTTP_FALLBACK_H
#define CF_HTTP_FALLBACK_H

#include "http/context.h"

/* The page with the reply's notices and no picture. */
http_apology_fn fallback_apologise;

#endif
