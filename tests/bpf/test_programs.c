// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Every program loads and attaches on this kernel, and what it costs the verifier: those of the
 * plan in each of their forms, and those that are run once. Prints one "# program" line each; the
 * VM runs keep them per kernel (doc/programs.md).
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "session/bpflog.h"
#include "session/devres.h"
#include "session/kread.h"
#include "session/modbtf.h"
#include "trace.h"

#include "devres.skel.h"
#include "scan.skel.h"

static char told[512][64];	/* NAME HOOK of those that were printed */
static uint32_t nr_told;

/* Sessions share most of their programs: each is told once. */
static bool is_new(const struct drvmem_session_prog *p)
{
	char key[64];
	uint32_t i;

	snprintf(key, sizeof(key), "%s %s", p->name, p->hook);
	for (i = 0; i < nr_told; i++)
		if (!strcmp(told[i], key))
			return false;
	if (nr_told < sizeof(told) / sizeof(told[0]))
		memcpy(told[nr_told++], key, sizeof(key));
	return true;
}

/* What the table calls this kernel: one without modules leaves out of programs what others have. */
static void print_kernel(void)
{
	unsigned int major = 0, minor = 0;
	struct utsname u = {};

	if (!uname(&u))
		sscanf(u.release, "%u.%u", &major, &minor);
	printf("# kernel %u.%u%s\n", major, minor, access("/proc/modules", F_OK) ? " without modules" : "");
}

static void print(const char *name, const char *hook, uint32_t insns, uint32_t verified, const char *state)
{
	printf("# program %-20s %-22s insns %5u verified %6u %s\n", name, hook, insns, verified, state);
}

static int check_program(const struct drvmem_session_prog *p)
{
	bool run_only = !strcmp(p->hook, "run");

	print(p->name, p->hook, p->nr_insns, p->verified_insns,
	      p->attached ? "attached" : run_only && p->loaded ? "run" : p->why);
	if (p->loaded && !p->nr_insns)
		return 1;
	return !p->optional && !(run_only ? p->loaded : p->attached);
}

static int check_session(const char *name, const struct drvmem_session_opts *o)
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
	if (!nr_told)
		printf("# load and attach: %u ms, maps %llu bytes\n", drvmem_trace__info(t)->bpf_ms,
		       (unsigned long long)drvmem_trace__info(t)->map_bytes);
	progs = drvmem_trace__progs(t, &n);
	for (i = 0; i < n; i++)
		if (is_new(&progs[i]))
			bad += check_program(&progs[i]);
	drvmem_trace__free(t);
	if (bad || !n)
		printf("not ok %s - %d programs that must be there are not\n", name, bad);
	else
		printf("ok %s\n", name);
	return bad || !n;
}

/* One that is run by user space; which kernels take it, the table of their sizes knows. */
static int check_alone(int e, struct bpf_program *prog)
{
	struct bpf_prog_info info = {};
	uint32_t len = sizeof(info);
	const char *name = bpf_program__name(prog);

	if (e) {
		print(name, "run", 0, 0, "is refused here");
		return 0;
	}
	if (bpf_obj_get_info_by_fd(bpf_program__fd(prog), &info, &len))
		return 1;
	print(name, "run", info.xlated_prog_len / (uint32_t)sizeof(struct bpf_insn), info.verified_insns, "run");
	return !info.xlated_prog_len;
}

static int check_alones(void)
{
	struct devres_bpf *devres;
	struct scan_bpf *scan;
	int bad;

	drvmem_bpflog__start(false);
	scan = scan_bpf__open();
	devres = devres_bpf__open();
	if (!scan || !devres) {
		printf("not ok programs_alone - cannot open them (errno %d)\n", errno);
		scan_bpf__destroy(scan);
		devres_bpf__destroy(devres);
		return 1;
	}
	drvmem_modbtf__forgo(scan->obj);
	drvmem_modbtf__forgo(devres->obj);
	bad = check_alone(scan_bpf__load(scan), scan->progs.dm_read) |
	      check_alone(devres_bpf__load(devres), devres->progs.dm_devres);
	scan_bpf__destroy(scan);
	devres_bpf__destroy(devres);
	printf("%s programs_alone%s\n", bad ? "not ok" : "ok", bad ? " - they have no size" : "");
	return bad;
}

int main(void)
{
	static const struct drvmem_session_opts usual = { .stacks = DRVMEM_STACKS_SAMPLED, .mempools = true,
							  .track_max = 10000 };
	static const struct drvmem_session_opts light = { .stacks = DRVMEM_STACKS_SAMPLED, .track_max = 10000,
							  .light = true };
	static const struct drvmem_session_opts gated = { .stacks = DRVMEM_STACKS_SAMPLED, .track_max = 10000,
							  .sample_bytes = 512u << 10 };
	int bad;

	print_kernel();
	bad = check_session("programs", &usual);
	bad |= check_session("programs_gated", &gated);
	bad |= check_session("programs_light", &light);
	return bad | check_alones();
}
