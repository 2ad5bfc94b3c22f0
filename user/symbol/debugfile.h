/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A file with debug information: a vmlinux, a .ko (relocatable, perhaps compressed: by zstd in any case, else as libdw can) or what was
 * split off one. Sections, symbols and lines by addresses of the file's own, as libdw lays it out.
 * Nothing is looked for here, and nothing fetched. Built without libdw every call says -ENOTSUP.
 */
#ifndef DRVMEM_SYMBOL_DEBUGFILE_H
#define DRVMEM_SYMBOL_DEBUGFILE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/strbuf.h"
#include "model/places.h"

struct drvmem_debugfile;

/* Was drvmem built with libdw? */
bool drvmem_debugfile__supported(void);
/*
 * Opens path if it is the build whose id is build_id (lower-case hexadecimal, not empty).
 * -ENOENT: no such file; -ESTALE: of another build, or of one that is not told; -EINVAL: no ELF file,
 * or of a compression that libdw was built without; -EACCES; -ENOMEM; -ENOTSUP. why, if not NULL, gets a
 * sentence for each but -ENOENT and -ENOMEM.
 */
DRVMEM_MUST_CHECK int drvmem_debugfile__open(const char *path, const char *build_id,
					     struct drvmem_debugfile **ret, struct drvmem_strbuf *why);
void drvmem_debugfile__free(struct drvmem_debugfile *f);
/* It has lines; what was stripped has none. */
bool drvmem_debugfile__has_lines(const struct drvmem_debugfile *f);
/* Name of the file its debug information was split off to (.gnu_debuglink), NULL = none. */
const char *drvmem_debugfile__link(const struct drvmem_debugfile *f);
/* An allocated section. -ENOENT, -ENOTUNIQ: several have that name. */
DRVMEM_MUST_CHECK int drvmem_debugfile__section(const struct drvmem_debugfile *f, const char *name,
						uint64_t *ret_addr, uint64_t *ret_size);
/* A symbol that is defined. -ENOENT, -ENOTUNIQ: at several addresses. */
DRVMEM_MUST_CHECK int drvmem_debugfile__symbol(const struct drvmem_debugfile *f, const char *name,
					       uint64_t *ret_addr, uint64_t *ret_size);
/*
 * The places of addr, as drvmem_places__add() takes them, at most DRVMEM_PLACES_INLINES; their
 * texts are valid as long as f. 0 = nothing is known of it.
 */
uint32_t drvmem_debugfile__places(struct drvmem_debugfile *f, uint64_t addr,
				  struct drvmem_place place[DRVMEM_PLACES_INLINES]);

#endif /* DRVMEM_SYMBOL_DEBUGFILE_H */
