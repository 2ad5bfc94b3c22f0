// SPDX-License-Identifier: GPL-2.0-or-later
/* In place of cmd_serve.c where drvmem was built without an HTTP server (WITH_HTTP=0). */
#include "cmd.h"

#include <errno.h>

#include "common.h"
#include "serve/worker.h"

static int run(const struct drvmem_cmd *cmd, int argc, char **argv)
{
	struct drvmem_err err = { 0 };

	drvmem_err__set(&err, -ENOSYS, DRVMEM_EXIT_CANNOT_RUN, "this drvmem was built without an HTTP server (WITH_HTTP=0)");
	drvmem_err__remedy(&err, "use 'drvmem metrics --textfile FILE' with node_exporter, or install the whole drvmem");
	return drvmem_fail(cmd, &err, drvmem_wants_json(argc, argv));
}

const struct drvmem_cmd drvmem_cmd_serve = {
	.name = "serve",
	.summary = "an exporter (not in this build)",
	.usage = "",
	.description = "This drvmem was built without an HTTP server (WITH_HTTP=0).",
	.run = run,
};

int drvmem_worker__main(void)
{
	return DRVMEM_EXIT_USAGE;
}
