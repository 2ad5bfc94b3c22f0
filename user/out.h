/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Where results go: stdout, or a file that appears whole or not at all. Results are
 * collected in memory first, so that a full disk or a reader that went away is
 * reported once, with its errno, and nothing is lost in silence. Command layer.
 */
#ifndef DRVMEM_OUT_H
#define DRVMEM_OUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "base/err.h"
#include "render/text.h"

#define DRVMEM_HIDDEN	"(hidden)"	/* a host's name in what is redacted */

struct drvmem_out {
	const char *path;	/* NULL = stdout */
	FILE *f;		/* render here */
	char *buf;
	size_t len;
};

/* Before a long run: can path be written at all? Any failure: -errno, err filled (exit 5). */
DRVMEM_MUST_CHECK int drvmem_out__open(struct drvmem_out *o, const char *path,
				       struct drvmem_err *err);
/* Hands on what was rendered so far; a file is written by __close only. */
DRVMEM_MUST_CHECK int drvmem_out__flush(struct drvmem_out *o, struct drvmem_err *err);
/* Writes what is left and frees; o is then closed whatever the result. Safe on a closed o. */
DRVMEM_MUST_CHECK int drvmem_out__close(struct drvmem_out *o, struct drvmem_err *err);
/* Frees without writing. */
void drvmem_out__discard(struct drvmem_out *o);
/* Width, colour and character set of where o goes: tty, NO_COLOR, TERM, COLUMNS, locale. */
void drvmem_out__text_opts(const struct drvmem_out *o, struct drvmem_text_opts *ret);

#endif /* DRVMEM_OUT_H */
