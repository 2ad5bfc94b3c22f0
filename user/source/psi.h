/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * /proc/pressure/memory: "some avg10=0.00 avg60=0.00 avg300=0.00 total=0" and the
 * same of full. The totals are kept: two of them tell of exactly the time between.
 * Reading fails with -EOPNOTSUPP where PSI is built in but off (psi=0).
 */
#ifndef DRVMEM_SOURCE_PSI_H
#define DRVMEM_SOURCE_PSI_H

#include "model/sysmem.h"

/* A line that is missing or malformed leaves its number. -EINVAL: neither is there. */
DRVMEM_MUST_CHECK int drvmem_psi__parse(const char *text, size_t len, struct drvmem_psi *ret);

#endif /* DRVMEM_SOURCE_PSI_H */
