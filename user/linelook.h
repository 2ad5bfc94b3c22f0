/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * File and line of call sites and stacks, of a live session or of one that was recorded elsewhere: for `drvmem leaks` of
 * those that have outstanding objects, else of all that are kept. Command layer: the view says which
 * addresses, symbol/lines.h looks them up.
 */
#ifndef DRVMEM_LINELOOK_H
#define DRVMEM_LINELOOK_H

#include <stdbool.h>

#include "base/err.h"
#include "model/places.h"
#include "view/outstanding.h"

struct drvmem_linelook_opts {
	bool lines, debuginfod;
	const char *debug_dir, *vmlinux;	/* NULL = none */
};

/* Rows for option tables; at: where type has a struct drvmem_linelook_opts. */
#define DRVMEM_OPT_LINES(type, at)								\
	{ "lines", 0, DRVMEM_OPT_FLAG, offsetof(type, at.lines), NULL,			\
	  "File and line of call sites and stacks, where debug information of their builds is found, also of "	\
	  "a session of another machine.", NULL, 0, 0 },					\
	{ "debug-dir", 0, DRVMEM_OPT_STR, offsetof(type, at.debug_dir), "DIR",		\
	  "The same, looking into DIR first: a build tree, or one .ko file.", NULL, 0, 0 },	\
	{ "vmlinux", 0, DRVMEM_OPT_STR, offsetof(type, at.vmlinux), "FILE",			\
	  "The same, with FILE for the kernel itself.", NULL, 0, 0 },				\
	{ "debuginfod", 0, DRVMEM_OPT_FLAG, offsetof(type, at.debuginfod), NULL,		\
	  "The same, asking the servers of DEBUGINFOD_URLS last.", NULL, 0, 0 }

/* lines, or what implies it. */
bool drvmem_linelook__wanted(const struct drvmem_linelook_opts *o);
/* Before a long run: can it be done at all? -errno with err filled (exit 2 or 3). */
DRVMEM_MUST_CHECK int drvmem_linelook__check(const struct drvmem_linelook_opts *o, struct drvmem_err *err);
/* Sets k->places to what the caller frees as *ret. 0 or -errno with err filled. */
DRVMEM_MUST_CHECK int drvmem_linelook__outstanding(const struct drvmem_linelook_opts *o, bool recorded,
						   const struct drvmem_scope *v, struct drvmem_outstanding *k,
						   struct drvmem_places **ret, struct drvmem_err *err);

/* Sets v->places, where that is wanted: of all sites that v keeps. recorded: s is of a file. 0 or -errno with err filled. */
DRVMEM_MUST_CHECK int drvmem_linelook__scope(const struct drvmem_linelook_opts *o, bool recorded, struct drvmem_scope *v,
					     struct drvmem_err *err);

#endif /* DRVMEM_LINELOOK_H */
