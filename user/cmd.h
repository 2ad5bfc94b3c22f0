/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The commands of drvmem. Each is a table (base/opt.h) and a run() that composes:
 * no loops over data, no printf of results, no libbpf.
 */
#ifndef DRVMEM_CMD_H
#define DRVMEM_CMD_H

#include "base/opt.h"

#ifndef DRVMEM_VERSION
#define DRVMEM_VERSION "0.1.0"
#endif
#ifndef DRVMEM_DATE
#define DRVMEM_DATE "2026-11-22"	/* of this version, in manual pages */
#endif

extern const struct drvmem_cmd drvmem_cmd_report;
extern const struct drvmem_cmd drvmem_cmd_record;
extern const struct drvmem_cmd drvmem_cmd_top;
extern const struct drvmem_cmd drvmem_cmd_diff;
extern const struct drvmem_cmd drvmem_cmd_leaks;
extern const struct drvmem_cmd drvmem_cmd_advise;
extern const struct drvmem_cmd drvmem_cmd_mark;
extern const struct drvmem_cmd drvmem_cmd_verify;
extern const struct drvmem_cmd drvmem_cmd_metrics;
extern const struct drvmem_cmd drvmem_cmd_serve;
extern const struct drvmem_cmd drvmem_cmd_doctor;
extern const struct drvmem_cmd drvmem_cmd_restore;
extern const struct drvmem_cmd drvmem_cmd_completion;
extern const struct drvmem_cmd drvmem_cmd_version;

extern const struct drvmem_cmd *const drvmem_commands[];	/* NULL-terminated */

#endif /* DRVMEM_CMD_H */
