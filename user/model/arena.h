/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * String arena: many small immutable strings freed at once. Equal strings share
 * storage, so that a symbol that occurs in thousands of stacks is kept once.
 * Not thread safe; owns everything it returned.
 */
#ifndef DRVMEM_MODEL_ARENA_H
#define DRVMEM_MODEL_ARENA_H

#include <stddef.h>

#include "base/err.h"

struct drvmem_arena;

/* NULL on ENOMEM. */
struct drvmem_arena *drvmem_arena__new(void);
void drvmem_arena__free(struct drvmem_arena *a);
/* Copy of text, valid as long as the arena. NULL on ENOMEM or when text is NULL. */
const char *drvmem_arena__str(struct drvmem_arena *a, const char *text);
/* The same for a formatted text. */
const char *drvmem_arena__printf(struct drvmem_arena *a, const char *fmt, ...) DRVMEM_PRINTF(2, 3);

#endif /* DRVMEM_MODEL_ARENA_H */
