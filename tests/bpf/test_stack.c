// SPDX-License-Identifier: GPL-2.0-or-later
/* Sampled stacks of a site name the functions that led to it. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

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
	struct drvmem_session_opts opts = { .track_max = 100000, .stacks = *on };
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

int main(void)
{
	static bool on = true, off;

	bt_case("stack_names_unix_dgram_sendmsg", stack, &on);
	bt_case("stack_none_unless_asked_for", stack, &off);
	return bt_exit();
}
