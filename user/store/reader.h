/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the parts of the reader share: store.h is for everybody else. */
#ifndef DRVMEM_STORE_READER_H
#define DRVMEM_STORE_READER_H

#include <sqlite3.h>

#include "model/arena.h"
#include "model/baseline.h"
#include "store/pack.h"
#include "store/store.h"
#include "store/stream.h"

/* A part of the session, unpacked. 0, -ENODATA: it has none, -EBADMSG, -ENOMEM. */
DRVMEM_MUST_CHECK int drvmem_stored_part(struct drvmem_stored *s, const char *kind, size_t max, struct drvmem_pack *ret);
/* The same, of what is a stream of this width with at most max rows; s is initialised in any case. */
DRVMEM_MUST_CHECK int drvmem_stored_stream(struct drvmem_stored *r, const char *kind, uint32_t width, size_t max,
					   struct drvmem_stream *s);
/* A name that drvmem_store_holder() kept, into arena. -EBADMSG: there is none. */
DRVMEM_MUST_CHECK int drvmem_stored_holder(struct drvmem_stored *r, uint64_t id, struct drvmem_arena *arena, const char **ret);
sqlite3 *drvmem_stored_db(const struct drvmem_stored *s);
/* The row of an interval by its index. */
int64_t drvmem_stored_interval(const struct drvmem_stored *s, uint32_t i);
/* What was there before tracing; *ret stays as it is where the session does not have it. 0 or -errno. */
DRVMEM_MUST_CHECK int drvmem_stored_baseline(struct drvmem_stored *s, struct drvmem_baseline **ret);
/* err of something that could not be read. Returns e. */
int drvmem_stored_damaged(const struct drvmem_stored *s, int e, struct drvmem_err *err);

#endif /* DRVMEM_STORE_READER_H */
