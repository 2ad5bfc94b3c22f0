/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a run had the kernel check or fail on purpose, and what its log said of that.
 */
#ifndef DRVMEM_MODEL_CHECKS_H
#define DRVMEM_MODEL_CHECKS_H

#include "model/kreports.h"

struct drvmem_checks {
	const struct drvmem_kreports *log;	/* of the run; NULL = it could not be read */
	int log_error;			/* then: -errno */
	const char *faults;		/* what should fail, as it was asked for; NULL = nothing */
	uint32_t aimed;			/* loads of the module that were there when failures were switched on */
	uint64_t kfence_ms;		/* KFENCE's interval was set to this; 0 = not asked for */
};

#endif /* DRVMEM_MODEL_CHECKS_H */
