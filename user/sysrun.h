/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * report --system: the machine is read when tracing begins and again at each snapshot, and
 * rendered beside it. Command layer.
 */
#ifndef DRVMEM_SYSRUN_H
#define DRVMEM_SYSRUN_H

#include <stdbool.h>

#include "base/err.h"
#include "common.h"
#include "model/sysmem.h"
#include "out.h"
#include "view/scope.h"

struct drvmem_sysrun {
	bool on;			/* --system */
	bool again;			/* not the first view of this run */
	struct drvmem_sysmem *read[2];	/* when it began; of a recorded session also the moment shown */
};

/* For drvmem_live_opts.started; arg is a struct drvmem_sysrun. Reads when on. */
void drvmem_sysrun__start(void *arg, struct drvmem_trace *t);
void drvmem_sysrun__deinit(struct drvmem_sysrun *r);
/* Header (of text) and system view. 0 or -errno with err filled. */
DRVMEM_MUST_CHECK int drvmem_sysrun__render(struct drvmem_sysrun *r, struct drvmem_scope *v, bool json,
					    struct drvmem_out *out, struct drvmem_err *err);

#endif /* DRVMEM_SYSRUN_H */
