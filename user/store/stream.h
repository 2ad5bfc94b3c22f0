/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Rows of numbers that change little from one moment to the next: a row has a key and as many 64-bit
 * words as all of its stream. Kept by key; one moment is written as what differs from another. The words
 * mean what the writer put in (store/field.h).
 */
#ifndef DRVMEM_STORE_STREAM_H
#define DRVMEM_STORE_STREAM_H

#include "store/pack.h"

struct drvmem_stream {
	uint32_t width;		/* words of a row */
	uint64_t *key;		/* [nr], ascending once sealed, each once */
	uint64_t *word;		/* [nr][width] */
	size_t nr, cap;
	bool oom;
};

void drvmem_stream__init(struct drvmem_stream *s, uint32_t width);
void drvmem_stream__deinit(struct drvmem_stream *s);
/* Without rows, the memory kept. */
void drvmem_stream__reset(struct drvmem_stream *s);
/* Words of a new row, all 0, for the caller to fill before the next call. NULL on ENOMEM, which __seal() tells. */
uint64_t *drvmem_stream__add(struct drvmem_stream *s, uint64_t key);
/* Brings the rows into order. Of rows with one key the first is kept. 0 or -ENOMEM. */
DRVMEM_MUST_CHECK int drvmem_stream__seal(struct drvmem_stream *s);
/* The rows of from, sealed, in place of those of to. 0 or -ENOMEM. */
DRVMEM_MUST_CHECK int drvmem_stream__copy(const struct drvmem_stream *from, struct drvmem_stream *to);
/* A row of a sealed stream, or NULL. */
const uint64_t *drvmem_stream__find(const struct drvmem_stream *s, uint64_t key);
/* What makes cur of prev (sealed, of one width; NULL = without rows). */
void drvmem_stream__encode(const struct drvmem_stream *prev, const struct drvmem_stream *cur, struct drvmem_pack *to);
/*
 * Applies to s what __encode() wrote; at most max rows. 0, -ENOMEM, or -EBADMSG: not written for this stream,
 * whose rows are then in no defined state.
 */
DRVMEM_MUST_CHECK int drvmem_stream__decode(struct drvmem_stream *s, struct drvmem_unpack *from, size_t max);

/* The same of all that was packed: what is left over is damage too. */
DRVMEM_MUST_CHECK int drvmem_stream__decode_all(struct drvmem_stream *s, const struct drvmem_pack *from, size_t max);

#endif /* DRVMEM_STORE_STREAM_H */
