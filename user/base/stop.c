// SPDX-License-Identifier: GPL-2.0-or-later
#ifndef _GNU_SOURCE
#define _GNU_SOURCE	/* ppoll */
#endif
#include "base/stop.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stddef.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"

#define NS_PER_S 1000000000ull

/*
 * The event fd wakes a wait that began just after the flag was tested; without
 * it a signal in that gap would be slept through.
 */
static volatile sig_atomic_t stop_signal;
static int stop_fd = -1;
static volatile sig_atomic_t marks, reloads;
static void (*volatile at_end)(void);

static void on_signal(int sig)
{
	uint64_t one = 1;
	int saved = errno;
	ssize_t n;

	if (stop_signal && at_end)
		at_end();
	if (stop_signal)
		_exit(128 + sig);
	stop_signal = sig;
	n = write(stop_fd, &one, sizeof(one));
	(void)n;	/* cannot fail with a fresh counter, and there is nobody to tell */
	errno = saved;
}

static void on_mark(int sig)
{
	(void)sig;
	marks++;
}

static void on_reload(int sig)
{
	(void)sig;
	reloads++;
}

/* A mark must not end a write: poll() returns all the same. */
static int set_handler(int sig, void (*handler)(int))
{
	struct sigaction sa = { .sa_handler = handler, .sa_flags = sig == SIGUSR1 || sig == SIGHUP ? SA_RESTART : 0 };

	sigemptyset(&sa.sa_mask);
	return sigaction(sig, &sa, NULL) ? -errno : 0;
}

int drvmem_stop__init(void)
{
	uint64_t drained;
	int ret;

	if (stop_fd < 0)
		stop_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (stop_fd < 0)
		return -errno;
	if (read(stop_fd, &drained, sizeof(drained)) < 0 && errno != EAGAIN)
		return -errno;
	stop_signal = 0;
	ret = set_handler(SIGINT, on_signal);
	if (!ret)
		ret = set_handler(SIGTERM, on_signal);
	if (!ret)
		ret = set_handler(SIGPIPE, SIG_IGN);
	return ret;
}

void drvmem_stop__at_end(void (*fn)(void))
{
	at_end = fn;
}

void drvmem_stop__reset_child(void)
{
	/* handlers fall back by exec, an ignored signal does not */
	set_handler(SIGPIPE, SIG_DFL);
	set_handler(SIGINT, SIG_DFL);
	set_handler(SIGTERM, SIG_DFL);
}

int drvmem_stop__catch_marks(void)
{
	return set_handler(SIGUSR1, on_mark);
}

uint32_t drvmem_stop__marks(void)
{
	return (uint32_t)marks;
}

int drvmem_stop__catch_reloads(void)
{
	return set_handler(SIGHUP, on_reload);
}

uint32_t drvmem_stop__reloads(void)
{
	return (uint32_t)reloads;
}

int drvmem_stop__signal(void)
{
	return stop_signal;
}

bool drvmem_stop__wait(uint64_t ns, int fd)
{
	uint64_t start = drvmem_now_ns();
	uint64_t end = ns > UINT64_MAX - start ? UINT64_MAX : start + ns;
	struct pollfd fds[2] = {
		{ .fd = stop_fd, .events = POLLIN },
		{ .fd = fd, .events = POLLIN },
	};
	sig_atomic_t marks_before = marks, reloads_before = reloads;	/* one that comes between this and ppoll() waits for its end */

	while (!stop_signal && marks == marks_before && reloads == reloads_before) {
		uint64_t now = drvmem_now_ns();
		uint64_t left = now < end ? end - now : 0;
		struct timespec ts = { .tv_sec = (time_t)(left / NS_PER_S),
				       .tv_nsec = (long)(left % NS_PER_S) };
		int n = ppoll(fds, 2, end == UINT64_MAX ? NULL : &ts, NULL);

		if (n < 0 && errno != EINTR && errno != EAGAIN)
			break;
		if (n == 0 || (n > 0 && fds[1].revents))
			break;
	}
	return stop_signal != 0;
}
