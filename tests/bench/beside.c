// SPDX-License-Identifier: GPL-2.0-or-later
/* drvmem's modes and other tools, interleaved: each between two untraced runs. */
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "bench.h"
#include "peers.h"
#include "spread.h"

enum { PEER_DRVMEM, PEER_FULL, PEER_SAMPLED, PEER_FIRST, NR_PEER_LEGS = PEER_FIRST + NR_PEERS };

struct peer_legs {
	const char *name[NR_PEER_LEGS];
	struct peer peer[NR_PEERS];
	double ratio[NR_PEER_LEGS][MAX_ROUNDS];
	int64_t lost[NR_PEER_LEGS];	/* the most of any round; -1: it does not tell */
	uint64_t rss[NR_PEER_LEGS];
	unsigned int n[NR_PEER_LEGS];
};

/* drvmem in this process: CPU ns of the workload. */
static int64_t own_leg(struct bench *b, const struct bench_work *work, struct peer_legs *p, int leg)
{
	const struct drvmem_session_opts opts = {
		.track_max = TRACK_MAX,
		.stacks = leg == PEER_FULL ? DRVMEM_STACKS_FULL : DRVMEM_STACKS_SAMPLED,
		.sample_bytes = leg == PEER_SAMPLED ? 512u << 10 : 0,
	};
	_cleanup_worker_ struct bt_worker w = {};
	_cleanup_bt_ struct bt_run run = {};
	int64_t ns;

	bt_worker_start(&w, b->cpu[0], work->fn, NULL);
	if (bt_start(&run, &opts) != BT_PASS)
		return -EPERM;
	ns = measure(b, work, &w, 0);
	if (bt_snap(&run) == BT_PASS) {
		int64_t lost = (int64_t)drvmem_loss__total(&run.snap->loss);

		p->lost[leg] = lost > p->lost[leg] ? lost : p->lost[leg];
		p->rss[leg] = run.snap->meta.map_bytes;
	}
	return ns;
}

static int64_t peer_leg(struct bench *b, const struct bench_work *work, struct peer_legs *p, int leg)
{
	_cleanup_worker_ struct bt_worker w = {};
	struct peer_run run = {};
	int64_t ns, lost;
	int r;

	r = peer_start(&p->peer[leg - PEER_FIRST], &run);
	if (r) {
		fprintf(stderr, "bench: %s does not trace: %s\n", p->name[leg], strerror(-r));
		peer_stop(&run);
		return r;
	}
	bt_worker_start(&w, b->cpu[0], work->fn, NULL);
	ns = measure(b, work, &w, 0);
	lost = peer_lost(&run);
	p->lost[leg] = lost > p->lost[leg] ? lost : p->lost[leg];
	p->rss[leg] = peer_rss(&run);
	peer_stop(&run);
	return ns;
}

/* Each leg between two untraced runs, as in slowdown_of. */
static int peer_round(struct bench *b, const struct bench_work *work, struct peer_legs *p)
{
	int64_t off = run_leg(b, work, 0, OFF), ns, next;
	int leg;

	for (leg = 0; leg < NR_PEER_LEGS && off >= 0; leg++) {
		if (leg >= PEER_FIRST && !p->peer[leg - PEER_FIRST].path[0])
			continue;
		ns = leg < PEER_FIRST ? own_leg(b, work, p, leg) : peer_leg(b, work, p, leg);
		next = run_leg(b, work, 0, OFF);
		if (ns >= 0 && next >= 0)
			p->ratio[leg][p->n[leg]++] = (double)ns / ((double)(off + next) / 2);
		off = next;
	}
	return off < 0 ? (int)off : 0;
}

static void print_peers(struct bench *b, const struct bench_work *work, struct peer_legs *p)
{
	struct spread s;
	int leg;

	for (leg = 0; leg < NR_PEER_LEGS; leg++) {
		if (!p->n[leg]) {
			say(b, "%-8s %-22s not measured: %s\n", work->name, p->name[leg],
			    leg >= PEER_FIRST && !p->peer[leg - PEER_FIRST].path[0] ?
				    p->peer[leg - PEER_FIRST].get : "it did not trace here");
			continue;
		}
		s = spread_of(p->ratio[leg], p->n[leg]);
		say(b, "%-8s %-22s %8.2f %6.2f-%-6.2f %12lld %10.1f\n", work->name, p->name[leg],
		    s.median, s.low, s.high, (long long)p->lost[leg], (double)p->rss[leg] / 1048576);
	}
}

int bench_peers(struct bench *b)
{
	static const char *const works[] = { "skb", "mix" };
	static struct peer_legs p;
	unsigned int i, w;
	int leg, r = 0;

	open_table(b, "peers");
	say(b, "%-8s %-22s %8s %13s %12s %10s\n", "workload", "tool", "slowdown", "quartiles",
	    "events lost", "MiB");
	for (w = 0; w < 2 && !r; w++) {
		memset(&p, 0, sizeof(p));
		peers_find(p.peer);
		p.name[PEER_DRVMEM] = "drvmem";
		p.name[PEER_FULL] = "drvmem --stacks full";
		p.name[PEER_SAMPLED] = "drvmem --sample 512K";
		for (leg = 0; leg < NR_PEER_LEGS; leg++) {
			p.lost[leg] = -1;
			if (leg >= PEER_FIRST)
				p.name[leg] = p.peer[leg - PEER_FIRST].name;
		}
		for (i = 0; i < b->rounds && !r; i++)
			r = peer_round(b, bench_find(works[w]), &p);
		if (!r)
			print_peers(b, bench_find(works[w]), &p);
	}
	say(b, "lost: of the recursion guard, the most of any round (-1: the tool's events are not BPF's);\n"
	       "MiB: drvmem's maps, the others' resident memory without their maps\n");
	close_table(b);
	return r;
}

