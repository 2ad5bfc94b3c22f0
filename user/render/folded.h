/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A profile as folded stacks, "owner;outermost;...;innermost VALUE", a line for each stack, in the
 * order of the text: what flamegraph.pl and its kin read. A frame in brackets behind the owner
 * says what is not known of the callers. A line of 0 is left out. Write errors stay in the FILE.
 */
#ifndef DRVMEM_RENDER_FOLDED_H
#define DRVMEM_RENDER_FOLDED_H

#include <stdio.h>

#include "base/strbuf.h"
#include "view/profile.h"

/* 0 or -ENOMEM. */
DRVMEM_MUST_CHECK int drvmem_folded__write(const struct drvmem_profile *p, enum drvmem_profile_value value,
					   FILE *out);
/* The text of a sample's stack, appended. */
void drvmem_folded__stack(const struct drvmem_profile *p, const struct drvmem_profile_sample *k,
			  struct drvmem_strbuf *out);

#endif /* DRVMEM_RENDER_FOLDED_H */
