/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which few fixed sizes serve buffers of many sizes best: the exact optimum, for one size, two, and so
 * on. A buffer gets the cheapest of the sizes that hold it. Pure.
 */
#ifndef DRVMEM_ANALYSIS_BUFSIZE_H
#define DRVMEM_ANALYSIS_BUFSIZE_H

#include <stdint.h>

#include "base/err.h"

#define DRVMEM_BUFSIZE_MAX	16u	/* sizes at once */

/* So many buffers need so many bytes. */
struct drvmem_bufsize_need {
	uint32_t bytes;
	uint64_t count;
};

/* One answer: at most n sizes. */
struct drvmem_bufsize_set {
	uint32_t n;
	uint32_t size[DRVMEM_BUFSIZE_MAX];	/* bytes, ascending; fewer than asked for where more bring nothing */
	uint64_t count[DRVMEM_BUFSIZE_MAX];	/* buffers that get it */
	uint64_t held;				/* bytes that all of them take */
};

/*
 * need: ascending by bytes, each once, bytes > 0. held(): bytes that a buffer of a size takes, > 0, called for
 * the sizes of need and, as one larger may take less, for those that it names in *next (0 = none): the
 * next size worth a look. k: 1 to DRVMEM_BUFSIZE_MAX. ret[i]: with at most i + 1 sizes. Takes O(k n) time
 * (a convex hull of lines, whose slopes and queries come in order). -EINVAL; -ENOMEM; -ERANGE: sums above
 * 2^63, or a buffer above 2^40.
 */
DRVMEM_MUST_CHECK int drvmem_bufsize(const struct drvmem_bufsize_need *need, uint32_t n, uint32_t k,
				     uint64_t (*held)(const void *arg, uint32_t bytes, uint32_t *next),
				     const void *arg, struct drvmem_bufsize_set *ret);

#endif /* DRVMEM_ANALYSIS_BUFSIZE_H */
