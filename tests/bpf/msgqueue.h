/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * System V messages as objects of a chosen size: a message of n bytes is one kmalloc of
 * exactly MSGQ_HEADER + n bytes (ipc/msgutil.c: alloc_msg, 64-bit), cheap enough to hold a
 * million. In an own IPC namespace: nothing of the host changes, and the queues end with it.
 */
#ifndef DRVMEM_TESTS_BPF_MSGQUEUE_H
#define DRVMEM_TESTS_BPF_MSGQUEUE_H

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/ipc.h>
#include <sys/msg.h>

#define MSGQ_HEADER 48u		/* sizeof(struct msg_msg) */
#define MSGQ_MAX_BYTES 2048u

struct msgq_text {
	long type;
	char data[MSGQ_MAX_BYTES];
};

/*
 * Messages of all processes come from the same call sites: of two tests that count them, also of two
 * runs of one, one waits until the other has ended.
 */
#define MSGQ_LOCK "/tmp/drvmem-test-messages.lock"

/*
 * Once in a process, before the first queue: queues that it makes have no limit that
 * matters. The sysctl is that of the namespace. False, errno set, when it cannot be had.
 */
static inline bool msgq_namespace(void)
{
	FILE *f;
	int bad, lock = open(MSGQ_LOCK, O_RDWR | O_CREAT | O_CLOEXEC, 0600);	/* kept until the process ends */

	if (lock < 0 || flock(lock, LOCK_EX))
		return false;
	if (unshare(CLONE_NEWIPC))
		return false;
	f = fopen("/proc/sys/kernel/msgmnb", "we");
	if (!f)
		return false;
	bad = fprintf(f, "%u", 1u << 30) < 0;
	return !(fclose(f) || bad);
}

/* Its id, or -errno. */
static inline int msgq_new(void)
{
	int id = msgget(IPC_PRIVATE, 0600);

	return id < 0 ? -errno : id;
}

/* object_bytes: what the kernel allocates for one message. Messages sent, or -errno. */
static inline int64_t msgq_send(int id, uint32_t object_bytes, uint64_t n)
{
	static struct msgq_text m = { .type = 1 };
	uint64_t i;

	for (i = 0; i < n; i++)
		if (msgsnd(id, &m, object_bytes - MSGQ_HEADER, 0))
			return -errno;
	return (int64_t)n;
}

/* The n oldest, waiting for them. */
static inline int64_t msgq_receive(int id, uint64_t n)
{
	static struct msgq_text m;
	uint64_t i;

	for (i = 0; i < n; i++)
		if (msgrcv(id, &m, sizeof(m.data), 0, 0) < 0)
			return -errno;
	return (int64_t)n;
}

#endif /* DRVMEM_TESTS_BPF_MSGQUEUE_H */
