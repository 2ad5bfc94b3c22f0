/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The parts of a session that are rows of SQL alone: the machine's figures of each reading (system, zone,
 * pageblocks), and what was there before tracing (baseline, baseline_owner, baseline_device). Version 2 on.
 */
#ifndef DRVMEM_STORE_MACHINE_H
#define DRVMEM_STORE_MACHINE_H

#include "model/baseline.h"
#include "model/sysmem.h"
#include "store/reader.h"
#include "store/writer.h"

struct drvmem_zone_row {
	uint64_t interval;
	struct drvmem_zone v;
};

struct drvmem_blocks_row {
	uint64_t interval;
	struct drvmem_blocks v;
};

extern const struct drvmem_field drvmem_system_fields[];	/* of struct drvmem_sysmem; the id is the interval */
extern const struct drvmem_field drvmem_zone_fields[];		/* of struct drvmem_zone_row */
extern const struct drvmem_field drvmem_blocks_fields[];	/* of struct drvmem_blocks_row */
extern const struct drvmem_field drvmem_baseline_fields[];	/* of struct drvmem_baseline */
extern const struct drvmem_field drvmem_baseline_row_fields[];	/* of struct drvmem_baseline_row */
extern const struct drvmem_field drvmem_baseline_dev_fields[];	/* of struct drvmem_baseline_dev */

#endif /* DRVMEM_STORE_MACHINE_H */
