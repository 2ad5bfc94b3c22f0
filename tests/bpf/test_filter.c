// SPDX-License-Identifier: GPL-2.0-or-later
/* min_size and max_size: what the kernel was asked for, both ends included. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "harness.h"
#include "msgqueue.h"
#include "session/session.h"

#define MIN 1003u
#define MAX 1507u
#define N 400u

static int64_t send_size(void *arg, int op, uint64_t n)
{
	return msgq_send(*(int *)arg, (uint32_t)op, n);
}

static const char *const msg_functions[] = { "load_msg", "alloc_msg", "do_msgsnd", NULL };

static enum bt_result judge(const struct drvmem_snapshot *s)
{
	static const struct bt_want mine = { .functions = msg_functions };
	struct bt_sum sum;
	uint32_t i, b;

	for (i = 0; i < s->nr_objects; i++)
		BT_CHECK(s->objects[i].asked >= MIN && s->objects[i].asked <= MAX,
			 "an object of %u bytes", s->objects[i].asked);
	for (i = 0; i < s->nr_sites; i++)
		for (b = 0; b < DRVMEM_SIZE_BUCKETS; b++)
			/* 1003..1507 lies in [512, 1024) and [1024, 2048): 10 and 11 */
			BT_CHECK(b == 10 || b == 11 || !s->sites[i].c.size_hist[b],
				 "%s: allocations in size bucket %u", s->sites[i].site, b);
	bt_sum(s, &mine, &sum);
	BT_CHECK(sum.live == 3 * N && sum.in_table == 3 * N,
		 "%lld live, %llu in the table, not %u", (long long)sum.live,
		 (unsigned long long)sum.in_table, 3 * N);
	BT_CHECK(sum.bytes == (int64_t)N * (MIN + 1250 + MAX), "%lld bytes, not %u",
		 (long long)sum.bytes, N * (MIN + 1250 + MAX));
	BT_CHECK(sum.asked_min == MIN && sum.asked_max == MAX, "sizes %u..%u", sum.asked_min,
		 sum.asked_max);
	BT_CHECK(s->meta.min_size == MIN && s->meta.max_size == MAX,
		 "the snapshot names %llu..%llu",
		 (unsigned long long)s->meta.min_size, (unsigned long long)s->meta.max_size);
	return BT_PASS;
}

static enum bt_result filter(void *arg)
{
	static const uint32_t sizes[] = { MIN - 1, MIN, 1250, MAX, MAX + 1, 64, 2000 };
	static const struct drvmem_session_opts opts = {
		.min_size = MIN, .max_size = MAX, .track_max = 100000,
	};
	_cleanup_worker_ struct bt_worker w = {};
	_cleanup_bt_ struct bt_run run = {};
	int id = msgq_new();
	enum bt_result r;
	int64_t done;
	size_t i;

	(void)arg;
	BT_CHECK(id >= 0, "message queue: %s", strerror(-id));
	bt_worker_start(&w, -1, send_size, &id);
	r = bt_start(&run, &opts);
	for (i = 0; r == BT_PASS && i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		done = bt_worker_do(&w, (int)sizes[i], N);
		if (done != N)
			r = bt_fail("message of %u: %s", sizes[i], strerror((int)-done));
	}
	if (r == BT_PASS)
		r = bt_snap(&run);
	if (r == BT_PASS)
		r = bt_loss(&run);
	if (r == BT_PASS)
		r = judge(run.snap);
	msgctl(id, IPC_RMID, NULL);
	return r;
}

#define LET_PASS 20000u

/* What the filter lets pass is no event of the session, and costs all the same. */
static enum bt_result own_cost(void *arg)
{
	static const struct drvmem_session_opts opts = {
		.min_size = MIN, .max_size = MAX, .track_max = 100000, .own_cost = true,
	};
	const struct drvmem_own_cost *c;
	_cleanup_worker_ struct bt_worker w = {};
	_cleanup_bt_ struct bt_run run = {};
	int id = msgq_new();
	enum bt_result r;

	(void)arg;
	BT_CHECK(id >= 0, "message queue: %s", strerror(-id));
	bt_worker_start(&w, -1, send_size, &id);
	r = bt_start(&run, &opts);
	if (r == BT_PASS && (bt_worker_do(&w, 64, LET_PASS) != LET_PASS || bt_worker_do(&w, 1250, N) != N))
		r = bt_fail("the messages could not be sent");
	if (r == BT_PASS) {
		drvmem_trace__activate(run.t, false);	/* ends the measurement, too */
		r = bt_snap(&run);
	}
	msgctl(id, IPC_RMID, NULL);
	BT_TRY(r);
	c = &run.snap->cost;
	if (c->why && strstr(c->why, "refused"))
		return bt_skip("%s", c->why);
	BT_CHECK(c->why && !c->why[0], "not measured: %s", c->why ? c->why : "not asked");
	/* an event that ended behind the switch is counted by one of them only */
	if (c->events != run.snap->loss.events)
		return BT_LOSS;
	BT_CHECK(c->runs >= c->events + LET_PASS, "%llu runs, %llu events", (unsigned long long)c->runs,
		 (unsigned long long)c->events);
	BT_CHECK(drvmem_own_cost__of(run.snap) >= (double)c->ns * 0.999, "%.0f ns in all, %llu ns measured",
		 drvmem_own_cost__of(run.snap), (unsigned long long)c->ns);
	return BT_PASS;
}

static int64_t make_processes(void *arg, int op, uint64_t n)
{
	uint64_t i;
	pid_t pid;

	(void)arg;
	(void)op;
	for (i = 0; i < n; i++) {
		pid = fork();
		if (!pid)
			_exit(0);
		if (pid < 0 || waitpid(pid, NULL, 0) != pid)
			return -errno;
	}
	return (int64_t)n;
}

/* Only pages are asked for: their programs alone are there, and they are seen as ever. */
static enum bt_result allocators(void *arg)
{
	static const struct drvmem_session_opts opts = { .allocators = 1u << DRVMEM_ALLOC_PAGE, .track_max = 100000 };
	const struct drvmem_session_prog *p;
	_cleanup_worker_ struct bt_worker w = {};
	_cleanup_bt_ struct bt_run run = {};
	uint64_t pages = 0;
	uint32_t i, n;

	(void)arg;
	bt_worker_start(&w, -1, make_processes, NULL);
	BT_TRY(bt_start(&run, &opts));
	BT_CHECK(bt_worker_do(&w, 0, 20) == 20, "20 processes could not be made");
	BT_TRY(bt_snap(&run));
	if (!(run.snap->meta.traced & 1u << DRVMEM_ALLOC_PAGE))
		return bt_skip("pages cannot be traced here");
	BT_CHECK(run.snap->meta.traced == 1u << DRVMEM_ALLOC_PAGE, "traced: %#x", run.snap->meta.traced);
	p = drvmem_trace__progs(run.t, &n);
	for (i = 0; i < n; i++)
		BT_CHECK(!p[i].attached || strstr(p[i].name, "page") || strstr(p[i].name, "mod_") || strstr(p[i].name, "moved"),
			 "%s is attached", p[i].name);
	for (i = 0; i < run.snap->nr_sites; i++) {
		if (!run.snap->sites[i].c.allocs)
			continue;
		BT_CHECK(run.snap->sites[i].allocator == DRVMEM_ALLOC_PAGE, "%s is of another allocator",
			 run.snap->sites[i].site);
		pages += run.snap->sites[i].c.allocs;
	}
	BT_CHECK(pages >= 20, "%llu blocks of pages of 20 processes", (unsigned long long)pages);
	return bt_loss(&run);
}

int main(void)
{
	if (!msgq_namespace()) {
		printf("skip filter - no IPC namespace of its own: %s\n", strerror(errno));
		return 0;
	}
	bt_case("filter_keeps_only_those_sizes", filter, NULL);
	bt_case("only_allocators_asked_for", allocators, NULL);
	bt_case("own_cost_has_what_the_filter_lets_pass", own_cost, NULL);
	return bt_exit();
}
