/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * `drvmem top FILE`: the intervals of a recorded session in place of a live run, one after the other
 * as they are asked for. Command layer.
 */
#ifndef DRVMEM_TOPPLAY_H
#define DRVMEM_TOPPLAY_H

#include "topping.h"

/* What drvmem_topping__trace() does with a file. 0 or -errno with err filled. */
DRVMEM_MUST_CHECK int drvmem_topplay__run(struct drvmem_topping *r, int *ret_signal, struct drvmem_err *err);

#endif /* DRVMEM_TOPPLAY_H */
