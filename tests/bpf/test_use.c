// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * How sites use memory, in a session that is to advise: of objects of known numbers and sizes all counts are
 * exact. A message is one object of a chosen size (msgqueue.h); 2036 and 2044 bytes come from one cache, 2052
 * from another, so that they are two sites of one call.
 */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "harness.h"
#include "model/laps.h"
#include "msgqueue.h"

#define MIDDLE	2036u		/* by the size class's end, where few others are: they count too */
#define SMALL	2044u
#define LARGE	2052u
#define FDS	250
#define FIRST	4000u		/* of two messages that come and go */
#define MORE	25000u
#define ALONE	100
#define LATE	8

_Static_assert(4 * FIRST < DRVMEM_PAIR_ALL && 4 * MORE > DRVMEM_PAIR_ALL, "the first are all looked at");

static const char *const msg_functions[] = { "load_msg", "alloc_msg", "do_msgsnd", NULL };
static const char *const eventfd_functions[] = { "do_eventfd", "__do_sys_eventfd2", "__x64_sys_eventfd2", NULL };
static const char *const pipe_functions[] = { "alloc_pipe_info", NULL };
static const char *const signal_functions[] = {
	"__send_signal_locked", "__send_signal", "send_signal_locked", "sigqueue_alloc", "__sigqueue_alloc", NULL,
};

enum { RECEIVE, BOTH = 1, EVENTFDS = 2, PIPES = 3, SIGNALS = 4 };	/* else: bytes of what is sent */

static int64_t open_files(bool pipes, uint64_t n)
{
	static int fd[FDS * 2];
	uint64_t i;
	int e = 0;

	for (i = 0; i < n && !e; i++) {
		fd[2 * i] = fd[2 * i + 1] = -1;
		if (pipes)
			e = pipe(&fd[2 * i]) ? -errno : 0;
		else
			e = (fd[2 * i] = eventfd(0, 0)) < 0 ? -errno : 0;
	}
	return e ? e : (int64_t)n;	/* they are open until the worker ends */
}

/* To itself, held back: they wait in a queue. */
static int64_t queue_signals(uint64_t n)
{
	const union sigval v = { 0 };
	sigset_t set;
	uint64_t i;

	sigemptyset(&set);
	sigaddset(&set, SIGRTMIN);
	if (sigprocmask(SIG_BLOCK, &set, NULL))
		return -errno;
	for (i = 0; i < n; i++)
		if (sigqueue(getpid(), SIGRTMIN, v))
			return -errno;
	return (int64_t)n;
}

/* One of each size by turns, then all of them out again in the order in which they came. */
static int64_t send_both(int queue, uint64_t n)
{
	uint64_t i;
	int64_t r = 0;

	for (i = 0; i < n && r >= 0; i++) {
		r = msgq_send(queue, SMALL, 1);
		if (r >= 0)
			r = msgq_send(queue, LARGE, 1);
	}
	if (r >= 0)
		r = msgq_receive(queue, 2 * n);
	return r < 0 ? r : (int64_t)n;
}

static int64_t work(void *arg, int op, uint64_t n)
{
	int queue = *(int *)arg;

	if (op == RECEIVE)
		return msgq_receive(queue, n);
	if (op == BOTH)
		return send_both(queue, n);
	if (op == EVENTFDS || op == PIPES)
		return open_files(op == PIPES, n);
	if (op == SIGNALS)
		return queue_signals(n);
	return msgq_send(queue, (uint32_t)op, n);
}

struct scene {
	struct bt_worker w, other;
	struct bt_run run;
	int queue;
	struct drvmem_laps laps;
};

/* On one CPU: what comes after what is told by CPU. */
static enum bt_result begin(struct scene *s, const struct drvmem_session_opts *opts)
{
	int cpu[2];

	s->queue = msgq_new();
	BT_CHECK(s->queue >= 0, "message queue: %s", strerror(-s->queue));
	cpu[0] = bt_two_cpus(cpu) ? cpu[0] : -1;
	bt_worker_start(&s->w, cpu[0], work, &s->queue);
	bt_worker_start(&s->other, cpu[0], work, &s->queue);
	return bt_start(&s->run, opts);
}

static enum bt_result play_by(const struct bt_worker *w, int op, uint64_t n)
{
	int64_t done = bt_worker_do(w, op, n);

	BT_CHECK(done == (int64_t)n, "step %d of %llu: %s", op, (unsigned long long)n, strerror((int)-done));
	return BT_PASS;
}

static enum bt_result play(struct scene *s, int op, uint64_t n)
{
	return play_by(&s->w, op, n);
}

/* What others do while the counts are read would be in one of them and not in the next. */
static enum bt_result end_still(struct scene *s)
{
	drvmem_trace__activate(s->run.t, false);
	BT_TRY(bt_snap(&s->run));
	return bt_loss(&s->run);
}

static enum bt_result end(struct scene *s)
{
	BT_TRY(bt_snap(&s->run));
	BT_TRY(bt_loss(&s->run));
	BT_CHECK(s->run.snap->usage, "the session has no usage");
	return BT_PASS;
}

static bool is_of(const struct drvmem_sitesnap *t, const char *const *function)
{
	size_t n;

	for (; *function; function++) {
		n = strlen(*function);
		if (t->site && !strncmp(t->site, *function, n) && (t->site[n] == '+' || t->site[n] == '.'))
			return true;
	}
	return false;
}

/* The site that allocates messages of so many bytes; -1: none, -2: several. */
static int site_of(const struct drvmem_snapshot *s, uint32_t bytes, const struct drvmem_usage_size **ret)
{
	const struct drvmem_usage *u = s->usage;
	int found = -1;
	uint32_t i;

	for (i = 0; i < u->nr_sizes; i++) {
		if (u->sizes[i].bytes != bytes || !is_of(&s->sites[u->sizes[i].site], msg_functions))
			continue;
		if (found >= 0)
			return -2;
		found = (int)u->sizes[i].site;
		*ret = &u->sizes[i];
	}
	return found;
}

static enum bt_result check_size(const struct drvmem_snapshot *s, uint32_t bytes, uint64_t allocs, int64_t live,
				 uint64_t peak)
{
	const struct drvmem_usage_size *z = NULL;

	BT_CHECK(site_of(s, bytes, &z) >= 0, "messages of %u bytes have no site, or several", bytes);
	BT_CHECK(z->allocs == allocs && z->live == live, "%u bytes: %llu allocated, %lld live", bytes,
		 (unsigned long long)z->allocs, (long long)z->live);
	if (s->meta.peak_exact)
		BT_CHECK(z->peak == peak, "%u bytes: at most %llu", bytes, (unsigned long long)z->peak);
	return BT_PASS;
}

static enum bt_result check_site(const struct drvmem_snapshot *s, uint32_t bytes, int64_t live, uint64_t peak)
{
	const struct drvmem_usage_size *z = NULL;
	const struct drvmem_usage_site *t = &s->usage->site[site_of(s, bytes, &z)];

	BT_CHECK(t->live == live, "the site of %u bytes has %lld live", bytes, (long long)t->live);
	BT_CHECK(!t->unsized, "%llu found no place for their size", (unsigned long long)t->unsized);
	if (s->meta.peak_exact)
		BT_CHECK(t->peak == peak, "the site of %u bytes has at most %llu", bytes, (unsigned long long)t->peak);
	return BT_PASS;
}

/* First in, first out: of 300 small, 200 middle and 100 small ones the first 350 go, then 50 large ones come. */
static enum bt_result judge_sizes(struct scene *s)
{
	BT_TRY(play(s, SMALL, 300));
	BT_TRY(play(s, MIDDLE, 200));
	BT_TRY(play(s, SMALL, 100));
	BT_TRY(play(s, RECEIVE, 350));
	BT_TRY(play(s, LARGE, 50));
	BT_TRY(end(s));
	BT_TRY(check_size(s->run.snap, SMALL, 400, 100, 400));
	BT_TRY(check_size(s->run.snap, MIDDLE, 200, 150, 200));
	BT_TRY(check_size(s->run.snap, LARGE, 50, 50, 50));
	BT_TRY(check_site(s->run.snap, SMALL, 250, 600));
	BT_TRY(check_site(s->run.snap, MIDDLE, 250, 600));
	BT_TRY(check_site(s->run.snap, LARGE, 50, 50));
	/* all gone, and a peak stays */
	BT_TRY(play(s, RECEIVE, 300));
	BT_TRY(end(s));
	BT_TRY(check_size(s->run.snap, SMALL, 400, 0, 400));
	BT_TRY(check_size(s->run.snap, MIDDLE, 200, 0, 200));
	return check_site(s->run.snap, SMALL, 0, 600);
}

/* ---- laps */

static enum bt_result lap(struct scene *s)
{
	BT_CHECK(!drvmem_trace__lap(s->run.t, &s->laps), "no memory for a lap");
	return BT_PASS;
}

static const uint32_t *laps_of(const struct drvmem_laps *l, uint32_t id)
{
	uint32_t i;

	for (i = 0; i < l->nr; i++)
		if (l->v[i].site == id)
			return l->v[i].most;
	return NULL;
}

/* Ends raise no peak: where objects only go, a lap has what is left; the one before had them. */
static enum bt_result judge_laps(struct scene *s)
{
	static const uint32_t want[] = { 500, 100, 150, 150 };
	const struct drvmem_usage_size *z = NULL;
	const uint32_t *most;
	uint32_t i;
	int site;

	BT_TRY(play(s, SMALL, 500));
	BT_TRY(lap(s));
	BT_TRY(play(s, RECEIVE, 400));
	BT_TRY(lap(s));
	BT_TRY(play(s, SMALL, 50));
	BT_TRY(play(s, RECEIVE, 50));
	BT_TRY(lap(s));
	BT_TRY(play(s, SMALL, 50));
	BT_TRY(lap(s));
	BT_TRY(end(s));
	if (!s->run.snap->meta.peak_exact)
		return bt_skip("no exact peaks here: laps are what is live at their ends");
	site = site_of(s->run.snap, SMALL, &z);
	BT_CHECK(site >= 0, "messages have no site");
	most = laps_of(&s->laps, s->run.snap->sites[site].id);
	BT_CHECK(most, "the site has no laps");
	BT_CHECK(s->laps.nr_laps == 4, "%u laps", s->laps.nr_laps);
	for (i = 0; i < 4; i++)
		BT_CHECK(most[i] == want[i], "lap %u had %u, not %u", i, most[i], want[i]);
	BT_CHECK(drvmem_laps__quantile(&s->laps, s->run.snap->sites[site].id, 100) == s->run.snap->usage->site[site].peak,
		 "the most of all laps is not the peak of %llu", (unsigned long long)s->run.snap->usage->site[site].peak);
	return BT_PASS;
}

/* ---- pairs */

static uint64_t pair_of(const struct drvmem_usage *u, int before, int site, bool ends)
{
	uint32_t i;

	for (i = 0; i < u->nr_pairs; i++)
		if (u->pairs[i].before == (uint32_t)before && u->pairs[i].site == (uint32_t)site && u->pairs[i].ends == ends)
			return u->pairs[i].count;
	return 0;
}

static enum bt_result check_together(const struct drvmem_usage *u, int a, int b, bool ends)
{
	uint64_t of_a = ends ? u->site[a].paired_ends : u->site[a].paired_allocs;
	uint64_t of_b = ends ? u->site[b].paired_ends : u->site[b].paired_allocs;
	uint64_t n = pair_of(u, a, b, ends), least = of_a > of_b ? of_a : of_b;

	bt_note("%s: %llu and %llu looked at, %llu times one right after the other", ends ? "ends" : "allocations",
		(unsigned long long)of_a, (unsigned long long)of_b, (unsigned long long)n);
	BT_CHECK(n <= of_b, "%llu pairs of %llu events", (unsigned long long)n, (unsigned long long)of_b);
	BT_CHECK(n * 100 >= least * 90, "%s: together %llu times of %llu", ends ? "ends" : "allocations",
		 (unsigned long long)n, (unsigned long long)least);
	return BT_PASS;
}

static enum bt_result check_pairs(struct scene *s, uint64_t n, bool all)
{
	const struct drvmem_usage_size *z = NULL;
	const struct drvmem_usage *u;
	int a, b;

	/* of shares a few lost events change nothing; a busy machine may lose some of so many each time */
	BT_TRY(all ? end(s) : bt_snap(&s->run));
	u = s->run.snap->usage;
	BT_CHECK(u, "the session has no usage");
	a = site_of(s->run.snap, SMALL, &z);
	b = site_of(s->run.snap, LARGE, &z);
	BT_CHECK(a >= 0 && b >= 0 && a != b, "sites %d, %d", a, b);
	if (all)
		BT_CHECK(u->site[a].paired_allocs == n && u->site[b].paired_allocs == n && u->site[a].paired_ends == n &&
			 u->site[b].paired_ends == n, "not every one of the first events was looked at");
	else
		BT_CHECK(u->site[b].paired_allocs + u->site[b].paired_ends < 2 * n, "every event was looked at");
	BT_TRY(check_together(u, a, b, false));
	return check_together(u, a, b, true);
}

/* The first events are all looked at, of later ones those of some jiffies. */
static enum bt_result judge_pairs(struct scene *s)
{
	BT_TRY(play(s, BOTH, FIRST));
	return check_pairs(s, FIRST, true);
}

static enum bt_result judge_more_pairs(struct scene *s)
{
	BT_TRY(play(s, BOTH, MORE));
	return check_pairs(s, MORE, false);
}

/* One right after the other, but by two tasks, or not in one jiffy: they have nothing to do with each other. */
static enum bt_result judge_strangers(struct scene *s)
{
	const struct drvmem_usage_size *z = NULL;
	const struct drvmem_usage *u;
	int a, b, i;

	for (i = 0; i < ALONE; i++) {
		BT_TRY(play_by(&s->w, SMALL, 1));
		BT_TRY(play_by(&s->other, LARGE, 1));
	}
	for (i = 0; i < LATE; i++) {
		poll(NULL, 0, 25);	/* a jiffy is 10 ms at most */
		BT_TRY(play(s, i % 2 ? LARGE : SMALL, 1));
	}
	BT_TRY(end(s));
	u = s->run.snap->usage;
	a = site_of(s->run.snap, SMALL, &z);
	b = site_of(s->run.snap, LARGE, &z);
	BT_CHECK(a >= 0 && b >= 0, "sites %d, %d", a, b);
	BT_CHECK(u->site[a].paired_allocs == ALONE + LATE / 2 && u->site[b].paired_allocs == ALONE + LATE / 2,
		 "%llu and %llu were looked at, not all", (unsigned long long)u->site[a].paired_allocs,
		 (unsigned long long)u->site[b].paired_allocs);
	BT_CHECK(!pair_of(u, a, b, false) && !pair_of(u, b, a, false), "%llu and %llu pairs of strangers",
		 (unsigned long long)pair_of(u, a, b, false), (unsigned long long)pair_of(u, b, a, false));
	return BT_PASS;
}

/* ---- who asked */

struct asked {
	uint64_t allocs, waited, atomic, by_user;
};

static void sum_asked(const struct drvmem_snapshot *s, const char *const *function, struct asked *ret)
{
	uint32_t i;

	*ret = (struct asked){ 0 };
	for (i = 0; i < s->nr_sites; i++) {
		if (!is_of(&s->sites[i], function))
			continue;
		ret->allocs += s->sites[i].c.allocs;
		ret->waited += s->usage->site[i].waited;
		ret->atomic += s->usage->site[i].atomic;
		ret->by_user += s->usage->site[i].by_user;
	}
}

/* An eventfd is charged to nobody, a pipe to its process, a signal may not wait. Others may make some too. */
static enum bt_result judge_asked(struct scene *s)
{
	struct asked a;

	BT_TRY(play(s, EVENTFDS, FDS));
	BT_TRY(play(s, PIPES, FDS / 2));
	BT_TRY(play(s, SIGNALS, FDS));
	BT_TRY(end_still(s));
	sum_asked(s->run.snap, eventfd_functions, &a);
	BT_CHECK(a.allocs >= FDS, "%llu eventfds were seen", (unsigned long long)a.allocs);
	BT_CHECK(a.waited == a.allocs && !a.atomic, "of %llu may wait %llu, may not %llu", (unsigned long long)a.allocs,
		 (unsigned long long)a.waited, (unsigned long long)a.atomic);
	BT_CHECK(a.by_user == a.allocs, "of %llu are for processes %llu", (unsigned long long)a.allocs,
		 (unsigned long long)a.by_user);
	sum_asked(s->run.snap, pipe_functions, &a);
	BT_CHECK(a.allocs >= FDS, "%llu parts of pipes were seen", (unsigned long long)a.allocs);
	BT_CHECK(a.waited == a.allocs && !a.by_user, "of %llu may wait %llu, are not charged %llu",
		 (unsigned long long)a.allocs, (unsigned long long)a.waited, (unsigned long long)a.by_user);
	sum_asked(s->run.snap, signal_functions, &a);
	BT_CHECK(a.allocs >= FDS, "%llu signals were seen", (unsigned long long)a.allocs);
	BT_CHECK(a.atomic == a.allocs && !a.waited && !a.by_user, "of %llu signals %llu may not wait, %llu may",
		 (unsigned long long)a.allocs, (unsigned long long)a.atomic, (unsigned long long)a.waited);
	return BT_PASS;
}

/* ---- */

struct scenario {
	enum bt_result (*judge)(struct scene *s);
	struct drvmem_session_opts opts;
};

static enum bt_result used(void *arg)
{
	const struct scenario *k = arg;
	struct scene s = { .queue = -1 };
	enum bt_result r = begin(&s, &k->opts);

	if (r == BT_PASS)
		r = k->judge(&s);
	bt_stop(&s.run);
	bt_worker_stop(&s.w);
	bt_worker_stop(&s.other);
	drvmem_laps__fini(&s.laps);
	if (s.queue >= 0)
		msgctl(s.queue, IPC_RMID, NULL);
	return r;
}

/* Nobody asked: no figures, and no laps. */
static enum bt_result judge_unused(struct scene *s)
{
	BT_TRY(play(s, SMALL, 100));
	BT_TRY(lap(s));
	BT_TRY(bt_snap(&s->run));
	BT_CHECK(!s->run.snap->usage, "usage that nobody asked for");
	BT_CHECK(!s->laps.nr, "laps of %u sites that nobody asked for", s->laps.nr);
	return BT_PASS;
}

int main(void)
{
	static struct scenario sizes = { judge_sizes, { .use = true, .min_size = MIDDLE, .max_size = LARGE } },
		laps = { judge_laps, { .use = true, .min_size = MIDDLE, .max_size = LARGE } },
		strangers = { judge_strangers, { .use = true, .min_size = MIDDLE, .max_size = LARGE } },
		more = { judge_more_pairs, { .use = true, .min_size = MIDDLE, .max_size = LARGE } },
		pairs = { judge_pairs, { .use = true, .min_size = MIDDLE, .max_size = LARGE } },
		asked = { judge_asked, { .use = true } }, unused = { judge_unused, { .min_size = MIDDLE, .max_size = LARGE } };

	if (!msgq_namespace()) {
		printf("skip use - no IPC namespace of its own: %s\n", strerror(errno));
		return 0;
	}
	bt_case("sizes_and_peaks", used, &sizes);
	bt_case("peaks_by_laps", used, &laps);
	bt_case("what_comes_together", used, &pairs);
	bt_case("some_of_what_comes_together", used, &more);
	bt_case("what_does_not_come_together", used, &strangers);
	bt_case("who_asked", used, &asked);
	bt_case("not_asked_for", used, &unused);
	return bt_exit();
}
