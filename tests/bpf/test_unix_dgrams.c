// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * AF_UNIX datagrams held: K and 2K of them are exactly K apart. Their linear data is of a
 * size (more than 8 KiB, at most 16) that no other skb of this machine has.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "harness.h"

#define PAYLOAD 9000u
#define DATA_MIN 8193u	/* the kernel asks for PAYLOAD and its overhead, 6.2 and later rounded up */
#define DATA_MAX 16384u
#define K 700u

enum { SEND, RECEIVE };

/* Whom the tracepoint names for the data of an skb, by kernel. */
static const char *const skb_functions[] = {
	"__alloc_skb", "kmalloc_reserve", "alloc_skb_with_frags", "sock_alloc_send_pskb", NULL,
};

/* arg: the two ends; peers of each other have no queue limit, only a buffer limit */
static int64_t datagrams(void *arg, int op, uint64_t n)
{
	static char buf[PAYLOAD];
	const int *end = arg;
	uint64_t i;
	ssize_t r;

	for (i = 0; i < n; i++) {
		if (op == SEND)
			r = send(end[0], buf, sizeof(buf), MSG_DONTWAIT);
		else
			r = recv(end[1], buf, sizeof(buf), MSG_DONTWAIT);
		if (r < 0)
			return -errno;
	}
	return (int64_t)n;
}

static enum bt_result make_pair(int sv[2])
{
	int size = 256 << 20;

	BT_CHECK(!socketpair(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0, sv), "socketpair: %s",
		 strerror(errno));
	if (!setsockopt(sv[0], SOL_SOCKET, SO_SNDBUFFORCE, &size, sizeof(size)))
		return BT_PASS;
	if (errno == EPERM)
		return bt_skip("CAP_NET_ADMIN is missing: send buffers cannot grow");
	return bt_fail("SO_SNDBUFFORCE: %s", strerror(errno));
}

static enum bt_result measure(struct bt_run *r, struct bt_sum *ret)
{
	static const struct bt_want want = { .functions = skb_functions };
	enum bt_result res = bt_snap(r);

	if (res == BT_PASS)
		bt_sum(r->snap, &want, ret);
	return res;
}

/* Differences of live objects and bytes, after the run is known to be without loss. */
static enum bt_result judge(const struct bt_sum s[4])
{
	uint32_t asked = s[1].asked_max;
	int i;

	BT_CHECK(s[1].in_table, "no object of %u..%u bytes was seen", DATA_MIN, DATA_MAX);
	for (i = 1; i < 3; i++) {
		BT_CHECK(s[i].asked_min == asked && s[i].asked_max == asked,
			 "sizes %u..%u where one was expected", s[i].asked_min, s[i].asked_max);
		BT_CHECK(s[i].live - s[i - 1].live == K, "%lld more objects, not %u",
			 (long long)(s[i].live - s[i - 1].live), K);
		BT_CHECK(s[i].in_table - s[i - 1].in_table == K, "%lld more in the table, not %u",
			 (long long)(s[i].in_table - s[i - 1].in_table), K);
		BT_CHECK(s[i].bytes - s[i - 1].bytes == (int64_t)K * asked,
			 "%lld more bytes, not %u of %u", (long long)(s[i].bytes - s[i - 1].bytes),
			 K,
			 asked);
	}
	BT_CHECK(s[3].live == s[0].live && s[3].bytes == s[0].bytes &&
		 s[3].in_table == s[0].in_table,
		 "%lld objects left (%lld bytes, %lld in the table) after all were received",
		 (long long)(s[3].live - s[0].live), (long long)(s[3].bytes - s[0].bytes),
		 (long long)(s[3].in_table - s[0].in_table));
	return BT_PASS;
}

static enum bt_result hold_and_receive(struct bt_run *run, const struct bt_worker *sender,
				       const struct bt_worker *receiver)
{
	const struct { const struct bt_worker *w; int op; uint64_t n; } step[4] = {
		{ sender, SEND, 0 }, { sender, SEND, K }, { sender, SEND, K },
		{ receiver, RECEIVE, 2 * K },
	};
	struct bt_sum s[4];
	enum bt_result r;
	int64_t done;
	int i;

	for (i = 0; i < 4; i++) {
		done = bt_worker_do(step[i].w, step[i].op, step[i].n);
		BT_CHECK(done == (int64_t)step[i].n, "step %d: %s", i, strerror((int)-done));
		r = measure(run, &s[i]);
		if (r != BT_PASS)
			return r;
	}
	r = bt_loss(run);
	return r == BT_PASS ? judge(s) : r;
}

/* arg: CPUs of the sender and of the receiver, or NULL = one process, anywhere */
static enum bt_result run_once(void *arg)
{
	static const struct drvmem_session_opts opts = {
		.min_size = DATA_MIN, .max_size = DATA_MAX, .track_max = 100000,
	};
	const int *cpu = arg;
	_cleanup_worker_ struct bt_worker a = {}, b = {};
	_cleanup_bt_ struct bt_run run = {};
	int sv[2] = { -1, -1 };
	enum bt_result r = make_pair(sv);

	if (r == BT_PASS) {
		bt_worker_start(&a, cpu ? cpu[0] : -1, datagrams, sv);
		bt_worker_start(&b, cpu ? cpu[1] : -1, datagrams, sv);
		r = bt_start(&run, &opts);
	}
	if (r == BT_PASS)
		r = hold_and_receive(&run, &a, cpu ? &b : &a);
	if (sv[0] >= 0) {
		close(sv[0]);
		close(sv[1]);
	}
	return r;
}

static enum bt_result skip_one_cpu(void *arg)
{
	(void)arg;
	return bt_skip("this process may use one CPU only");
}

int main(void)
{
	int cpu[2], back[2];

	bt_case("unix_dgrams_same_process", run_once, NULL);
	if (bt_two_cpus(cpu)) {
		back[0] = cpu[1];
		back[1] = cpu[0];
		bt_case("unix_dgrams_freed_on_another_cpu", run_once, cpu);
		bt_case("unix_dgrams_freed_on_another_cpu_back", run_once, back);
	} else {
		bt_case("unix_dgrams_freed_on_another_cpu", skip_one_cpu, NULL);
	}
	return bt_exit();
}
