// SPDX-License-Identifier: GPL-2.0-or-later
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "cmd.h"
#include "serve/worker.h"

static const struct drvmem_cmd *const commands[] = {
	&drvmem_cmd_report, &drvmem_cmd_top, &drvmem_cmd_record, &drvmem_cmd_leaks, &drvmem_cmd_diff,
	&drvmem_cmd_verify, &drvmem_cmd_advise, &drvmem_cmd_metrics, &drvmem_cmd_serve, &drvmem_cmd_mark, &drvmem_cmd_doctor,
	&drvmem_cmd_restore, &drvmem_cmd_version,
};

#define NR_COMMANDS (sizeof(commands) / sizeof(commands[0]))

static const struct drvmem_cmd *find_command(const char *name)
{
	size_t i;

	for (i = 0; i < NR_COMMANDS; i++)
		if (!strcmp(commands[i]->name, name))
			return commands[i];
	return NULL;
}

static void print_help(FILE *out)
{
	size_t i;

	fputs("drvmem - who in the kernel holds your memory\n\n"
	      "usage: drvmem COMMAND [OPTIONS]\n\ncommands:\n", out);
	for (i = 0; i < NR_COMMANDS; i++)
		fprintf(out, "  %-9s %s\n", commands[i]->name, commands[i]->summary);
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
	const char *names[NR_COMMANDS + 1] = { NULL }, *near;
	size_t i;

	for (i = 0; i < NR_COMMANDS; i++)
		names[i] = commands[i]->name;
	near = drvmem_opt__nearest(name, names);
	fprintf(stderr, "drvmem: there is no command '%s'.\n", name);
	if (near)
		fprintf(stderr, "did you mean '%s'? ", near);
	fputs("'drvmem --help' lists the commands.\n", stderr);
	return DRVMEM_EXIT_USAGE;
}

int main(int argc, char **argv)
{
	const struct drvmem_cmd *cmd;

	/* a reader that goes away is an error of writing, told like a full disk */
	signal(SIGPIPE, SIG_IGN);
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
