// SPDX-License-Identifier: GPL-2.0-or-later
#include "workload.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "msgqueue.h"

#define SMALLEST_BURST 10u
#define MSG_OBJECT 128u

/* One process runs one workload: its state. */
static struct {
	int queue, sv[2], pipe[2];
	char path[64];
	uint64_t held;
} st = { .queue = -1, .sv = { -1, -1 }, .pipe = { -1, -1 } };

static char buf[4096];

static int64_t cpu_ns(void)
{
	struct rusage r[2];
	int64_t us = 0;
	int i;

	getrusage(RUSAGE_SELF, &r[0]);
	getrusage(RUSAGE_CHILDREN, &r[1]);
	for (i = 0; i < 2; i++)
		us += (r[i].ru_utime.tv_sec + r[i].ru_stime.tv_sec) * 1000000ll +
		      r[i].ru_utime.tv_usec + r[i].ru_stime.tv_usec;
	return us * 1000;
}

/* In bursts of a tenth of what is held: each burst takes new memory and gives back the oldest. */
static int64_t bursts(uint64_t n, int64_t (*send_n)(uint64_t), int64_t (*receive_n)(uint64_t))
{
	uint64_t size = st.held / 10 > SMALLEST_BURST ? st.held / 10 : SMALLEST_BURST, done, k;
	int64_t r = 0;

	for (done = 0; done < n && r >= 0; done += k) {
		k = n - done < size ? n - done : size;
		r = send_n(k);
		if (r >= 0)
			r = receive_n(k);
	}
	return r;
}

static int64_t fifo(int op, uint64_t n, int64_t (*send_n)(uint64_t), int64_t (*receive_n)(uint64_t))
{
	int64_t t0 = cpu_ns(), r;

	switch (op) {
	case BENCH_PREPARE:
		r = send_n(n);
		st.held = n;
		return r;
	case BENCH_RUN:
		r = bursts(n, send_n, receive_n);
		return r < 0 ? r : cpu_ns() - t0;
	default:
		r = receive_n(st.held);
		st.held = 0;
		return r;
	}
}

static int64_t msg_send(uint64_t n)
{
	return msgq_send(st.queue, MSG_OBJECT, n);
}

static int64_t msg_receive(uint64_t n)
{
	return msgq_receive(st.queue, n);
}

static int64_t work_msg(void *arg, int op, uint64_t n)
{
	(void)arg;
	if (st.queue < 0) {
		if (!msgq_namespace())
			return -errno;
		st.queue = msgq_new();
		if (st.queue < 0)
			return st.queue;
	}
	return fifo(op, n, msg_send, msg_receive);
}

static int make_pair(void)
{
	int size = 1 << 30;

	if (st.sv[0] >= 0)
		return 0;
	if (socketpair(AF_UNIX, SOCK_DGRAM, 0, st.sv) ||
	    setsockopt(st.sv[0], SOL_SOCKET, SO_SNDBUFFORCE, &size, sizeof(size)))
		return -errno;
	return 0;
}

static int64_t skb_send(uint64_t n)
{
	uint64_t i;

	for (i = 0; i < n; i++)
		if (send(st.sv[0], buf, 64, MSG_DONTWAIT) < 0)
			return -errno;
	return (int64_t)n;
}

static int64_t skb_receive(uint64_t n)
{
	uint64_t i;

	for (i = 0; i < n; i++)
		if (recv(st.sv[1], buf, 64, MSG_DONTWAIT) < 0)
			return -errno;
	return (int64_t)n;
}

static int64_t work_skb(void *arg, int op, uint64_t n)
{
	int r = make_pair();

	(void)arg;
	return r ? r : fifo(op, n, skb_send, skb_receive);
}

static int64_t run_eventfd(uint64_t n)
{
	uint64_t i;
	int fd;

	for (i = 0; i < n; i++) {
		fd = eventfd(0, EFD_CLOEXEC);
		if (fd < 0)
			return -errno;
		close(fd);
	}
	return 0;
}

static int64_t work_eventfd(void *arg, int op, uint64_t n)
{
	int64_t t0 = cpu_ns(), r;

	(void)arg;
	if (op != BENCH_RUN)
		return 0;
	r = run_eventfd(n);
	return r < 0 ? r : cpu_ns() - t0;
}

static int mix_file(void)
{
	int fd = open(st.path, O_RDWR | O_CREAT | O_CLOEXEC, 0600), bad;

	if (fd < 0)
		return -errno;
	bad = pwrite(fd, buf, sizeof(buf), 0) != (ssize_t)sizeof(buf);
	close(fd);
	return bad ? -EIO : 0;
}

static int mix_child(void)
{
	pid_t pid = vfork();

	if (!pid)
		_exit(0);
	return pid < 0 || waitpid(pid, NULL, 0) < 0 ? -errno : 0;
}

/* Something of everything: datagrams, a file, a pipe, epoll, now and then a child. */
static int mix_once(uint64_t i)
{
	int k, fd, r;

	for (k = 0; k < 8; k++)
		if (send(st.sv[0], buf, 200, 0) < 0 || recv(st.sv[1], buf, 200, 0) < 0)
			return -errno;
	r = mix_file();
	if (r)
		return r;
	if (write(st.pipe[1], buf, sizeof(buf)) < 0 || read(st.pipe[0], buf, sizeof(buf)) < 0)
		return -errno;
	fd = epoll_create1(EPOLL_CLOEXEC);
	if (fd < 0)
		return -errno;
	close(fd);
	return i % 16 ? 0 : mix_child();
}

static int64_t work_mix(void *arg, int op, uint64_t n)
{
	int64_t t0;
	uint64_t i;
	int r = make_pair();

	(void)arg;
	if (op == BENCH_PREPARE)
		return r ? r : fifo(op, n, skb_send, skb_receive);
	if (op == BENCH_RELEASE)
		return fifo(op, n, skb_send, skb_receive);
	if (!r && st.pipe[0] < 0 && pipe(st.pipe))
		r = -errno;
	snprintf(st.path, sizeof(st.path), "/dev/shm/drvmem-bench.%d", (int)getpid());
	t0 = cpu_ns();
	for (i = 0; i < n && !r; i++)
		r = mix_once(i);
	t0 = cpu_ns() - t0;
	unlink(st.path);
	return r ? r : t0;
}

#define PIPE_PAGES 16u

/* A pipe keeps two of the pages it has emptied. */
static int64_t work_pipe(void *arg, int op, uint64_t n)
{
	int64_t t0 = cpu_ns();
	uint64_t i, k;

	(void)arg;
	if (st.pipe[0] < 0 && pipe(st.pipe))
		return -errno;
	for (i = 0; op == BENCH_RUN && i < n; i++) {
		for (k = 0; k < PIPE_PAGES; k++)
			if (write(st.pipe[1], buf, sizeof(buf)) < 0)
				return -errno;
		for (k = 0; k < PIPE_PAGES; k++)
			if (read(st.pipe[0], buf, sizeof(buf)) < 0)
				return -errno;
	}
	return cpu_ns() - t0;
}

#define TOUCHED_PAGES 64u

static int64_t work_touch(void *arg, int op, uint64_t n)
{
	int64_t t0 = cpu_ns();
	uint64_t i, k;
	char *p;

	(void)arg;
	for (i = 0; op == BENCH_RUN && i < n; i++) {
		p = mmap(NULL, TOUCHED_PAGES * 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
		if (p == MAP_FAILED)
			return -errno;
		for (k = 0; k < TOUCHED_PAGES; k++)
			p[k * 4096] = 1;
		munmap(p, TOUCHED_PAGES * 4096);
	}
	return cpu_ns() - t0;
}

/* One write of a command: that many mappings, each ended at once. */
static int64_t work_dma(void *arg, int op, uint64_t n)
{
	int64_t t0 = cpu_ns();
	char text[64];
	int fd, len = snprintf(text, sizeof(text), "churn mappage %llu 4096", (unsigned long long)n);
	int64_t r = 0;

	(void)arg;
	if (op != BENCH_RUN || !n)
		return 0;
	fd = open(BENCH_TEST_DRIVER, O_WRONLY | O_CLOEXEC);
	if (fd < 0 || write(fd, text, (size_t)len) != len)
		r = -errno;
	if (fd >= 0)
		close(fd);
	return r ? r : cpu_ns() - t0;
}

const struct bench_work bench_works[] = {
	{ "msg", "System V messages: kmalloc, kfree", 1, 60000, 200000, work_msg },
	{ "skb", "AF_UNIX datagrams of 64 bytes: one event of each kind", 2, 30000, 100000,
	  work_skb },
	{ "mix", "datagrams, file, pipe, epoll, 1/16 vfork", 2, 1000, 3000, work_mix },
	{ "eventfd", "eventfd, close", 0, 30000, 100000, work_eventfd },
	{ "pipe", "16 pages into a pipe and out: pages that are tracked", 0, 1000, 5000, work_pipe },
	{ "touch", "64 pages of a process: pages that are not", 0, 500, 2000, work_touch },
	{ "dma", "mappings of the test driver, 4096 bytes each", 0, 10000, 50000, work_dma },
	{ NULL, NULL, 0, 0, 0, NULL },
};

const struct bench_work *bench_find(const char *name)
{
	const struct bench_work *w;

	for (w = bench_works; w->name; w++)
		if (!strcmp(w->name, name))
			return w;
	return NULL;
}
