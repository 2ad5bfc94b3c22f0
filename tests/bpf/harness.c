// SPDX-License-Identifier: GPL-2.0-or-later
#include "harness.h"

#include <errno.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/cleanup.h"

#define RUNS 4	/* one, and at most three repeats of a run that lost events */

static char why[512];
static int nr_failed;

static void set_why(const char *fmt, va_list ap)
{
	vsnprintf(why, sizeof(why), fmt, ap);
}

enum bt_result bt_fail(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	set_why(fmt, ap);
	va_end(ap);
	return BT_FAIL;
}

enum bt_result bt_skip(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	set_why(fmt, ap);
	va_end(ap);
	return BT_SKIP;
}

void bt_note(const char *fmt, ...)
{
	va_list ap;

	printf("# ");
	va_start(ap, fmt);
	vprintf(fmt, ap);
	va_end(ap);
	printf("\n");
	fflush(stdout);
}

void bt_case(const char *name, enum bt_result (*fn)(void *arg), void *arg)
{
	enum bt_result r = BT_LOSS;
	int i;

	for (i = 0; i < RUNS && r == BT_LOSS; i++) {
		why[0] = 0;
		r = fn(arg);
		if (r == BT_LOSS)
			bt_note("%s: run %d lost events (%s)", name, i + 1, why);
	}
	if (r == BT_PASS) {
		printf("ok %s\n", name);
	} else if (r == BT_SKIP) {
		printf("skip %s - %s\n", name, why);
	} else {
		printf("not ok %s - %s\n", name, why);
		nr_failed++;
	}
	fflush(stdout);
}

int bt_exit(void)
{
	return nr_failed ? 1 : 0;
}

enum bt_result bt_start(struct bt_run *r, const struct drvmem_session_opts *o)
{
	struct drvmem_err err = {};

	memset(r, 0, sizeof(*r));
	r->t = drvmem_trace__new(o, &err);
	if (!r->t || drvmem_trace__start(r->t, &err)) {
		if (err.exit == DRVMEM_EXIT_CANNOT_RUN &&
		    (err.code == -EPERM || err.code == -EACCES))
			return bt_skip("%s", err.what);
		return bt_fail("%s", err.what);
	}
	drvmem_trace__activate(r->t, true);
	return BT_PASS;
}

enum bt_result bt_snap(struct bt_run *r)
{
	struct drvmem_err err = {};
	struct drvmem_snapshot *s;

	if (drvmem_trace__snapshot(r->t, true, &s, &err))
		return bt_fail("%s", err.what);
	drvmem_snapshot__free(r->snap);
	r->snap = s;
	return BT_PASS;
}

enum bt_result bt_loss(const struct bt_run *r)
{
	const struct drvmem_loss *l = &r->snap->loss;

	if (!drvmem_loss__total(l))
		return BT_PASS;
	bt_fail("loss: recursion %llu, nest %llu, table %llu, insert %llu, stack %llu, bulk %llu",
		(unsigned long long)l->recursion_misses.v, (unsigned long long)l->nest_refused,
		(unsigned long long)l->table_full, (unsigned long long)l->insert_failed,
		(unsigned long long)l->stack_missing, (unsigned long long)l->bulk_truncated);
	return BT_LOSS;
}

void bt_stop(struct bt_run *r)
{
	drvmem_snapshot__free(r->snap);
	drvmem_trace__free(r->t);
	memset(r, 0, sizeof(*r));
}

/* "unix_create1+0x5d/..." is of unix_create1; what gcc appends (.isra.0, .part.0) is no part. */
static bool is_function(const char *site, const char *function)
{
	size_t n = strlen(function);

	return site && !strncmp(site, function, n) && (site[n] == '+' || site[n] == '.' ||
						       !site[n]);
}

static bool matches(const struct drvmem_snapshot *s, const struct drvmem_sitesnap *x,
		    const struct bt_want *w)
{
	const char *const *f;

	if (w->owner && strcmp(s->instances[x->owner].name, w->owner))
		return false;
	if (w->cache && (!s->caches[x->cache].name || strcmp(s->caches[x->cache].name, w->cache)))
		return false;
	for (f = w->functions; f && *f; f++)
		if (is_function(x->site, *f))
			return true;
	return !w->functions;
}

void bt_sum(const struct drvmem_snapshot *s, const struct bt_want *w, struct bt_sum *ret)
{
	struct bt_sum sum = { .asked_min = UINT32_MAX };
	uint32_t i, j;

	for (i = 0; i < s->nr_sites; i++) {
		const struct drvmem_sitesnap *x = &s->sites[i];

		if (!matches(s, x, w))
			continue;
		sum.sites++;
		sum.allocs += x->c.allocs;
		sum.frees += x->c.frees;
		sum.inferred += x->c.inferred;
		sum.live += x->c.live_objects;
		sum.bytes += x->c.live_bytes;
		sum.in_table += x->nr_objects;
		sum.sampled_allocs += x->c.sampled_allocs;
		sum.sampled_frees += x->c.sampled_frees;
		sum.allocs_var += x->c.allocs_var;
		sum.live_var += drvmem_counts__live_var(&x->c);
		sum.bytes_var += drvmem_counts__live_bytes_var(&x->c);
		for (j = x->first_object; j < x->first_object + x->nr_objects; j++) {
			if (s->objects[j].asked < sum.asked_min)
				sum.asked_min = s->objects[j].asked;
			if (s->objects[j].asked > sum.asked_max)
				sum.asked_max = s->objects[j].asked;
		}
	}
	*ret = sum;
}

struct command {
	int op;
	uint64_t n;
};

void bt_pin(int cpu)
{
	cpu_set_t set;

	if (cpu < 0)
		return;
	CPU_ZERO(&set);
	CPU_SET((size_t)cpu, &set);
	if (sched_setaffinity(0, sizeof(set), &set))
		_exit(126);
}

static void work(int in, int out, bt_work_fn fn, void *arg)
{
	struct command c;
	int64_t r;

	while (read(in, &c, sizeof(c)) == (ssize_t)sizeof(c)) {
		r = fn(arg, c.op, c.n);
		if (write(out, &r, sizeof(r)) != (ssize_t)sizeof(r))
			break;
	}
	_exit(0);
}

void bt_worker_start(struct bt_worker *w, int cpu, bt_work_fn fn, void *arg)
{
	int to[2], from[2];

	fflush(stdout);
	if (pipe(to) || pipe(from)) {
		perror("pipe");
		exit(99);
	}
	w->pid = fork();
	if (w->pid < 0) {
		perror("fork");
		exit(99);
	}
	if (!w->pid) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		close(to[1]);
		close(from[0]);
		bt_pin(cpu);
		work(to[0], from[1], fn, arg);
	}
	close(to[0]);
	close(from[1]);
	w->to = to[1];
	w->from = from[0];
}

void bt_worker_send(const struct bt_worker *w, int op, uint64_t n)
{
	struct command c;

	memset(&c, 0, sizeof(c));
	c.op = op;
	c.n = n;
	if (write(w->to, &c, sizeof(c)) != (ssize_t)sizeof(c))
		bt_note("a worker is gone");
}

int64_t bt_worker_wait(const struct bt_worker *w)
{
	int64_t r;

	return read(w->from, &r, sizeof(r)) == (ssize_t)sizeof(r) ? r : -EPIPE;
}

int64_t bt_worker_do(const struct bt_worker *w, int op, uint64_t n)
{
	bt_worker_send(w, op, n);
	return bt_worker_wait(w);
}

void bt_worker_stop(struct bt_worker *w)
{
	if (w->pid <= 0)
		return;
	close(w->to);
	close(w->from);
	kill(w->pid, SIGKILL);
	waitpid(w->pid, NULL, 0);
	w->pid = 0;
}

bool bt_two_cpus(int ret_cpu[2])
{
	cpu_set_t set;
	int i, n = 0;

	CPU_ZERO(&set);
	if (sched_getaffinity(0, sizeof(set), &set))
		return false;
	for (i = 0; i < CPU_SETSIZE && n < 2; i++)
		if (CPU_ISSET((size_t)i, &set))
			ret_cpu[n++] = i;
	return n == 2;
}

uint64_t bt_now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

bool bt_until(bool (*cond)(void *arg), void *arg, unsigned int seconds)
{
	uint64_t end = bt_now_ns() + seconds * 1000000000ull;

	while (!cond(arg)) {
		if (bt_now_ns() > end)
			return false;
		poll(NULL, 0, 10);
	}
	return true;
}
