/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Numbers as bytes: LEB128 varints, signed ones by zigzag. What is read may be damaged: a reader that
 * came to its end, or met a number of more than 64 bits, has failed and gives zeros.
 */
#ifndef DRVMEM_STORE_PACK_H
#define DRVMEM_STORE_PACK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

/* Grows; after an ENOMEM every put is a no-op and oom says so. Zero-initialised is valid and empty. */
struct drvmem_pack {
	uint8_t *p;
	size_t len, cap;
	bool oom;
};

void drvmem_pack__deinit(struct drvmem_pack *b);
/* Empties it, keeps the memory. */
void drvmem_pack__reset(struct drvmem_pack *b);
void drvmem_pack__u64(struct drvmem_pack *b, uint64_t v);
/* A difference of two u64, as the shorter of its signs. */
void drvmem_pack__diff(struct drvmem_pack *b, uint64_t v);
void drvmem_pack__bytes(struct drvmem_pack *b, const void *p, size_t n);

struct drvmem_unpack {
	const uint8_t *p;
	size_t len, at;
	bool failed;
};

uint64_t drvmem_unpack__u64(struct drvmem_unpack *u);
uint64_t drvmem_unpack__diff(struct drvmem_unpack *u);
/* Nothing is left, and nothing failed. */
bool drvmem_unpack__done(const struct drvmem_unpack *u);

/* zstd with its checksum. 0 or -ENOMEM; *ret is appended to. */
DRVMEM_MUST_CHECK int drvmem_pack__compress(const struct drvmem_pack *in, struct drvmem_pack *ret);
/* -EBADMSG: not what was compressed, or more than max bytes; -ENOMEM. *ret is replaced. */
DRVMEM_MUST_CHECK int drvmem_pack__decompress(const void *p, size_t n, size_t max, struct drvmem_pack *ret);

#endif /* DRVMEM_STORE_PACK_H */
