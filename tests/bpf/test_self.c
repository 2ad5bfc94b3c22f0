// SPDX-License-Identifier: GPL-2.0-or-later
/* drvmem's own allocations are owner `drvmem`; those of its children are not. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "harness.h"

#define N 300

enum { OPEN, CLOSE };

static int64_t files(void *arg, int op, uint64_t n)
{
	int *fd = arg;
	uint64_t i;

	for (i = 0; i < n; i++) {
		if (op == CLOSE) {
			close(fd[i]);
			continue;
		}
		fd[i] = open("/dev/null", O_RDONLY | O_CLOEXEC);
		if (fd[i] < 0)
			return -errno;
	}
	return (int64_t)n;
}

static enum bt_result measure(struct bt_run *run, struct bt_sum *own, struct bt_sum *kernel)
{
	static const struct bt_want of_drvmem = { .owner = "drvmem", .cache = "filp" };
	static const struct bt_want of_kernel = { .owner = "kernel", .cache = "filp" };
	enum bt_result r = bt_snap(run);

	if (r == BT_PASS) {
		bt_sum(run->snap, &of_drvmem, own);
		bt_sum(run->snap, &of_kernel, kernel);
	}
	return r;
}

/* A snapshot itself opens files and closes them again: live is what it leaves. */
static enum bt_result own(struct bt_run *run)
{
	struct bt_sum a, b, c, k;
	int fd[N];
	int64_t n;
	enum bt_result r = measure(run, &a, &k);

	if (r != BT_PASS)
		return r;
	n = files(fd, OPEN, N);
	BT_CHECK(n == N, "open: %s", strerror((int)-n));
	r = measure(run, &b, &k);
	files(fd, CLOSE, N);
	if (r == BT_PASS)
		r = measure(run, &c, &k);
	if (r == BT_PASS)
		r = bt_loss(run);
	if (r != BT_PASS)
		return r;
	BT_CHECK(b.live - a.live == N, "%lld more files under drvmem, not %d",
		 (long long)(b.live - a.live), N);
	BT_CHECK(c.frees - b.frees >= N, "%llu frees seen of %d files",
		 (unsigned long long)(c.frees - b.frees), N);
	return BT_PASS;
}

static enum bt_result childs(struct bt_run *run)
{
	static int fd[N];
	_cleanup_worker_ struct bt_worker w = {};
	struct bt_sum a, b, ka, kb;
	enum bt_result r;
	int64_t n;

	bt_worker_start(&w, -1, files, fd);
	bt_worker_do(&w, OPEN, 0);
	r = measure(run, &a, &ka);
	if (r != BT_PASS)
		return r;
	n = bt_worker_do(&w, OPEN, N);
	BT_CHECK(n == N, "open: %s", strerror((int)-n));
	r = measure(run, &b, &kb);
	if (r == BT_PASS)
		r = bt_loss(run);
	if (r != BT_PASS)
		return r;
	BT_CHECK(b.live == a.live, "%lld of a child's files under drvmem",
		 (long long)(b.live - a.live));
	/* others open files, too */
	BT_CHECK(kb.allocs - ka.allocs >= N, "%llu files under kernel, not at least %d",
		 (unsigned long long)(kb.allocs - ka.allocs), N);
	return BT_PASS;
}

static enum bt_result with_session(void *arg)
{
	static const struct drvmem_session_opts opts = { .track_max = 200000 };
	enum bt_result (*const *fn)(struct bt_run *) = arg;
	_cleanup_bt_ struct bt_run run = {};
	enum bt_result r = bt_start(&run, &opts);

	return r == BT_PASS ? (*fn)(&run) : r;
}

int main(void)
{
	enum bt_result (*fn[])(struct bt_run *) = { own, childs };

	bt_case("self_is_owner_drvmem", with_session, &fn[0]);
	bt_case("self_a_child_is_not", with_session, &fn[1]);
	return bt_exit();
}
