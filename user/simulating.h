/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * `drvmem advise --simulate`: a recorded distribution against a proposed configuration. Needs no rights and
 * traces nothing. Command layer.
 */
#ifndef DRVMEM_SIMULATING_H
#define DRVMEM_SIMULATING_H

#include <stdbool.h>
#include <stdint.h>

#include "common.h"

struct drvmem_simulating_opts {
	const char *file;		/* --simulate; NULL = not asked for */
	struct drvmem_strlist sizes;
	uint64_t depth, limit, reserve;	/* DRVMEM_SIMULATING_UNSET = not given */
	uint64_t seed;
};

#define DRVMEM_SIMULATING_UNSET	UINT64_MAX
#define DRVMEM_SIMULATING_INIT	\
	{ .depth = DRVMEM_SIMULATING_UNSET, .limit = DRVMEM_SIMULATING_UNSET, .reserve = DRVMEM_SIMULATING_UNSET, .seed = 1 }

/* Without --simulate nothing of a configuration was given. -EINVAL with err (exit 2). */
DRVMEM_MUST_CHECK int drvmem_simulating__none(const struct drvmem_simulating_opts *o, struct drvmem_err *err);
/* The whole run; kernel: sites of the kernel's own too. 0 or -errno with err filled. */
DRVMEM_MUST_CHECK int drvmem_simulating__run(const struct drvmem_simulating_opts *o, const struct drvmem_common *c,
					     bool kernel, const struct drvmem_args *args, struct drvmem_err *err);

#endif /* DRVMEM_SIMULATING_H */
