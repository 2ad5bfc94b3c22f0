// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What tracing costs: ns per event above an empty program, slowdown of workloads that do
 * little but allocate, instructions of the programs, losses. Prints tables and writes them
 * to files; judges nothing but walks (--verify): the bounds stand beside the figures.
 */
#include <errno.h>
#include <getopt.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "bench.h"
#include "empty.h"
#include "harness.h"
#include "spread.h"
#include "workload.h"

void say(struct bench *b, const char *fmt, ...)
{
	va_list ap, copy;

	va_start(ap, fmt);
	va_copy(copy, ap);
	vprintf(fmt, ap);
	if (b->out)
		vfprintf(b->out, fmt, copy);
	va_end(copy);
	va_end(ap);
	fflush(stdout);
}

void open_table(struct bench *b, const char *name)
{
	char path[512];
	struct utsname u;

	snprintf(path, sizeof(path), "%s/%s.txt", b->dir, name);
	b->out = fopen(path, "we");
	if (!b->out)
		fprintf(stderr, "bench: cannot write %s: %s\n", path, strerror(errno));
	uname(&u);
	say(b, "\n# %s, kernel %s, %u rounds, workload on CPU %d\n", name, u.release, b->rounds,
	    b->cpu[0]);
}

void close_table(struct bench *b)
{
	if (b->out)
		fclose(b->out);
	b->out = NULL;
}

int64_t measure(struct bench *b, const struct bench_work *work, const struct bt_worker *w, uint64_t held)
{
	int64_t r = bt_worker_do(w, BENCH_PREPARE, held);

	if (r >= 0)	/* not counted */
		r = bt_worker_do(w, BENCH_RUN, work->quick / 4);
	if (r >= 0)
		r = bt_worker_do(w, BENCH_RUN, b->quick ? work->quick : work->full);
	return r;
}

/* ---- slowdown */

int64_t run_leg(struct bench *b, const struct bench_work *work, uint64_t held, enum leg leg)
{
	static const struct drvmem_session_opts opts = { .track_max = TRACK_MAX, .stacks = DRVMEM_STACKS_SAMPLED };
	_cleanup_worker_ struct bt_worker w = {};
	_cleanup_bt_ struct bt_run run = {};
	struct bench_empty e;
	int64_t r;

	bt_worker_start(&w, b->cpu[0], work->fn, NULL);
	if (leg == TRACED && bt_start(&run, &opts) != BT_PASS)
		return -EPERM;
	r = leg == EMPTY ? bench_empty_attach(&e) : 0;
	if (r)
		return r;
	r = measure(b, work, &w, held);
	if (leg == EMPTY)
		bench_empty_detach(&e);
	return r;
}

static int slowdown_of(struct bench *b, const struct bench_work *work, uint64_t held)
{
	double off[MAX_ROUNDS + 1], v[NR_LEGS][MAX_ROUNDS], ratio[NR_LEGS][MAX_ROUNDS];
	struct spread base, traced, r[NR_LEGS];
	unsigned int i, leg;
	int64_t ns = run_leg(b, work, held, OFF);

	/* each traced run against the mean of the untraced ones before and after it */
	off[0] = (double)ns;
	for (i = 0; i < b->rounds && ns >= 0; i++) {
		for (leg = EMPTY; leg < NR_LEGS && ns >= 0; leg++) {
			ns = run_leg(b, work, held, (enum leg)leg);
			v[leg][i] = (double)ns;
		}
		if (ns >= 0)
			ns = run_leg(b, work, held, OFF);
		off[i + 1] = (double)ns;
		for (leg = EMPTY; leg < NR_LEGS; leg++)
			ratio[leg][i] = v[leg][i] / ((off[i] + off[i + 1]) / 2);
	}
	if (ns < 0) {
		fprintf(stderr, "bench: %s: %s\n", work->name, strerror((int)-ns));
		return (int)ns;
	}
	base = spread_of(off, b->rounds + 1);
	traced = spread_of(v[TRACED], b->rounds);
	for (leg = EMPTY; leg < NR_LEGS; leg++)
		r[leg] = spread_of(ratio[leg], b->rounds);
	say(b, "%-9s %9llu %9.1f %9.1f %9.3f %6.3f-%-6.3f %9.3f %6.3f-%-6.3f\n", work->name,
	    (unsigned long long)held * work->held_objects, base.median / 1e6, traced.median / 1e6,
	    r[TRACED].median, r[TRACED].low, r[TRACED].high, r[EMPTY].median, r[EMPTY].low,
	    r[EMPTY].high);
	return 0;
}

static int bench_slowdown(struct bench *b)
{
	static const struct { const char *name; uint64_t held; } runs[] = {
		{ "skb", 0 }, { "skb", 50000 }, { "msg", 0 }, { "mix", 0 }, { "eventfd", 0 },
	};
	size_t i;
	int r = 0;

	open_table(b, "slowdown");
	say(b, "%-9s %9s %9s %9s %9s %13s %9s %13s\n", "workload", "held", "off ms", "on ms",
	    "on/off", "quartiles", "empty/off", "quartiles");
	for (i = 0; i < sizeof(runs) / sizeof(runs[0]) && !r; i++)
		r = slowdown_of(b, bench_find(runs[i].name), runs[i].held);
	close_table(b);
	return r;
}

/* The tables, in the order in which they are made; dma needs the test driver. */
static const struct table {
	const char *name;
	int (*fn)(struct bench *b);
	bool usual;		/* where none is named; dma: only where named */
} tables[] = {
	{ "cost", bench_cost, true }, { "sampled", bench_sampled, true }, { "pages", bench_pages, true },
	{ "dma", bench_dma, false }, { "reach", bench_reach, true }, { "verify", bench_verify, true },
	{ "walk", bench_walk, true }, { "use", bench_use, true }, { "peers", bench_peers, true },
	{ "slowdown", bench_slowdown, true },
};

#define NR_TABLES (sizeof(tables) / sizeof(tables[0]))

static int usage(int code)
{
	fprintf(code ? stderr : stdout,
		"usage: bench [TABLE...] [--quick] [--rounds N] [--output DIR] [--live N] [--work NAME]\n"
		"Measures what tracing costs on this machine. Needs root and two CPUs; best with\n"
		"nothing else running. Tables, also written to DIR (build/bench) as NAME.txt; without\n"
		"any, or with --all, all but --dma:\n"
		"  --cost      ns an event above an empty program, with 10,000 and 1,000,000 objects\n"
		"              (--live N: that many; --work NAME: not by skb, but mix or msg); programs;\n"
		"              losses\n"
		"  --sampled   the same, sampled\n"
		"  --pages     of pages\n"
		"  --dma       of mappings, by the test driver of tests/kmod\n"
		"  --reach     the reachability scan: GB/s, memory\n"
		"  --verify    each walk of each workload by our walk and by the kernel's unwinder;\n"
		"              ends with 1 where one differs, more than 1 %% are left to the kernel, or\n"
		"              none was compared (counts alone)\n"
		"  --walk      ns of stacks, by our walk and by the kernel's\n"
		"  --use       what counting how memory is used adds\n"
		"  --peers     drvmem's modes beside bcc memleak (libbpf-tools), bpftrace, perf kmem and\n"
		"              memstrack: $MEMLEAK, $BPFTRACE, $PERF, $MEMSTRACK (a program), or as in PATH;\n"
		"              drvmem: $DRVMEM, or build/drvmem. Those that are missing are named.\n"
		"              By skb and mix, or --work NAME\n"
		"  --slowdown  workloads traced and not, drvmem alone\n"
		"--quick: shorter runs, 5 rounds, not 15. Ends with 3 where it cannot measure here.\n");
	return code;
}

static struct option *make_options(struct option *o)
{
	static const struct option others[] = {
		{ "rounds", required_argument, NULL, 'r' }, { "quick", no_argument, NULL, 'q' },
		{ "output", required_argument, NULL, 'o' }, { "live", required_argument, NULL, 'l' },
		{ "work", required_argument, NULL, 'k' }, { "all", no_argument, NULL, 'a' },
		{ "help", no_argument, NULL, 'h' }, { NULL, 0, NULL, 0 },
	};
	size_t i;

	for (i = 0; i < NR_TABLES; i++)
		o[i] = (struct option){ tables[i].name, no_argument, NULL, 256 + (int)i };
	memcpy(o + NR_TABLES, others, sizeof(others));
	return o;
}

/* A set of tables, by bit. */
static unsigned int usual_tables(void)
{
	unsigned int i, set = 0;

	for (i = 0; i < NR_TABLES; i++)
		set |= (unsigned int)tables[i].usual << i;
	return set;
}

static int parse(int argc, char **argv, struct bench *b, unsigned int *ret_tables)
{
	struct option options[NR_TABLES + 8];
	unsigned int set = 0;
	int o;

	make_options(options);
	while ((o = getopt_long(argc, argv, "h", options, NULL)) != -1) {
		switch (o) {
		case 'r': b->rounds = (unsigned int)strtoul(optarg, NULL, 10); break;
		case 'q': b->quick = true; break;
		case 'o': b->dir = optarg; break;
		case 'l': b->live = strtoull(optarg, NULL, 10); break;
		case 'k': b->work = optarg; b->work_named = true; break;
		case 'a': set |= usual_tables(); break;
		case 'h': return usage(0);
		case '?': return usage(2);
		default: set |= 1u << (o - 256);
		}
	}
	if (!b->rounds)
		b->rounds = b->quick ? 5 : 15;
	if (b->rounds > MAX_ROUNDS || optind < argc || !bench_find(b->work) ||
	    !bench_find(b->work)->held_objects)
		return usage(2);
	*ret_tables = set ? set : usual_tables();
	return -1;
}

int main(int argc, char **argv)
{
	struct bench b = { .dir = "build/bench", .work = "skb" };
	unsigned int set = 0, i;
	int r = parse(argc, argv, &b, &set);

	if (r >= 0)
		return r;
	if (!bt_two_cpus(b.cpu)) {
		fprintf(stderr, "bench: two CPUs are needed: one for the workload\n");
		return 3;
	}
	if (mkdir(b.dir, 0755) && errno != EEXIST)
		fprintf(stderr, "bench: cannot make %s: %s\n", b.dir, strerror(errno));
	bt_pin(b.cpu[1]);
	for (i = 0, r = 0; i < NR_TABLES && !r; i++)
		if (set & 1u << i)
			r = tables[i].fn(&b);
	if (r)
		fprintf(stderr, "bench: %s\n", strerror(-r));
	return r ? 3 : b.wrong ? 1 : 0;
}
