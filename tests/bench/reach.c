// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The reachability scan: GB of the kernel's memory a second, by the number of objects looked for and of
 * threads, and what it takes of memory. The memory is the kernel's own and, to have enough of it, the
 * buffers of pipes: single pages of nobody in particular, which the scan reads as it reads a driver's.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "bench.h"
#include "reachrun.h"
#include "source/scan.h"
#include "spread.h"

#define PIPE_BYTES	(1u << 20)
#define HELD		10000u		/* datagrams, of two objects each */
#define NR_COUNTS	3
#define NR_THREADS	2

static const uint32_t counts[NR_COUNTS] = { 0, 1000, 10000 };

struct reach_bench {
	struct drvmem_kmem_syms syms;
	struct drvmem_reach_object *object;
	uint32_t nr;
	uint64_t bytes, own_bytes[NR_COUNTS][NR_THREADS], peak_bytes[NR_COUNTS][NR_THREADS];
	double wall[NR_COUNTS][NR_THREADS][MAX_ROUNDS], cpu[NR_COUNTS][NR_THREADS][MAX_ROUNDS];
};

static uint64_t next(uint64_t *x)
{
	*x ^= *x << 13;
	*x ^= *x >> 7;
	*x ^= *x << 17;
	return *x;
}

/* As kernel memory is: half of the words 0, an eighth addresses of the direct map, the others small numbers. */
static void fill(uint64_t *w, size_t n, const struct drvmem_reach_object *o)
{
	uint64_t x = 88172645463325252ull, base = ~o->inv_key & ~((1ull << 34) - 1);
	size_t i;

	for (i = 0; i < n; i++) {
		uint64_t r = next(&x);

		w[i] = r % 8 < 4 ? 0 : r % 8 == 4 ? base + (next(&x) & ((1ull << 34) - 1)) : next(&x) & 0xffff;
	}
}

/* Pipes full of data, in a child so that all goes when it ends. Returns their number. */
static int64_t hold_pipes(void *arg, int op, uint64_t n)
{
	struct rlimit files;
	_cleanup_free_ uint64_t *data = malloc(PIPE_BYTES);
	int64_t made;
	int p[2];

	if (op != BENCH_PREPARE || !data)
		return data ? 0 : -ENOMEM;
	if (getrlimit(RLIMIT_NOFILE, &files))
		return -errno;
	files.rlim_cur = files.rlim_max;
	if (setrlimit(RLIMIT_NOFILE, &files))
		return -errno;
	fill(data, PIPE_BYTES / 8, arg);
	for (made = 0; made < (int64_t)n; made++) {
		if (pipe2(p, O_CLOEXEC | O_NONBLOCK) || fcntl(p[1], F_SETPIPE_SZ, PIPE_BYTES) < 0 ||
		    write(p[1], data, PIPE_BYTES) != PIPE_BYTES)
			return -errno;
	}
	return made;
}

static int take_objects(struct reach_bench *r, const struct drvmem_snapshot *s)
{
	uint32_t i;

	r->object = calloc(counts[NR_COUNTS - 1], sizeof(*r->object));
	if (!r->object)
		return -ENOMEM;
	for (i = 0; i < s->nr_objects && r->nr < counts[NR_COUNTS - 1]; i++) {
		const struct drvmem_object *o = &s->objects[i];

		if (s->sites[o->site].allocator != DRVMEM_ALLOC_SLAB || !s->caches[o->cache].held)
			continue;
		r->object[r->nr++] = (struct drvmem_reach_object){
			.inv_key = o->inverted, .held = s->caches[o->cache].held, .allocator = DRVMEM_ALLOC_SLAB,
		};
	}
	return r->nr == counts[NR_COUNTS - 1] ? 0 : -ENODATA;
}

/* Objects that a session saw, and that are held. */
static int make_objects(struct reach_bench *r, const struct bt_worker *w)
{
	static const struct drvmem_session_opts opts = { .stacks = DRVMEM_STACKS_SAMPLED };
	_cleanup_bt_ struct bt_run run = {};
	int64_t n;

	if (bt_start(&run, &opts) != BT_PASS)
		return -EPERM;
	n = bt_worker_do(w, BENCH_PREPARE, HELD);
	if (n < 0)
		return (int)n;
	return bt_snap(&run) == BT_PASS ? take_objects(r, run.snap) : -EIO;
}

static int find_symbols(struct reach_bench *r)
{
	_cleanup_free_ char *text = NULL;
	size_t len;
	int e = drvmem_file__read("/proc/kallsyms", DRVMEM_FILE_HUGE, &text, &len);

	if (!e)
		drvmem_reachrun__symbols(text, len, &r->syms);
	return e;
}

static uint64_t cpu_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

/* A line of /proc/self/status, in bytes. */
static uint64_t status_bytes(const char *name)
{
	_cleanup_free_ char *text = NULL;
	const char *at;

	if (drvmem_file__read("/proc/self/status", DRVMEM_FILE_SMALL, &text, NULL))
		return 0;
	at = strstr(text, name);
	return at ? strtoull(at + strlen(name), NULL, 10) << 10 : 0;
}

/* The most that was resident is what is now. */
static void reset_peak(void)
{
	int fd = open("/proc/self/clear_refs", O_WRONLY | O_CLOEXEC);

	if (fd >= 0) {
		if (write(fd, "5", 1) != 1)
			fprintf(stderr, "bench: cannot reset VmHWM\n");
		close(fd);
	}
}

static int one_scan(struct reach_bench *r, int count, int threads, unsigned int round)
{
	const struct drvmem_scan_opts o = {
		.syms = r->syms, .object = r->object, .nr = counts[count], .threads = (uint32_t)threads + 1,
	};
	struct drvmem_reach_pass pass;
	struct drvmem_scan *s;
	struct drvmem_err err = {};
	uint64_t before, cpu;
	int e;

	before = status_bytes("VmRSS:");
	reset_peak();
	e = drvmem_scan__new(&o, &s, &err);
	if (e) {
		fprintf(stderr, "bench: %s\n", err.what);
		return e;
	}
	cpu = cpu_ns();
	e = drvmem_scan__pass(s, &pass);
	cpu = cpu_ns() - cpu;
	if (!e) {
		r->bytes = pass.bytes;
		r->wall[count][threads][round] = (double)pass.bytes / (double)pass.ns;
		r->cpu[count][threads][round] = (double)pass.bytes / (double)cpu;
		r->own_bytes[count][threads] = drvmem_scan__own_bytes(s);
		r->peak_bytes[count][threads] = status_bytes("VmHWM:") - before;
		drvmem_reach_pass__deinit(&pass);
	}
	drvmem_scan__free(s);
	return e;
}

static void print_scans(struct bench *b, struct reach_bench *r)
{
	struct spread wall, cpu;
	int c, t;

	say(b, "%-8s %7s %7s %9s %13s %9s %13s %10s %9s\n", "objects", "threads", "GB", "GB/s", "quartiles",
	    "per core", "quartiles", "bound MiB", "took MiB");
	for (c = 0; c < NR_COUNTS; c++) {
		for (t = 0; t < NR_THREADS; t++) {
			wall = spread_of(r->wall[c][t], b->rounds);
			cpu = spread_of(r->cpu[c][t], b->rounds);
			say(b, "%-8u %7d %7.2f %9.2f %6.2f-%-6.2f %9.2f %6.2f-%-6.2f %10.1f %9.1f\n", counts[c], t + 1,
			    (double)r->bytes / 1e9, wall.median, wall.low, wall.high, cpu.median, cpu.low, cpu.high,
			    (double)r->own_bytes[c][t] / 1048576, (double)r->peak_bytes[c][t] / 1048576);
		}
	}
}

int bench_reach(struct bench *b)
{
	static struct reach_bench r;
	_cleanup_worker_ struct bt_worker objects = {}, pipes = {};
	uint64_t nr = b->quick ? 1024 : 8192;
	unsigned int round;
	cpu_set_t both;
	int64_t n;
	int e, c, t;

	bt_worker_start(&objects, b->cpu[0], bench_find("skb")->fn, NULL);
	e = make_objects(&r, &objects);
	if (!e)
		e = find_symbols(&r);
	if (e)
		return e;
	bt_worker_start(&pipes, b->cpu[0], hold_pipes, r.object);
	n = bt_worker_do(&pipes, BENCH_PREPARE, nr);
	if (n < 0)
		return (int)n;
	CPU_ZERO(&both);
	CPU_SET(b->cpu[0], &both);
	CPU_SET(b->cpu[1], &both);
	if (sched_setaffinity(0, sizeof(both), &both))
		return -errno;
	open_table(b, "reach");
	for (round = 0; round < b->rounds && !e; round++)
		for (c = 0; c < NR_COUNTS && !e; c++)
			for (t = 0; t < NR_THREADS && !e; t++)
				e = one_scan(&r, c, t, round);
	if (!e)
		print_scans(b, &r);
	close_table(b);
	bt_pin(b->cpu[1]);
	free(r.object);
	return e;
}
