/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Finds the debug file of the kernel or a module that runs, by its build id: in a directory
 * that the user named, in /usr/lib/debug, in /lib/modules and where a .ko's debug link points; on
 * debuginfod servers when they were asked for. A file of another build is never used.
 */
#ifndef DRVMEM_SYMBOL_DEBUGSEARCH_H
#define DRVMEM_SYMBOL_DEBUGSEARCH_H

#include <stdbool.h>

#include "base/err.h"
#include "base/strbuf.h"
#include "symbol/debugfile.h"

#define DRVMEM_DEBUG_KERNEL "vmlinux"	/* image name of the kernel itself */

struct drvmem_debugsearch_opts {
	const char *root;	/* "": before /usr/lib/debug, /lib/modules, /boot */
	const char *vmlinux;	/* the user's kernel, looked at first; NULL = none */
	const char *dir;	/* the user's: a directory, searched with those below, or one file; NULL = none */
	const char *release;	/* of the kernel */
	bool debuginfod;
	bool elsewhere;		/* another boot or machine: where modules are loaded here says nothing */
};

struct drvmem_debugsearch;

/* The texts of opts must outlive it. -ENOMEM; -errno when dir cannot be read. */
DRVMEM_MUST_CHECK int drvmem_debugsearch__new(const struct drvmem_debugsearch_opts *opts,
					      struct drvmem_debugsearch **ret);
void drvmem_debugsearch__free(struct drvmem_debugsearch *d);
/*
 * The file with lines of image (a module's name, or DRVMEM_DEBUG_KERNEL) as built with build_id; its path
 * in ret_path. -ENOENT: there is none, and why says, in one sentence, what was there instead; -ENOMEM.
 */
DRVMEM_MUST_CHECK int drvmem_debugsearch__find(struct drvmem_debugsearch *d, const char *image,
					       const char *build_id, struct drvmem_debugfile **ret,
					       struct drvmem_strbuf *ret_path, struct drvmem_strbuf *why);

#endif /* DRVMEM_SYMBOL_DEBUGSEARCH_H */
