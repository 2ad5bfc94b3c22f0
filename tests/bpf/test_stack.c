// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Sampled stacks of a site name the functions that led to it; full stacks have figures of
 * their own; our walk of stacks finds what the kernel's unwinder finds.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "harness.h"

#define N 3000u		/* more than 1024: the first 8 are sampled, then 1 in 1024 */

static int64_t datagrams(void *arg, int op, uint64_t n)
{
	static char buf[64];
	const int *sv = arg;
	uint64_t i;

	(void)op;
	for (i = 0; i < n; i++)
		if (send(sv[0], buf, sizeof(buf), 0) < 0 || recv(sv[1], buf, sizeof(buf), 0) < 0)
			return -errno;
	return (int64_t)n;
}

static bool names(const struct drvmem_stacksnap *k, const char *function)
{
	uint32_t i;

	for (i = 0; i < k->nr; i++)
		if (k->frame[i] && !strncmp(k->frame[i], function, strlen(function)))
			return true;
	return false;
}

static enum bt_result judge(const struct drvmem_snapshot *s)
{
	uint64_t found = 0, sampled = 0;
	uint32_t i;

	for (i = 0; i < s->nr_stacks; i++) {
		const struct drvmem_stacksnap *k = &s->stacks[i];

		BT_CHECK(k->site < s->nr_sites && k->nr <= DRVMEM_STACK_DEPTH,
			 "stack %u is malformed", i);
		if (!names(k, "unix_dgram_sendmsg"))
			continue;
		found++;
		sampled += k->count;
		BT_CHECK(s->sites[k->site].c.allocs >= k->count, "more samples than allocations");
		BT_CHECK(k->ip[0] == s->sites[k->site].call_site,
			 "a stack does not begin at its site");
	}
	bt_note("%u stacks, %llu of datagrams, sampled %llu times", s->nr_stacks,
		(unsigned long long)found, (unsigned long long)sampled);
	BT_CHECK(found, "none of %u stacks names unix_dgram_sendmsg", s->nr_stacks);
	/* 8 and then 2 of the rest at each site, on each CPU */
	BT_CHECK(sampled >= 10, "%llu samples", (unsigned long long)sampled);
	return BT_PASS;
}

static enum bt_result stack(void *arg)
{
	const bool *on = arg;
	struct drvmem_session_opts opts = {
		.track_max = 100000, .stacks = *on ? DRVMEM_STACKS_SAMPLED : DRVMEM_STACKS_NONE,
	};
	_cleanup_worker_ struct bt_worker w = {};
	_cleanup_bt_ struct bt_run run = {};
	int sv[2], cpu[2];
	enum bt_result r;
	int64_t n;

	BT_CHECK(!socketpair(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0, sv), "socketpair: %s",
		 strerror(errno));
	bt_worker_start(&w, bt_two_cpus(cpu) ? cpu[0] : -1, datagrams, sv);
	close(sv[0]);
	close(sv[1]);
	r = bt_start(&run, &opts);
	if (r != BT_PASS)
		return r;
	n = bt_worker_do(&w, 0, N);
	BT_CHECK(n == N, "datagrams: %s", strerror((int)-n));
	r = bt_snap(&run);
	if (r != BT_PASS)
		return r;
	if (!*on) {
		BT_CHECK(!run.snap->nr_stacks, "%u stacks, and none was asked for",
			 run.snap->nr_stacks);
		return BT_PASS;
	}
	if (run.snap->meta.symbols_hidden)
		return bt_skip("kernel symbols are hidden");
	return judge(run.snap);
}

enum how { BY_SENDTO, BY_WRITE };

/* Holds n datagrams: two ways into one function. */
static int64_t held(void *arg, int op, uint64_t n)
{
	static char buf[64];
	const int *sv = arg;
	uint64_t i;

	for (i = 0; i < n; i++)
		if ((op == BY_SENDTO ? send(sv[0], buf, sizeof(buf), MSG_DONTWAIT) :
				       write(sv[0], buf, sizeof(buf))) < 0)
			return -errno;
	return (int64_t)n;
}

static bool has_frame(const struct drvmem_snapshot *s, uint32_t site, const char *function)
{
	uint32_t i;

	for (i = 0; i < s->nr_stacks; i++)
		if (s->stacks[i].site == site && names(&s->stacks[i], function))
			return true;
	return false;
}

/* Allocated by __alloc_skb itself, not by the allocator on its way (alloc_slab_obj_exts). */
static bool of_alloc_skb(const struct drvmem_sitesnap *t)
{
	return t->site && (!strncmp(t->site, "__alloc_skb", 11) ||
			   !strncmp(t->site, "kmalloc_reserve", 15));
}

/* Live objects of datagrams whose stack goes through this function. */
static int64_t live_below(const struct drvmem_snapshot *s, const char *function)
{
	int64_t n = 0;
	uint32_t i;

	for (i = 0; i < s->nr_sites; i++)
		if (of_alloc_skb(&s->sites[i]) && has_frame(s, i, "unix_dgram_sendmsg") &&
		    has_frame(s, i, function))
			n += s->sites[i].c.live_objects;
	return n;
}

static enum bt_result judge_full(const struct drvmem_snapshot *s, int64_t k, bool verify)
{
	const struct drvmem_walks *w = &s->walks;

	bt_note("%u stacks, %llu walks, %llu by the kernel's unwinder after all, %llu compared",
		s->nr_stacks, (unsigned long long)w->n, (unsigned long long)w->fallback,
		(unsigned long long)w->checked);
	BT_CHECK(!w->mismatch, "%llu walks differ from the kernel's", (unsigned long long)w->mismatch);
	BT_CHECK(w->n >= 6 * (uint64_t)k, "only %llu walks", (unsigned long long)w->n);
	BT_CHECK(!w->own || w->fallback * 100 <= w->n, "too many walks left to the kernel");
	/* on each CPU one may be between the two counts at the moment that they are read */
	BT_CHECK(!verify || !w->own || (w->checked + w->untold <= w->n - w->fallback &&
					w->checked + w->untold + s->meta.nr_cpus >= w->n - w->fallback),
		 "not all were compared");
	if (s->meta.symbols_hidden)
		return bt_skip("kernel symbols are hidden");
	/* the head and the data of each */
	BT_CHECK(live_below(s, "__sys_sendto") == 2 * k, "send: %lld objects, %lld held",
		 (long long)live_below(s, "__sys_sendto"), 2 * (long long)k);
	BT_CHECK(live_below(s, "vfs_write") == 4 * k, "write: %lld objects, %lld held",
		 (long long)live_below(s, "vfs_write"), 4 * (long long)k);
	return BT_PASS;
}

/* K datagrams by one stack and 2 K by another: each stack has its own. */
static enum bt_result full(void *arg)
{
	const int *walk = arg;
	struct drvmem_session_opts opts = {
		.track_max = 100000, .stacks = DRVMEM_STACKS_FULL, .walk = *walk,
	};
	int sv[2], cpu[2], size = 1 << 24;
	_cleanup_worker_ struct bt_worker w = {};
	_cleanup_bt_ struct bt_run run = {};
	const int64_t k = 70;
	enum bt_result r;

	BT_CHECK(!socketpair(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0, sv), "socketpair: %s",
		 strerror(errno));
	BT_CHECK(!setsockopt(sv[0], SOL_SOCKET, SO_SNDBUFFORCE, &size, sizeof(size)), "SO_SNDBUFFORCE");
	bt_worker_start(&w, bt_two_cpus(cpu) ? cpu[0] : -1, held, sv);
	close(sv[0]);
	r = bt_start(&run, &opts);
	if (r == BT_PASS && (bt_worker_do(&w, BY_SENDTO, (uint64_t)k) != k ||
			     bt_worker_do(&w, BY_WRITE, 2 * (uint64_t)k) != 2 * k))
		r = bt_fail("datagrams: not all were held");
	if (r == BT_PASS)
		r = bt_snap(&run);
	if (r == BT_PASS)
		r = bt_loss(&run);
	close(sv[1]);
	return r == BT_PASS ? judge_full(run.snap, k, *walk == DRVMEM_WALK_VERIFY) : r;
}

int main(void)
{
	static int walk_auto = DRVMEM_WALK_AUTO, walk_kernel = DRVMEM_WALK_KERNEL,
		   walk_verify = DRVMEM_WALK_VERIFY;

	static bool on = true, off;

	bt_case("stack_names_unix_dgram_sendmsg", stack, &on);
	bt_case("stack_none_unless_asked_for", stack, &off);
	bt_case("full_stacks_are_exact", full, &walk_auto);
	bt_case("full_stacks_by_the_kernel_are_the_same", full, &walk_kernel);
	bt_case("full_stacks_each_walk_compared", full, &walk_verify);
	return bt_exit();
}
