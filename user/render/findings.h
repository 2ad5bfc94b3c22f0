/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Outstanding objects in the forms that CI systems and code hosts read: JUnit XML and SARIF 2.1.0. What
 * is a finding is decided where the exit status is; both forms say the same as it.
 */
#ifndef DRVMEM_RENDER_FINDINGS_H
#define DRVMEM_RENDER_FINDINGS_H

#include <stdbool.h>
#include <stdio.h>

#include "base/err.h"
#include "view/outstanding.h"

struct drvmem_findings_opts {
	bool found;			/* there are findings: what is outstanding, if it is more than fail_over */
	uint64_t fail_over;		/* bytes; 0 = any object */
	double loss_ppm;
	bool too_lossy;			/* more than max_loss_ppm */
	uint64_t max_loss_ppm;
	int exit_status;
};

/* -ENOMEM. */
DRVMEM_MUST_CHECK int drvmem_junit__outstanding(const struct drvmem_scope *v, const struct drvmem_outstanding *o,
						const struct drvmem_findings_opts *f, FILE *out);
DRVMEM_MUST_CHECK int drvmem_sarif__outstanding(const struct drvmem_scope *v, const struct drvmem_outstanding *o,
						const struct drvmem_findings_opts *f, FILE *out);

/* "2026-11-22T05:20:01", UTC, of a moment of the session; SARIF wants a "Z" behind it. */
void drvmem_findings__time(const struct drvmem_meta *m, uint64_t when_ns, char *buf, size_t size);

#endif /* DRVMEM_RENDER_FINDINGS_H */
