/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A profile as a document of speedscope: its four values as four profiles over one table of frames,
 * bytes in use shown first. Owner, and what is not known of the callers, are the outermost frames.
 * Weights cannot be below 0: what is so is left out and told in the profile's name.
 */
#ifndef DRVMEM_RENDER_SPEEDSCOPE_H
#define DRVMEM_RENDER_SPEEDSCOPE_H

#include <stdio.h>

#include "view/profile.h"

/* 0 or -ENOMEM. Write errors stay in the FILE. */
DRVMEM_MUST_CHECK int drvmem_speedscope__write(const struct drvmem_profile *p, FILE *out);

#endif /* DRVMEM_RENDER_SPEEDSCOPE_H */
