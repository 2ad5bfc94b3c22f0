// SPDX-License-Identifier: GPL-2.0-or-later
#ifndef _GNU_SOURCE
#define _GNU_SOURCE	/* memfd_create */
#endif
#include "marks.h"

#include <errno.h>
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/stop.h"
#include "marks_shared.h"
#include "trace.h"

#define WINDOW_MARKS	2u
#define NOEXEC_SEAL	0x0008u	/* MFD_NOEXEC_SEAL */

/* The next mark: the first one begins the window, the second ends it. */
static void take(struct drvmem_marks *m, struct drvmem_trace *t)
{
	char text[DRVMEM_MARK_TEXT];
	uint32_t gen = 0;
	int e = m->no_generations ? 0 : drvmem_trace__mark(t, &gen);

	if (e) {
		m->error = e;
		return;
	}
	if (m->fn) {
		snprintf(text, sizeof(text), "%.*s", (int)sizeof(text) - 1, (const char *)m->shared->text);
		m->fn(m->fn_arg, gen, m->shared->text_of == m->taken + 1 ? text : NULL);
	}
	if (!m->taken++) {
		m->at.gen = gen;
		m->at.from_ns = drvmem_now_ns();
	} else {
		m->at.to_ns = drvmem_now_ns();
	}
	__atomic_store_n(&m->shared->taken, m->taken, __ATOMIC_RELEASE);
}

static bool look(void *arg, struct drvmem_trace *t)
{
	struct drvmem_marks *m = arg;
	uint32_t now = drvmem_stop__marks();

	bool any = m->seen != now;

	while (m->seen != now && m->taken < m->wanted && !m->error) {
		m->seen++;
		take(m, t);
	}
	if (m->seen != now) {
		m->seen = now;
		drvmem_log_warn(m->wanted == WINDOW_MARKS ? "the window between the marks has ended: this one is not taken" :
			"a session has no more marks: this one is not taken");
	}
	if (m->wanted != WINDOW_MARKS)
		return any;
	return m->error || (m->taken == WINDOW_MARKS && !m->has_command);
}

static bool is_settled(void *arg, struct drvmem_trace *t)
{
	(void)arg;
	(void)t;
	return true;
}

int drvmem_marks__open(struct drvmem_marks *m, bool has_command, struct drvmem_err *err)
{
	int e = drvmem_stop__catch_marks();

	*m = (struct drvmem_marks){ .fd = -1, .has_command = has_command, .wanted = WINDOW_MARKS };
	m->watch = (struct drvmem_live_watch){ .done = look, .settled = is_settled, .arg = m };
	if (e)
		return drvmem_err__set(err, e, DRVMEM_EXIT_INTERNAL, "cannot set up signals (%s)", drvmem_errno_name(e));
	m->shared = mmap(NULL, sizeof(*m->shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (m->shared != MAP_FAILED)
		return 0;
	e = -errno;
	m->shared = NULL;
	return drvmem_err__set(err, e, DRVMEM_EXIT_INTERNAL, "no memory for the marks (%s)", drvmem_errno_name(e));
}

void drvmem_marks__started(void *arg, struct drvmem_trace *t)
{
	struct drvmem_marks *m = arg;
	struct drvmem_marks_shared *shared = MAP_FAILED;

	(void)t;
	m->seen = drvmem_stop__marks();
	m->fd = memfd_create(DRVMEM_MARKS_NAME, MFD_CLOEXEC | NOEXEC_SEAL);
	if (m->fd < 0 && errno == EINVAL)	/* before 6.3 */
		m->fd = memfd_create(DRVMEM_MARKS_NAME, MFD_CLOEXEC);
	if (m->fd >= 0 && !ftruncate(m->fd, sizeof(*shared)))
		shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE, MAP_SHARED, m->fd, 0);
	if (shared == MAP_FAILED) {
		drvmem_log_warn("'drvmem mark' will not find this session (%s): send SIGUSR1", drvmem_errno_name(errno));
		return;
	}
	munmap(m->shared, sizeof(*m->shared));
	m->shared = shared;
	shared->wanted = m->wanted;
	__atomic_store_n(&shared->magic, DRVMEM_MARKS_MAGIC, __ATOMIC_RELEASE);
}

int drvmem_marks__check(const struct drvmem_marks *m, struct drvmem_err *err)
{
	if (m->error)
		return drvmem_err__set(err, m->error, DRVMEM_EXIT_INTERNAL, "cannot set a mark (%s)",
				       drvmem_errno_name(m->error));
	if (m->taken)
		return 0;
	drvmem_err__set(err, -ENODATA, DRVMEM_EXIT_USAGE, "no mark came while drvmem traced");
	drvmem_err__remedy(err, "run 'drvmem mark' where the window is to begin and where it is to end, or send "
				"SIGUSR1; without --marks all that was allocated is looked at");
	return -ENODATA;
}

void drvmem_marks__close(struct drvmem_marks *m)
{
	if (m->shared)
		munmap(m->shared, sizeof(*m->shared));
	if (m->fd >= 0)
		close(m->fd);
	m->shared = NULL;
	m->fd = -1;
}
