// SPDX-License-Identifier: GPL-2.0-or-later
/* drvmem's modes and other tools, interleaved: each between two untraced runs. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "bench.h"
#include "empty.h"
#include "peers.h"
#include "spread.h"

#define NR_SLAB_HOOKS 4		/* the first of bench_hooks */

struct leg_series {
	double ratio[MAX_ROUNDS];	/* CPU time of the workload, traced / untraced */
	double ns[MAX_ROUNDS];		/* an event, net */
	unsigned int n, n_ns;
	int64_t lost;			/* the most of any round; -1: not known */
	struct peer_memory most;
	const char *why;		/* not measured */
};

struct beside {
	struct peer peer[NR_PEERS];
	struct leg_series leg[NR_PEERS];
	struct fast_path path[PEER_NR_OWN];
	double events;			/* of slab, of one run of the workload: by the programs that count */
};

/* What the counting programs of slab hooks saw so far. */
static struct bench_count counted(const struct bench_empty *e)
{
	struct bench_count sum = {}, c;
	int h;

	for (h = 0; h < NR_SLAB_HOOKS; h++) {
		c = bench_empty_read(e, h);
		sum.runs += c.runs;
		sum.ns += c.ns;
	}
	return sum;
}

/*
 * A second run in the same process of the tool, with statistics on and counting programs beside
 * its own: all that the tool's programs took (of pages too), less what as many runs of a
 * counting program take, for each slab event.
 */
static int stats_run(struct bench *b, const struct bench_work *work, const struct bt_worker *w,
		     struct peer_run *run, struct beside *p)
{
	struct leg_series *s = &p->leg[run->peer->kind];
	struct procbpf_sum before, after;
	struct bench_count a, z;
	struct bench_empty e;
	int r, fd = bench_stats_on();

	if (fd < 0)
		return fd;
	r = bench_empty_attach(&e);
	if (!r) {
		before = procbpf_sum(&run->bpf);
		a = counted(&e);
		r = (int)(bt_worker_do(w, BENCH_RUN, b->quick ? work->quick : work->full) < 0 ? -EIO : 0);
		after = procbpf_sum(&run->bpf);
		z = counted(&e);
		bench_empty_detach(&e);
	}
	close(fd);
	if (r || z.runs - a.runs < 1000)
		return r;
	p->events = (double)(z.runs - a.runs);
	if (run->peer->bpf)
		s->ns[s->n_ns++] = ((double)(after.ns - before.ns) - (double)(after.runs - before.runs) *
				    (double)(z.ns - a.ns) / p->events) / p->events;
	return 0;
}

/* CPU ns of the workload beside the tool, or -errno. */
static int64_t peer_leg(struct bench *b, const struct bench_work *work, struct beside *p, int leg)
{
	struct leg_series *s = &p->leg[leg];
	_cleanup_worker_ struct bt_worker w = {};
	struct peer_run run = {};
	struct peer_memory m;
	int64_t ns = peer_start(&p->peer[leg], &run), lost;
	int r = 0;

	if (ns) {
		s->why = ns == -ETIMEDOUT ? "it did not come to trace" : "it ended by itself";
		peer_stop(&run);
		return ns;
	}
	bt_worker_start(&w, b->cpu[0], work->fn, NULL);
	ns = measure(b, work, &w, 0);
	m = peer_memory(&run);
	if (ns >= 0)
		r = stats_run(b, work, &w, &run, p);
	lost = peer_stop(&run);
	s->lost = lost > s->lost ? lost : s->lost;
	s->most.rss = m.rss > s->most.rss ? m.rss : s->most.rss;
	s->most.maps = m.maps > s->most.maps ? m.maps : s->most.maps;
	return r ? r : ns;
}

/* Each leg between two untraced runs, as in slowdown_of. */
static int peer_round(struct bench *b, const struct bench_work *work, struct beside *p)
{
	int64_t off = run_leg(b, work, 0, OFF), ns, next;
	double mean;
	int leg;

	for (leg = 0; leg < NR_PEERS && off >= 0; leg++) {
		struct leg_series *s = &p->leg[leg];

		if (!p->peer[leg].path[0] || s->why)
			continue;
		ns = peer_leg(b, work, p, leg);
		next = run_leg(b, work, 0, OFF);
		mean = (double)(off + next) / 2;
		if (ns >= 0 && next >= 0) {
			/* no programs: what its part of the kernel added to the workload's CPU time */
			if (leg == PEER_PERF && p->events)
				s->ns[s->n_ns++] = ((double)ns - mean) / p->events;
			s->ratio[s->n++] = (double)ns / mean;
		}
		off = next;
	}
	return off < 0 ? (int)off : 0;
}

/* How drvmem found stacks: a session of each mode, in this process. */
static int own_paths(struct bench *b, const struct bench_work *work, struct beside *p)
{
	int leg, r = 0;

	for (leg = 0; leg < PEER_NR_OWN && !r; leg++) {
		const struct drvmem_session_opts opts = {
			.track_max = TRACK_MAX,
			.stacks = leg == PEER_FULL ? DRVMEM_STACKS_FULL : DRVMEM_STACKS_SAMPLED,
			.sample_bytes = leg == PEER_SAMPLED ? 512u << 10 : 0,
		};
		_cleanup_worker_ struct bt_worker w = {};
		_cleanup_bt_ struct bt_run run = {};

		bt_worker_start(&w, b->cpu[0], work->fn, NULL);
		if (bt_start(&run, &opts) != BT_PASS)
			return -EPERM;
		r = measure(b, work, &w, 0) < 0 || bt_snap(&run) != BT_PASS ? -EIO : 0;
		if (!r)
			fast_path_add(run.snap, &p->path[leg]);
	}
	return r;
}

/* "12.3", or "-" where there is no such figure. */
static const char *figure(char ret[32], bool is, int digits, double v)
{
	snprintf(ret, 32, "%.*f", digits, v);
	return is ? ret : "-";
}

static void print_peer(struct bench *b, const struct bench_work *work, struct beside *p, int leg)
{
	const struct fast_path *path = leg < PEER_NR_OWN ? &p->path[leg] : NULL;
	struct leg_series *s = &p->leg[leg];
	char t[5][32], low[32], high[32];
	struct spread slow, ns = {};

	if (!s->n) {
		say(b, "%-8s %-22s not measured: %s%s%s\n", work->name, p->peer[leg].name,
		    p->peer[leg].bad[0] ? "no program " : s->why ?: p->peer[leg].get, p->peer[leg].bad,
		    p->peer[leg].path[0] ? "" : " (missing)");
		return;
	}
	slow = spread_of(s->ratio, s->n);
	if (s->n_ns)
		ns = spread_of(s->ns, s->n_ns);
	snprintf(low, sizeof(low), "%.0f", ns.low);
	snprintf(high, sizeof(high), "-%.0f", ns.high);
	say(b, "%-8s %-22s %8.2f %6.2f-%-6.2f %6s%c %6s%-6s %8s %7.1f %7s %8s %8s\n", work->name,
	    p->peer[leg].name, slow.median, slow.low, slow.high, figure(t[0], s->n_ns, 0, ns.median),
	    s->n_ns && !p->peer[leg].bpf ? 'c' : ' ', s->n_ns ? low : "-", s->n_ns ? high : "",
	    figure(t[1], s->lost >= 0, 0, (double)s->lost), (double)s->most.rss / 1048576,
	    figure(t[2], p->peer[leg].bpf, 1, (double)s->most.maps / 1048576),
	    figure(t[3], path && path->w.n, 3, path ? fast_walks(path) : 0),
	    figure(t[4], path && path->frames, 3, path ? fast_frames(path) : 0));
}

static const char legend[] =
	"slowdown: CPU time of the workload, traced / untraced (the mean of the runs before and after)\n"
	"ns: all that the tool's programs took, for each slab event of the workload, less as many runs of a\n"
	"    counting program, which does nothing else; c: by CPU time of the workload, as it has no programs\n"
	"lost: events, the most of a round: as drvmem's report and perf tell, of others the misses of their programs\n"
	"RSS, maps: MiB, the most of a round: its process (drvmem's has most of its maps mapped, and in it);\n"
	"    its BPF maps, with room for a million objects. -: there is no such figure\n"
	"% walks, % frames: found by drvmem's own walk (the fast path), of those of all walks; see --verify\n";

static int peers_of(struct bench *b, const struct bench_work *work)
{
	static struct beside p;
	unsigned int i;
	int leg, r;

	memset(&p, 0, sizeof(p));
	peers_find(p.peer);
	for (leg = 0; leg < NR_PEERS; leg++)
		p.leg[leg].lost = -1;
	r = own_paths(b, work, &p);
	for (i = 0; i < b->rounds && !r; i++)
		r = peer_round(b, work, &p);
	for (leg = 0; leg < NR_PEERS && !r; leg++)
		print_peer(b, work, &p, leg);
	return r;
}

int bench_peers(struct bench *b)
{
	static const char *const works[] = { "skb", "mix" };
	unsigned int w;
	int r = 0;

	open_table(b, "peers");
	say(b, "%-8s %-22s %8s %13s %7s %12s %8s %7s %7s %8s %8s\n", "workload", "tool", "slowdown",
	    "quartiles", "ns", "quartiles", "lost", "RSS", "maps", "% walks", "% frames");
	for (w = 0; w < (b->work_named ? 1 : 2) && !r; w++)
		r = peers_of(b, bench_find(b->work_named ? b->work : works[w]));
	say(b, "%s", legend);
	close_table(b);
	return r;
}
