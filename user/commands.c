// SPDX-License-Identifier: GPL-2.0-or-later
/* The commands in the order in which the help, the manual and completions name them. */
#include "cmd.h"

const struct drvmem_cmd *const drvmem_commands[] = {
	&drvmem_cmd_report, &drvmem_cmd_top, &drvmem_cmd_record, &drvmem_cmd_leaks, &drvmem_cmd_diff,
	&drvmem_cmd_verify, &drvmem_cmd_advise, &drvmem_cmd_metrics, &drvmem_cmd_serve, &drvmem_cmd_mark,
	&drvmem_cmd_doctor, &drvmem_cmd_restore, &drvmem_cmd_completion, &drvmem_cmd_version, NULL,
};
