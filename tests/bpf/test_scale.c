// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A million live objects (or more) on two CPUs that free each other's: nothing is lost
 * without being counted, in a table that is large enough and in one that is not.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "base/cleanup.h"
#include "harness.h"
#include "msgqueue.h"
#include "reporttime.h"

#define OBJECT 125u	/* bytes; a size that nothing in the kernel asks for */
#define DEFAULT_OBJECTS 1000000u	/* $DRVMEM_SCALE_OBJECTS is another number: 10 million in tests/deep */

enum { SEND, RECEIVE, CROSS };

struct side {
	int own, other;		/* queues */
};

struct rig {
	struct side side[2];
	struct bt_worker w[2];
	struct bt_run run;
};

static int64_t messages(void *arg, int op, uint64_t n)
{
	const struct side *s = arg;
	int64_t r = 0;
	uint64_t i;

	if (op == SEND)
		return msgq_send(s->own, OBJECT, n);
	if (op == RECEIVE)
		return msgq_receive(s->other, n);
	/* both at once: each sends its own and takes the other's */
	for (i = 0; i < n && r >= 0; i++) {
		r = msgq_send(s->own, OBJECT, 1);
		if (r >= 0)
			r = msgq_receive(s->other, 1);
	}
	return r < 0 ? r : (int64_t)n;
}

static void rig_stop(struct rig *g)
{
	int i;

	bt_stop(&g->run);
	for (i = 0; i < 2; i++) {
		bt_worker_stop(&g->w[i]);
		if (g->side[i].own > 0)
			msgctl(g->side[i].own, IPC_RMID, NULL);
	}
}

static enum bt_result rig_start(struct rig *g, uint64_t track_max, uint32_t size)
{
	struct drvmem_session_opts o = {
		.track_max = track_max, .min_size = size, .max_size = size,
	};
	int cpu[2], i;

	if (!bt_two_cpus(cpu))
		return bt_skip("this process may use one CPU only");
	for (i = 0; i < 2; i++) {
		g->side[i].own = msgq_new();
		BT_CHECK(g->side[i].own >= 0, "message queue: %s", strerror(-g->side[i].own));
		g->side[!i].other = g->side[i].own;
	}
	for (i = 0; i < 2; i++)
		bt_worker_start(&g->w[i], cpu[i], messages, &g->side[i]);
	return bt_start(&g->run, &o);
}

/* Both workers at the same time. */
static enum bt_result both(struct rig *g, int op, uint64_t n)
{
	int64_t r[2];
	int i;

	for (i = 0; i < 2; i++)
		bt_worker_send(&g->w[i], op, n);
	for (i = 0; i < 2; i++)
		r[i] = bt_worker_wait(&g->w[i]);
	for (i = 0; i < 2; i++)
		BT_CHECK(r[i] == (int64_t)n, "worker %d: %s", i, strerror((int)-r[i]));
	return BT_PASS;
}

static const struct bt_want everything;	/* the filter leaves this size only */

/*
 * held objects exist: all of them are accounted for. An event that was lost and counted may
 * change a figure by one; without any, the figures are exact.
 */
static enum bt_result account(struct rig *g, const char *when, int64_t held)
{
	const struct drvmem_loss *l;
	struct bt_sum s;
	int64_t lost, off;
	double t0 = report_clock();
	enum bt_result r = bt_snap(&g->run);
	struct report_ms t = { .snap = report_clock() - t0 };
	int i;

	if (r != BT_PASS)
		return r;
	l = &g->run.snap->loss;
	lost = (int64_t)drvmem_loss__total(l) - (int64_t)l->table_full;
	bt_sum(g->run.snap, &everything, &s);
	off = s.live + (int64_t)l->table_full - held;
	bt_note("%s: %lld live, table_full %llu, other losses %lld, inferred %llu", when,
		(long long)s.live, (unsigned long long)l->table_full, (long long)lost,
		(unsigned long long)s.inferred);
	BT_CHECK((int64_t)s.allocs - (int64_t)s.frees == s.live, "%s: allocs - frees is not live",
		 when);
	BT_CHECK(s.live == (int64_t)s.in_table, "%s: %lld live, %llu in the table", when,
		 (long long)s.live, (unsigned long long)s.in_table);
	BT_CHECK(s.bytes == s.live * OBJECT, "%s: %lld bytes for %lld objects", when,
		 (long long)s.bytes, (long long)s.live);
	BT_CHECK(off <= lost && off >= -lost,
		 "%s: %lld objects held, figures off by %lld, %lld lost",
		 when, (long long)held, (long long)off, (long long)lost);
	for (i = 0; i < 3; i++) {
		BT_TRY(report_time(g->run.snap, when, &t));
		if (!report_slow(&t))
			return BT_PASS;
		t0 = report_clock();
		BT_TRY(bt_snap(&g->run));
		t.snap = report_clock() - t0;
	}
	return report_too_slow(when, &t);
}

static enum bt_result large_table(void *arg)
{
	DRVMEM_CLEANUP(rig_stop) struct rig g = {};

	const char *objects = getenv("DRVMEM_SCALE_OBJECTS");
	uint64_t half = objects ? strtoull(objects, NULL, 10) / 2 : DEFAULT_OBJECTS / 2;
	int64_t held = 2 * (int64_t)half;

	(void)arg;
	BT_CHECK(half >= 2, "DRVMEM_SCALE_OBJECTS is not a number of objects");
	BT_TRY(rig_start(&g, 2 * half * 6 / 5, OBJECT));
	BT_TRY(account(&g, "start", 0));
	BT_TRY(both(&g, SEND, half));
	BT_TRY(account(&g, "all held", held));
	BT_CHECK(!g.run.snap->loss.table_full, "table_full %llu with room for a fifth more",
		 (unsigned long long)g.run.snap->loss.table_full);
	BT_TRY(both(&g, CROSS, half / 2));
	BT_TRY(account(&g, "after half as many more, freed across", held));
	BT_TRY(both(&g, RECEIVE, half / 2));
	BT_TRY(account(&g, "half of them received", held - 2 * (int64_t)(half / 2)));
	BT_TRY(both(&g, RECEIVE, half - half / 2));
	BT_TRY(account(&g, "all received", 0));
	BT_CHECK(!g.run.snap->loss.table_full, "table_full %llu with room for a fifth more",
		 (unsigned long long)g.run.snap->loss.table_full);
	return BT_PASS;
}

#define PROMISED_HALF 300000u

/* As many as --track-max says: 75 % of the slots, and every one finds its place. */
static enum bt_result promised_load(void *arg)
{
	DRVMEM_CLEANUP(rig_stop) struct rig g = {};

	(void)arg;
	BT_TRY(rig_start(&g, 2 * PROMISED_HALF, OBJECT));
	BT_TRY(both(&g, SEND, PROMISED_HALF));
	BT_TRY(account(&g, "track_max held", 2 * PROMISED_HALF));
	BT_CHECK(!g.run.snap->loss.table_full, "table_full %llu with track_max %u objects held",
		 (unsigned long long)g.run.snap->loss.table_full, 2 * PROMISED_HALF);
	BT_TRY(both(&g, CROSS, PROMISED_HALF / 2));
	BT_TRY(account(&g, "after as many again, freed across", 2 * PROMISED_HALF));
	BT_CHECK(!g.run.snap->loss.table_full, "table_full %llu after objects came and went",
		 (unsigned long long)g.run.snap->loss.table_full);
	return BT_PASS;
}

#define SMALL_HALF 100000u

/* What finds no room is counted, and its free is an unmatched one. */
static enum bt_result small_table(void *arg)
{
	DRVMEM_CLEANUP(rig_stop) struct rig g = {};
	uint64_t full;

	(void)arg;
	BT_TRY(rig_start(&g, 50000, OBJECT));
	BT_TRY(both(&g, SEND, SMALL_HALF));
	BT_TRY(account(&g, "200,000 held, room for 50,000", 2 * SMALL_HALF));
	full = g.run.snap->loss.table_full;
	BT_CHECK(full >= 2 * SMALL_HALF - g.run.snap->meta.table_slots,
		 "table_full %llu with %llu slots", (unsigned long long)full,
		 (unsigned long long)g.run.snap->meta.table_slots);
	BT_CHECK(g.run.snap->meta.table_slots - g.run.snap->meta.table_live <=
		 g.run.snap->meta.table_slots / 4, "%llu of %llu slots used: less than 75 %%",
		 (unsigned long long)g.run.snap->meta.table_live,
		 (unsigned long long)g.run.snap->meta.table_slots);
	BT_TRY(both(&g, RECEIVE, SMALL_HALF));
	/* the objects that were not in the table are gone too */
	BT_TRY(account(&g, "all received", (int64_t)full));
	BT_CHECK(g.run.snap->loss.table_full == full, "table_full changed by frees");
	BT_CHECK(g.run.snap->loss.unmatched_frees >= full, "%llu unmatched frees of %llu untracked",
		 (unsigned long long)g.run.snap->loss.unmatched_frees, (unsigned long long)full);
	return BT_PASS;
}

int main(void)
{
	enum bt_result (*fn[3])(void *) = { large_table, promised_load, small_table };
	static const char *const names[3] = { "scale_many_objects", "scale_track_max_held",
					      "scale_table_too_small" };
	int i;

	if (!msgq_namespace()) {
		printf("skip scale - no IPC namespace of its own: %s\n", strerror(errno));
		return 0;
	}
	for (i = 0; i < 3; i++)
		bt_case(names[i], fn[i], NULL);
	return bt_exit();
}
