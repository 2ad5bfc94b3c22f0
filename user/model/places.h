/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Where in the sources code addresses are: function, file and line, and the calls that were
 * inlined there. Beside a snapshot, by return address; what a look-up did not find has no
 * entry, and which debug files were used or refused is told once for each image. Owns it all.
 */
#ifndef DRVMEM_MODEL_PLACES_H
#define DRVMEM_MODEL_PLACES_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"

#define DRVMEM_PLACES_INLINES 32u	/* of one address */

struct drvmem_place {
	const char *function;	/* NULL = not known */
	const char *file;	/* as the debug information has it, most often relative to dir; NULL = not known */
	const char *dir;	/* of compilation, NULL = not known */
	uint32_t line;		/* 0 = not known */
};

/* An image whose lines were asked for: a module, or "vmlinux". */
struct drvmem_debug_use {
	const char *image;
	const char *build_id;	/* hex; "" = not known */
	const char *file;	/* that its lines come from; NULL = none */
	const char *why;	/* none was used, one sentence; NULL where one was */
};

struct drvmem_places;

/* NULL on ENOMEM. */
struct drvmem_places *drvmem_places__new(void);
void drvmem_places__free(struct drvmem_places *p);
/*
 * The places of a return address, copied: the innermost first, each after that is where the one
 * before was inlined, the last one is the function itself. n is 1 to DRVMEM_PLACES_INLINES. -ENOMEM.
 */
DRVMEM_MUST_CHECK int drvmem_places__add(struct drvmem_places *p, uint64_t ip,
					 const struct drvmem_place *place, uint32_t n);
/* NULL when nothing is known of it; p may be NULL. */
const struct drvmem_place *drvmem_places__at(const struct drvmem_places *p, uint64_t ip, uint32_t *ret_n);
/*
 * The one of n places that its author would look at: the innermost outside of headers, where
 * the kernel keeps kmalloc() and the like; the function's own where all are in headers.
 */
const struct drvmem_place *drvmem_places__best(const struct drvmem_place *place, uint32_t n);

/* All are copied. -ENOMEM. */
DRVMEM_MUST_CHECK int drvmem_places__used(struct drvmem_places *p, const char *image, const char *build_id,
					  const char *file, const char *why);
const struct drvmem_debug_use *drvmem_places__uses(const struct drvmem_places *p, uint32_t *ret_n);

#endif /* DRVMEM_MODEL_PLACES_H */
