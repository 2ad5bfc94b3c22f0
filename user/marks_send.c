// SPDX-License-Identifier: GPL-2.0-or-later
/* The other side of marks.h: finds the session, sends the signal, waits for the mark. */
#include "marks.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "marks_shared.h"

#define ANSWER_NS	10000000000ull	/* a session looks 50 times a second, but may be reading something long */
#define STEP_MS		2

/* The shared file among a process's open ones, or -1: none, gone, or not ours to look at. */
static int open_shared(pid_t pid)
{
	_cleanup_closedir_ DIR *d = NULL;
	char path[64], target[64];
	const struct dirent *f;
	ssize_t n;

	snprintf(path, sizeof(path), "/proc/%d/fd", (int)pid);
	d = opendir(path);
	while (d && (f = readdir(d))) {
		n = readlinkat(dirfd(d), f->d_name, target, sizeof(target) - 1);
		if (n < 0)
			continue;
		target[n] = '\0';
		if (!strcmp(target, "/memfd:" DRVMEM_MARKS_NAME " (deleted)"))
			return openat(dirfd(d), f->d_name, O_RDWR | O_CLOEXEC);
	}
	return -1;
}

static int no_session(pid_t pid, struct drvmem_err *err)
{
	if (pid)
		drvmem_err__set(err, -ESRCH, DRVMEM_EXIT_USAGE, "process %d is no session of drvmem that takes marks",
				(int)pid);
	else
		drvmem_err__set(err, -ESRCH, DRVMEM_EXIT_USAGE, "no session of drvmem takes marks");
	drvmem_err__remedy(err, "start one: drvmem leaks --marks, or drvmem record; its user, or root, may mark it");
	return -ESRCH;
}

/* The only process with a session that takes marks. */
static int find_session(pid_t *ret, struct drvmem_err *err)
{
	_cleanup_closedir_ DIR *d = opendir("/proc");
	const struct dirent *e;
	pid_t pid, found = 0;
	int fd;

	while (d && (e = readdir(d))) {
		pid = (pid_t)atoi(e->d_name);
		if (pid <= 0 || pid == getpid() || (fd = open_shared(pid)) < 0)
			continue;
		close(fd);
		if (found) {
			drvmem_err__set(err, -ENOTUNIQ, DRVMEM_EXIT_USAGE, "several sessions take marks: processes %d, %d",
					(int)found, (int)pid);
			drvmem_err__remedy(err, "name one: drvmem mark %d", (int)found);
			return -ENOTUNIQ;
		}
		found = pid;
	}
	*ret = found;
	return found ? 0 : no_session(0, err);
}

static int wait_for(int process, const struct drvmem_marks_shared *s, uint32_t before, struct drvmem_err *err)
{
	uint64_t start = drvmem_now_ns();
	struct pollfd fd = { .fd = process, .events = POLLIN };

	while (__atomic_load_n(&s->taken, __ATOMIC_ACQUIRE) == before) {
		if (poll(&fd, 1, STEP_MS) > 0 && __atomic_load_n(&s->taken, __ATOMIC_ACQUIRE) == before)
			return drvmem_err__set(err, -ESRCH, DRVMEM_EXIT_INTERNAL, "the session ended before it took the mark");
		if (drvmem_now_ns() - start > ANSWER_NS)
			return drvmem_err__set(err, -ETIMEDOUT, DRVMEM_EXIT_INTERNAL,
					       "the session has not taken the mark in 10 s");
	}
	return 0;
}

static int send_mark(int process, struct drvmem_marks_shared *s, const char *text, uint32_t *ret,
		     struct drvmem_err *err)
{
	uint32_t before = __atomic_load_n(&s->taken, __ATOMIC_ACQUIRE);
	int e;

	if (__atomic_load_n(&s->magic, __ATOMIC_ACQUIRE) != DRVMEM_MARKS_MAGIC)
		return drvmem_err__set(err, -EPROTO, DRVMEM_EXIT_USAGE, "the session is of another version of drvmem");
	if (before >= s->wanted) {
		drvmem_err__set(err, -EALREADY, DRVMEM_EXIT_USAGE, "the session has all its marks");
		drvmem_err__remedy(err, "its window has ended: start another session");
		return -EALREADY;
	}
	snprintf(s->text, sizeof(s->text), "%s", text ? text : "");
	__atomic_store_n(&s->text_of, text ? before + 1 : 0, __ATOMIC_RELEASE);
	if (syscall(SYS_pidfd_send_signal, process, SIGUSR1, NULL, 0))
		return drvmem_err__set(err, -errno, DRVMEM_EXIT_INTERNAL, "cannot send SIGUSR1 (%s)",
				       drvmem_errno_name(errno));
	e = wait_for(process, s, before, err);
	if (!e)
		*ret = before + 1;
	return e;
}

/* It has just been made where there is nothing in it yet. */
static bool is_ready(int fd)
{
	struct drvmem_marks_shared s;

	return pread(fd, &s, sizeof(s), 0) == (ssize_t)sizeof(s) && s.magic;
}

static int open_session(pid_t pid, int *ret_process, int *ret_fd, struct drvmem_err *err)
{
	_cleanup_close_ int process = -1, fd = -1;
	int e = pid ? 0 : find_session(&pid, err);

	if (e)
		return e;
	/* first: then neither of them can be another process's */
	process = (int)syscall(SYS_pidfd_open, pid, 0);
	fd = process < 0 ? -1 : open_shared(pid);
	if (fd < 0 || !is_ready(fd))
		return no_session(pid, err);
	*ret_process = drvmem_steal_fd(&process);
	*ret_fd = drvmem_steal_fd(&fd);
	return 0;
}

int drvmem_marks__send(pid_t pid, const char *text, uint64_t timeout_ns, uint32_t *ret, struct drvmem_err *err)
{
	const struct timespec step = { .tv_nsec = 10000000 };
	_cleanup_close_ int process = -1, fd = -1;
	struct drvmem_marks_shared *s;
	uint64_t start = drvmem_now_ns();
	int e;

	while ((e = open_session(pid, &process, &fd, err)) == -ESRCH && drvmem_now_ns() - start < timeout_ns)
		nanosleep(&step, NULL);
	if (e)
		return e;
	/* one mark at a time: each waits until its own is taken */
	s = flock(fd, LOCK_EX) ? MAP_FAILED : mmap(NULL, sizeof(*s), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (s == MAP_FAILED)
		return drvmem_err__set(err, -errno, DRVMEM_EXIT_INTERNAL, "cannot read the session's marks (%s)",
				       drvmem_errno_name(errno));
	e = send_mark(process, s, text, ret, err);
	munmap(s, sizeof(*s));
	return e;
}
