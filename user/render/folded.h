/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A profile as folded stacks, "owner;outermost;...;innermost VALUE", a line for each stack, in the
 * order of the text: what flamegraph.pl and its kin read. A frame in brackets behind the owner
 * says what is not known of the callers. A line of 0 is left out. Write errors stay in the FILE.
 */
#ifndef DRVMEM_RENDER_FOLDED_H
#define DRVMEM_RENDER_FOLDED_H

#include <stdio.h>

#include "view/profile.h"

/* 0 or -ENOMEM. */
DRVMEM_MUST_CHECK int drvmem_folded__write(const struct drvmem_profile *p, enum drvmem_profile_value value,
					   FILE *out);
/*
 * Two profiles beside each other, "stack VALUE_A VALUE_B", as difffolded.pl writes and flamegraph.pl
 * reads it. Stacks go together by their text, owners by name, whatever the load; a line whose values are both 0 is left out. 0 or -ENOMEM.
 */
DRVMEM_MUST_CHECK int drvmem_folded__diff(const struct drvmem_profile *a, const struct drvmem_profile *b,
					  enum drvmem_profile_value value, FILE *out);
#endif /* DRVMEM_RENDER_FOLDED_H */
