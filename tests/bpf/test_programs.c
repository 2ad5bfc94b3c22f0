// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Every program of the plan loads and attaches on this kernel, and what it costs the
 * verifier. Prints one "# program" line each; the VM runs keep them per kernel.
 */
#include <stdio.h>
#include <string.h>

#include "trace.h"

static int check_program(const struct drvmem_session_prog *p)
{
	bool run_only = !strcmp(p->hook, "run");

	printf("# program %-16s %-22s insns %5u verified %6u %s\n", p->name, p->hook, p->nr_insns,
	       p->verified_insns, p->attached ? "attached" : run_only && p->loaded ? "run" : p->why);
	if (p->loaded && !p->nr_insns)
		return 1;
	return !p->optional && !(run_only ? p->loaded : p->attached);
}

int main(void)
{
	struct drvmem_session_opts o = { .stacks = DRVMEM_STACKS_SAMPLED, .track_max = 10000 };
	const struct drvmem_session_prog *progs;
	struct drvmem_err err = {};
	struct drvmem_trace *t = drvmem_trace__new(&o, &err);
	uint32_t i, n;
	int bad = 0;

	if (!t || drvmem_trace__start(t, &err)) {
		printf("not ok programs - %s\n", err.what);
		drvmem_trace__free(t);
		return 1;
	}
	printf("# load and attach: %u ms, maps %llu bytes\n", drvmem_trace__info(t)->bpf_ms,
	       (unsigned long long)drvmem_trace__info(t)->map_bytes);
	progs = drvmem_trace__progs(t, &n);
	for (i = 0; i < n; i++)
		bad += check_program(&progs[i]);
	drvmem_trace__free(t);
	if (bad || !n)
		printf("not ok programs - %d programs that must be there are not\n", bad);
	else
		printf("ok programs\n");
	return bad || !n;
}
