/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Completion scripts of shells from the option tables. What only the machine knows (modules, caches,
 * files) is asked by the scripts when a key is pressed, without calling drvmem. Write errors are the
 * stream's.
 */
#ifndef DRVMEM_RENDER_COMPLETE_H
#define DRVMEM_RENDER_COMPLETE_H

#include <stdio.h>

#include "base/opt.h"

/* cmds is NULL-terminated. */
void drvmem_complete__bash(const struct drvmem_cmd *const *cmds, FILE *out);
void drvmem_complete__zsh(const struct drvmem_cmd *const *cmds, FILE *out);
void drvmem_complete__fish(const struct drvmem_cmd *const *cmds, FILE *out);

/* What a value or argument is completed with. */
enum drvmem_complete {
	DRVMEM_COMPLETE_NONE,		/* free text */
	DRVMEM_COMPLETE_CHOICES,
	DRVMEM_COMPLETE_FILES,
	DRVMEM_COMPLETE_DIRS,
	DRVMEM_COMPLETE_MODULES,
	DRVMEM_COMPLETE_CACHES,
	DRVMEM_COMPLETE_SHELLS,
};
enum drvmem_complete drvmem_complete__value(const struct drvmem_opt *o);
/* Of arguments that are no options, by the usage line. */
enum drvmem_complete drvmem_complete__argument(const struct drvmem_cmd *cmd);

#endif /* DRVMEM_RENDER_COMPLETE_H */
