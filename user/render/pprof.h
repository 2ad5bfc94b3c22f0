/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A profile as pprof reads it: the protocol buffer message perftools.profiles.Profile, in gzip.
 * The same profile gives the same bytes. Each image (the kernel, a module) has a mapping of its own
 * at a place made up, (n + 1) << 32, and addresses lie as far into it as they lie in the image's
 * text: where the running kernel has them is not told. doc/how-it-works.md, "Profiles".
 */
#ifndef DRVMEM_RENDER_PPROF_H
#define DRVMEM_RENDER_PPROF_H

#include <stdio.h>

#include "base/strbuf.h"
#include "view/profile.h"

/* The message, not compressed, appended to out. 0 or -ENOMEM. */
DRVMEM_MUST_CHECK int drvmem_pprof__encode(const struct drvmem_profile *p, struct drvmem_strbuf *out);
/* The same in gzip. Write errors stay in the FILE. 0 or -ENOMEM. */
DRVMEM_MUST_CHECK int drvmem_pprof__write(const struct drvmem_profile *p, FILE *out);

#endif /* DRVMEM_RENDER_PPROF_H */
