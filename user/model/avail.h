/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A number that may be missing: a missing number is not zero. */
#ifndef DRVMEM_MODEL_AVAIL_H
#define DRVMEM_MODEL_AVAIL_H

#include <stdbool.h>
#include <stdint.h>

enum drvmem_avail { DRVMEM_OK = 0, DRVMEM_ABSENT, DRVMEM_DENIED, DRVMEM_LOST };

struct drvmem_u64 {
	uint64_t v;
	enum drvmem_avail st;
};

#endif /* DRVMEM_MODEL_AVAIL_H */
