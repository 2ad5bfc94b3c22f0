// SPDX-License-Identifier: GPL-2.0-or-later
/* Generations: every object counts for the one that it was made in and the one that it ended in. */
#include <stdio.h>

#include "analysis/window.h"
#include "base/cleanup.h"
#include "harness.h"
#include "msgqueue.h"

#define SIZE 736u

static const char *const msg_functions[] = { "load_msg", "alloc_msg", "do_msgsnd", NULL };

/* op: 0 receives, else sends. */
static int64_t work(void *arg, int op, uint64_t n)
{
	return op ? msgq_send(*(int *)arg, SIZE, n) : msgq_receive(*(int *)arg, n);
}

struct scene {
	struct bt_worker w;
	struct bt_run run;
	uint32_t gen;
};

/* Positive: so many are sent; negative: received; 0: a mark. */
static enum bt_result play(struct scene *s, const int *steps, size_t n)
{
	uint64_t nr;
	size_t i;
	int64_t done;

	for (i = 0; i < n; i++) {
		if (!steps[i]) {
			BT_CHECK(!drvmem_trace__mark(s->run.t, &s->gen), "a mark is refused");
			continue;
		}
		nr = (uint64_t)(steps[i] > 0 ? steps[i] : -steps[i]);
		done = bt_worker_do(&s->w, steps[i] > 0, nr);
		BT_CHECK(done == (int64_t)nr, "step %zu: %s", i, strerror((int)-done));
	}
	return BT_PASS;
}

static bool is_ours(const struct drvmem_sitesnap *t)
{
	size_t i, n;

	for (i = 0; msg_functions[i]; i++) {
		n = strlen(msg_functions[i]);
		if (t->site && !strncmp(t->site, msg_functions[i], n) && t->site[n] == '+')
			return true;
	}
	return false;
}

static void sums_of(const struct drvmem_snapshot *s, uint32_t gen, struct drvmem_window_sums *ret, uint32_t *ret_live)
{
	struct drvmem_window_sums one;
	uint32_t i, j;

	memset(ret, 0, sizeof(*ret));
	*ret_live = 0;
	for (i = 0; i < s->nr_sites; i++) {
		const struct drvmem_sitesnap *t = &s->sites[i];

		if (!is_ours(t))
			continue;
		drvmem_window(s, i, gen, &one);
		drvmem_window__add(ret, &one);
		for (j = 0; j < t->nr_objects; j++)
			*ret_live += s->objects[t->first_object + j].mark == gen;
	}
}

static enum bt_result begin(struct scene *s, int *queue)
{
	static const struct drvmem_session_opts opts = { .marks = true, .min_size = SIZE, .max_size = SIZE };

	*queue = msgq_new();
	BT_CHECK(*queue >= 0, "message queue: %s", strerror(-*queue));
	bt_worker_start(&s->w, -1, work, queue);
	return bt_start(&s->run, &opts);
}

static enum bt_result end(struct scene *s)
{
	BT_TRY(bt_snap(&s->run));
	return bt_loss(&s->run);
}

#define CHECK_TALLY(got, want)								\
	BT_CHECK((got).objects == (want) && (got).bytes == (uint64_t)(want) * SIZE,	\
		 #got ": %llu objects, %llu bytes, not %u",				\
		 (unsigned long long)(got).objects, (unsigned long long)(got).bytes, (unsigned int)(want))

static enum bt_result judge_window(struct scene *s)
{
	/* 100 before; in the window 50, of which 20 go in it, and 10 later; 5 after */
	static const int steps[] = { 100, 0, -30, 50, -70, -20, 0, -10, 5 };
	struct drvmem_window_sums w;
	uint32_t live;

	BT_TRY(play(s, steps, sizeof(steps) / sizeof(steps[0])));
	BT_TRY(end(s));
	BT_CHECK(s->run.snap->meta.mark == 2, "the snapshot is of generation %u", s->run.snap->meta.mark);
	sums_of(s->run.snap, 1, &w, &live);
	CHECK_TALLY(w.aifi, 20);
	CHECK_TALLY(w.aifo, 30);
	CHECK_TALLY(w.aofi, 100);
	CHECK_TALLY(w.aofo, 5);
	BT_CHECK(live == 20, "%u are live, not 20", live);
	sums_of(s->run.snap, 2, &w, &live);
	CHECK_TALLY(w.aifi, 0);
	CHECK_TALLY(w.aifo, 5);
	CHECK_TALLY(w.aofi, 10);
	CHECK_TALLY(w.aofo, 140);
	return BT_PASS;
}

/* More marks than there are places: the last ones are those that count. */
static enum bt_result judge_many(struct scene *s)
{
	struct drvmem_window_sums w;
	uint32_t i, live;

	for (i = 1; i <= DRVMEM_MARKS_MAX; i++) {
		int steps[] = { 0, (int)(i % 7) + 3, -(int)(i % 3) - 1 };

		BT_TRY(play(s, steps, 3));
	}
	BT_CHECK(drvmem_trace__mark(s->run.t, &i) == -ENOSPC, "more marks than an entry can tell are taken");
	BT_TRY(end(s));
	for (i = DRVMEM_MARKS_MAX - DRVMEM_GENS_KEPT + 1; i <= DRVMEM_MARKS_MAX; i++) {
		sums_of(s->run.snap, i, &w, &live);
		/* messages go in the order in which they came, more come than go: only old ones end */
		CHECK_TALLY(w.aifi, 0);
		CHECK_TALLY(w.aifo, i % 7 + 3);
		CHECK_TALLY(w.aofi, i % 3 + 1);
		BT_CHECK(live == i % 7 + 3, "%u of generation %u are live", live, i);
	}
	return BT_PASS;
}

static enum bt_result marked(void *arg)
{
	enum bt_result (*judge)(struct scene *s) = *(enum bt_result (**)(struct scene *))arg;
	struct scene s = {};
	enum bt_result r;
	int queue = -1;

	r = begin(&s, &queue);
	if (r == BT_PASS)
		r = judge(&s);
	bt_stop(&s.run);
	bt_worker_stop(&s.w);
	if (queue >= 0)
		msgctl(queue, IPC_RMID, NULL);
	return r;
}

/* Without them nothing is counted, and none can be set. */
static enum bt_result unmarked(void *arg)
{
	static const struct drvmem_session_opts opts = { .min_size = SIZE, .max_size = SIZE };
	_cleanup_bt_ struct bt_run run = {};
	uint32_t gen;

	(void)arg;
	BT_TRY(bt_start(&run, &opts));
	BT_CHECK(drvmem_trace__mark(run.t, &gen) == -EINVAL, "a mark in a session that takes none");
	BT_TRY(bt_snap(&run));
	BT_CHECK(!run.snap->gens && !run.snap->meta.mark, "generations that nobody asked for");
	return BT_PASS;
}

int main(void)
{
	static enum bt_result (*window)(struct scene *) = judge_window, (*many)(struct scene *) = judge_many;

	if (!msgq_namespace()) {
		printf("skip marks - no IPC namespace of its own: %s\n", strerror(errno));
		return 0;
	}
	bt_case("objects_by_where_they_begin_and_end", marked, &window);
	bt_case("the_last_of_many_marks", marked, &many);
	bt_case("no_marks", unmarked, NULL);
	return bt_exit();
}
