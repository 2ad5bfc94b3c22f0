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

/* Of one kind of session; a program that both have is told once. */
static int check_session(const char *name, const struct drvmem_session_opts *o, bool others_only)
{
	const struct drvmem_session_prog *progs;
	struct drvmem_err err = {};
	struct drvmem_trace *t = drvmem_trace__new(o, &err);
	uint32_t i, n;
	int bad = 0;

	if (!t || drvmem_trace__start(t, &err)) {
		printf("not ok %s - %s\n", name, err.what);
		drvmem_trace__free(t);
		return 1;
	}
	if (!others_only)
		printf("# load and attach: %u ms, maps %llu bytes\n", drvmem_trace__info(t)->bpf_ms,
		       (unsigned long long)drvmem_trace__info(t)->map_bytes);
	progs = drvmem_trace__progs(t, &n);
	for (i = 0; i < n; i++)
		if (!others_only || strstr(progs[i].name, "_gated"))
			bad += check_program(&progs[i]);
	drvmem_trace__free(t);
	if (bad || !n)
		printf("not ok %s - %d programs that must be there are not\n", name, bad);
	else
		printf("ok %s\n", name);
	return bad || !n;
}

int main(void)
{
	static const struct drvmem_session_opts usual = { .stacks = DRVMEM_STACKS_SAMPLED, .mempools = true,
							  .track_max = 10000 };
	static const struct drvmem_session_opts gated = { .stacks = DRVMEM_STACKS_SAMPLED,
							  .track_max = 10000,
							  .sample_bytes = 512u << 10 };
	int bad = check_session("programs", &usual, false);

	return bad | check_session("programs_gated", &gated, true);
}
