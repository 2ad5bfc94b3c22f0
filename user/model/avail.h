/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A number that may be missing: a missing number is not zero. The one type for it in all layers. */
#ifndef DRVMEM_MODEL_AVAIL_H
#define DRVMEM_MODEL_AVAIL_H

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum drvmem_avail { DRVMEM_OK = 0, DRVMEM_ABSENT, DRVMEM_DENIED, DRVMEM_LOST };

struct drvmem_u64 {
	uint64_t v;
	enum drvmem_avail st;
};

static inline struct drvmem_u64 drvmem_some(uint64_t v)
{
	return (struct drvmem_u64){ v, DRVMEM_OK };
}

/* What a file that gave err, 0 or -errno, makes of its numbers. */
static inline enum drvmem_avail drvmem_avail_of(int err)
{
	if (!err)
		return DRVMEM_OK;
	return err == -EACCES || err == -EPERM ? DRVMEM_DENIED : DRVMEM_ABSENT;
}

static inline void drvmem_u64__set_missing(struct drvmem_u64 *v, size_t n, enum drvmem_avail why)
{
	while (n--)
		v[n] = (struct drvmem_u64){ 0, why };
}

#endif /* DRVMEM_MODEL_AVAIL_H */
