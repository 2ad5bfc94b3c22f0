/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A recorded distribution (model/distribution.h) as text: `drvmem advise -f distribution` writes it
 * (render/distribution.c), people may. doc/how-it-works.md has an example. Lines "KEY VALUE..."; '#'
 * begins a line that is not read. The first is "drvmem distribution 1"; then the kernel's facts; then
 * call sites, each from "site" to the next. Any line that is not understood is an error.
 */
#ifndef DRVMEM_SOURCE_DISTRIBUTION_H
#define DRVMEM_SOURCE_DISTRIBUTION_H

#include <stddef.h>

#include "base/err.h"
#include "model/distribution.h"

#define DRVMEM_DISTRIBUTION_BYTES	(64u << 20)	/* of a file, at most */
#define DRVMEM_DISTRIBUTION_MAX		(1u << 20)	/* sites, and sizes, at most */
#define DRVMEM_DISTRIBUTION_COUNT	1000000000000ull	/* a count at most: sums stay below 2^63 */

/* What is wrong with a text. */
struct drvmem_distribution_fault {
	uint32_t line;			/* from 1 on */
	char what[160];			/* "'life' is missing: 12 objects were freed" */
};

/*
 * -EINVAL with *fault; -ENOTSUP: of a later version, or no distribution at all; -ENOMEM. What is taken
 * is in itself sound: sizes from 1 byte on, orders that exist, no more live than allocated.
 */
DRVMEM_MUST_CHECK int drvmem_distribution__parse(const char *text, size_t len, struct drvmem_distribution **ret,
						 struct drvmem_distribution_fault *fault);

#endif /* DRVMEM_SOURCE_DISTRIBUTION_H */
