// SPDX-License-Identifier: GPL-2.0-or-later
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cmd.h"
#include "serve/worker.h"

static const struct drvmem_cmd *find_command(const char *name)
{
	for (const struct drvmem_cmd *const *c = drvmem_commands; *c; c++) {
		if (!strcmp((*c)->name, name))
			return *c;
	}
	return NULL;
}

static void print_help(FILE *out)
{
	fputs("drvmem - who in the kernel holds your memory\n\n"
	      "usage: drvmem COMMAND [OPTIONS]\n\ncommands:\n", out);
	for (const struct drvmem_cmd *const *c = drvmem_commands; *c; c++)
		fprintf(out, "  %-10s %s\n", (*c)->name, (*c)->summary);
	fputs("\nexamples:\n"
	      "  drvmem report --duration 10        who holds slab memory, from 10 s of tracing\n"
	      "  drvmem report -m e1000e -- CMD     one driver, for exactly the life of CMD\n"
	      "  drvmem top                         the same, live, on the whole terminal\n"
	      "  drvmem leaks --older 5m            what has been held for five minutes\n"
	      "  drvmem verify e1000e               what a module leaves when it is unloaded\n"
	      "  drvmem doctor                      what this kernel lets drvmem see\n"
	      "\n'drvmem help COMMAND' or 'drvmem COMMAND --help' tells more.\n", out);
}

static int unknown_command(const char *name)
{
	const char *names[32] = { NULL }, *near;
	size_t n = 0;

	for (const struct drvmem_cmd *const *c = drvmem_commands; *c && n < 31; c++)
		names[n++] = (*c)->name;
	near = drvmem_opt__nearest(name, names);
	fprintf(stderr, "drvmem: there is no command '%s'.\n", name);
	if (near)
		fprintf(stderr, "did you mean '%s'? ", near);
	fputs("'drvmem --help' lists the commands.\n", stderr);
	return DRVMEM_EXIT_USAGE;
}

/*
 * Where 0, 1 or 2 was closed, the next file opened would be taken for it: a listening socket as the place for errors.
 * Reading /dev/null where one writes fails as what is closed does.
 */
static void hold_standard_files(void)
{
	int fd;

	do {
		fd = open("/dev/null", O_RDONLY);
	} while (fd >= 0 && fd <= STDERR_FILENO);
	if (fd >= 0)
		close(fd);
}

int main(int argc, char **argv)
{
	const struct drvmem_cmd *cmd;

	/* a reader that goes away is an error of writing, told like a full disk */
	signal(SIGPIPE, SIG_IGN);
	hold_standard_files();
	if (argc < 2) {
		print_help(stderr);
		return DRVMEM_EXIT_USAGE;
	}
	if (!strcmp(argv[1], DRVMEM_WORKER_ARG))
		return drvmem_worker__main();
	if (!strcmp(argv[1], "--version"))
		return drvmem_cmd_version.run(&drvmem_cmd_version, 0, argv + 2);
	if (!strcmp(argv[1], "--help") || !strcmp(argv[1], "-h") ||
	    (!strcmp(argv[1], "help") && argc < 3)) {
		print_help(stdout);
		return fflush(stdout) ? DRVMEM_EXIT_INTERNAL : DRVMEM_EXIT_OK;
	}
	cmd = find_command(!strcmp(argv[1], "help") ? argv[2] : argv[1]);
	if (!cmd)
		return unknown_command(!strcmp(argv[1], "help") ? argv[2] : argv[1]);
	if (!strcmp(argv[1], "help")) {
		drvmem_opt__help(cmd, stdout);
		return fflush(stdout) ? DRVMEM_EXIT_INTERNAL : DRVMEM_EXIT_OK;
	}
	return cmd->run(cmd, argc - 2, argv + 2);
}
