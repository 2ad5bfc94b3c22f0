// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Where fentry is refused, frees by kfree_rcu cannot be seen: the caches are marked, and an
 * address handed out again ends the old object as inferred. Epoll items are freed that way.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "harness.h"

#define CACHE "eventpoll_epi"
#define N 500

static const struct bt_want items = { .cache = CACHE };

/* Adds and removes n items. */
static int64_t churn(void *arg, int op, uint64_t n)
{
	struct epoll_event ev = { .events = EPOLLIN };
	int p[2], e = epoll_create1(EPOLL_CLOEXEC);
	uint64_t i;

	(void)arg;
	(void)op;
	if (e < 0 || pipe(p))
		return -errno;
	for (i = 0; i < n; i++)
		if (epoll_ctl(e, EPOLL_CTL_ADD, p[0], &ev) ||
		    epoll_ctl(e, EPOLL_CTL_DEL, p[0], &ev))
			return -errno;
	close(e);
	close(p[0]);
	close(p[1]);
	return (int64_t)n;
}

struct reuse {
	struct bt_run *run;
	const struct bt_worker *w;
	enum bt_result r;
	struct bt_sum s;
};

/* Memory comes back when the kernel's grace periods and batches let it. */
static bool reused(void *arg)
{
	struct reuse *u = arg;

	if (bt_worker_do(u->w, 0, N) != N)
		u->r = bt_fail("epoll: the worker failed");
	if (u->r == BT_PASS)
		u->r = bt_snap(u->run);
	if (u->r != BT_PASS)
		return true;
	bt_sum(u->run->snap, &items, &u->s);
	return u->s.inferred > 0;
}

static enum bt_result marks(const struct bt_run *run)
{
	const struct drvmem_snapshot *s = run->snap;
	uint32_t i, seen = 0;

	BT_CHECK(!s->meta.frees_rcu_seen, "meta.frees_rcu_seen without the hook");
	for (i = 0; i < s->nr_caches; i++) {
		if (!s->caches[i].name || strcmp(s->caches[i].name, CACHE))
			continue;
		seen++;
		BT_CHECK(s->caches[i].upper_bound, CACHE " is not marked as an upper bound");
	}
	BT_CHECK(seen, "cache " CACHE " was not seen");
	BT_CHECK(s->meta.nr_notes, "no note tells what cannot be seen");
	return BT_PASS;
}

static enum bt_result session(struct bt_run *run, struct bt_worker *w)
{
	static const struct drvmem_session_opts opts = { .track_max = 200000 };
	enum bt_result r;

	bt_worker_start(w, -1, churn, NULL);
	r = bt_start(run, &opts);
	if (r == BT_PASS && drvmem_trace__info(run->t)->rcu_frees_seen)
		return bt_skip("fentry works here: frees by kfree_rcu are seen");
	return r;
}

static enum bt_result upper_bound(void *arg)
{
	_cleanup_worker_ struct bt_worker w = {};
	_cleanup_bt_ struct bt_run run = {};
	enum bt_result r = session(&run, &w);

	(void)arg;
	if (r != BT_PASS)
		return r;
	BT_CHECK(bt_worker_do(&w, 0, N) == N, "epoll: the worker failed");
	r = bt_snap(&run);
	return r == BT_PASS ? marks(&run) : r;
}

static enum bt_result inferred(void *arg)
{
	_cleanup_worker_ struct bt_worker w = {};
	_cleanup_bt_ struct bt_run run = {};
	struct reuse u = { .run = &run, .w = &w };
	bool came;

	(void)arg;
	u.r = session(&run, &w);
	if (u.r != BT_PASS)
		return u.r;
	came = bt_until(reused, &u, 60);
	if (u.r != BT_PASS)
		return u.r;
	BT_CHECK(came, "no address of " CACHE " came back within 60 s");
	bt_note("%llu epoll items, %llu inferred, %lld not seen again yet",
		(unsigned long long)u.s.allocs, (unsigned long long)u.s.inferred,
		(long long)u.s.live);
	BT_CHECK((int64_t)u.s.allocs - (int64_t)u.s.frees == u.s.live,
		 "allocs - frees is not live");
	BT_CHECK(u.s.inferred <= u.s.frees, "more inferred than frees");
	BT_CHECK(run.snap->loss.inferred_frees >= u.s.inferred,
		 "total of inferred frees %llu < %llu",
		 (unsigned long long)run.snap->loss.inferred_frees,
		 (unsigned long long)u.s.inferred);
	return BT_PASS;
}

int main(void)
{
	bt_case("upper_bound_is_marked", upper_bound, NULL);
	bt_case("inferred_on_reuse", inferred, NULL);
	return bt_exit();
}
