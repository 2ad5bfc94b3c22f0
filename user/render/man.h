/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Manual pages in man(7)'s language from the option tables, so that a page cannot promise what the
 * parser does not take. Files, environment and caveats, which no table knows, come as notes. Pure
 * ASCII: other characters are written as escapes. Write errors are the stream's.
 */
#ifndef DRVMEM_RENDER_MAN_H
#define DRVMEM_RENDER_MAN_H

#include <stdio.h>

#include "base/opt.h"

/* Pairs "what", "sentence" like drvmem_cmd.examples, NULL-terminated; NULL = no such section. */
struct drvmem_man_notes {
	const char *command;			/* of which command */
	const char *const *files;
	const char *const *environment;
	const char *const *caveats;		/* sentences, not pairs */
	const char *const *see_also;		/* "perf(1)", beside the pages of drvmem */
};

struct drvmem_man {
	const char *version;			/* "0.1.0" */
	const char *date;			/* of the release, "2026-01-31": not of the build */
	const struct drvmem_cmd *const *commands;	/* NULL-terminated */
};

/* drvmem-NAME(8); notes may be NULL. */
void drvmem_man__command(const struct drvmem_man *m, const struct drvmem_cmd *cmd,
			 const struct drvmem_man_notes *notes, FILE *out);
/* drvmem(8): the commands, what all have in common; notes may be NULL. */
void drvmem_man__overview(const struct drvmem_man *m, const struct drvmem_man_notes *notes, FILE *out);
/* Names of all these pages, a line each: "drvmem.8". */
void drvmem_man__pages(const struct drvmem_man *m, FILE *out);

#endif /* DRVMEM_RENDER_MAN_H */
