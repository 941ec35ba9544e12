/*
 * Sounds of challenges: their addresses, and the responses with their bytes.
 */
#ifndef CF_HTTP_AUDIO_H
#define CF_HTTP_AUDIO_H

#include "http/context.h"

/*
 * Append the end of the address of a sound, from /audio on.
 *
 * id        a pid, or one sealed for AUDIO_SEAL
 * language  a tag; another text is left out
 */
void audio_add_path(struct buf *body, const char *id, struct str language);

/* No site has this name. */
#define AUDIO_SEAL "/audio"

/* Write the response for reply->sound. */
void audio_write(struct response *res, const struct reply *reply);

#endif
