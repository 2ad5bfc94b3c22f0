// SPDX-License-Identifier: GPL-2.0-or-later
#include "live.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/stop.h"
#include "trace.h"

#define MIDWAY_MIN_NS 2000000000ull	/* shorter runs have no half worth comparing */
#define CLEANUP_NS 2000000000ull	/* a command that is asked to end has so long */
#define OVERHEAD_SAMPLE (512u << 10)	/* sample distance where exact tracing costs too much */
#define SERIES_WINDOWS 12u		/* of a run of known length */
#define SERIES_NS 1000000000ull		/* of others, to begin with */
#define SERIES_MIN_NS 250000000ull
#define TIMELINE_POINTS 60u		/* of a run of known length */
#define TIMELINE_NS 250000000ull	/* from one to the next of others, to begin with */
#define POLL_NS 100000000ull	/* modules that come and go are looked at this often */
#define WATCH_NS 20000000ull	/* so is what a run waits for */

struct run {
	const struct drvmem_live_opts *o;
	struct drvmem_trace *trace;
	drvmem_live_fn fn;
	void *arg;
	struct drvmem_snapshot *prev;
	uint64_t done_ns, total_ns;	/* of a wait in two parts, for the progress line */
	pid_t child;
	int child_fd;		/* readable when the command has ended; -1 */
	int go_fd;		/* a byte lets the command start; -1 */
	int fail_fd;		/* the command's errno when exec failed; -1 */
	bool limited;		/* --max-overhead was reached */
	uint64_t moment_ns;	/* when the next one of the timeline is due */
	uint64_t interval_ns;	/* as the viewer left it */
	bool (*until)(void *arg, struct drvmem_trace *t);	/* of the watch; NULL */
};

/* In the child: waits until tracing is active, then becomes the command. */
static void become_command(char **command, int go_fd, int fail_fd)
{
	char byte, session[16];
	ssize_t n;
	int e;

	snprintf(session, sizeof(session), "%d", (int)getppid());
	drvmem_stop__reset_child();
	do {
		n = read(go_fd, &byte, 1);
	} while (n < 0 && errno == EINTR);
	if (n != 1)
		_exit(126);	/* drvmem ended before it traced: the command must not run unseen */
	setenv(DRVMEM_SESSION_ENV, session, 1);
	execvp(command[0], command);
	e = errno;
	if (write(fail_fd, &e, sizeof(e)) < 0)
		_exit(126);
	_exit(127);
}

/* The command is forked before tracing starts, so that drvmem's own fork is not measured. */
static int fork_command(struct run *r, struct drvmem_err *err)
{
	int go[2], fail[2];

	if (pipe2(go, O_CLOEXEC) || pipe2(fail, O_CLOEXEC))
		return drvmem_err__set(err, -errno, DRVMEM_EXIT_INTERNAL, "cannot make a pipe (%s)",
				       drvmem_errno_name(errno));
	r->child = fork();
	if (r->child < 0)
		return drvmem_err__set(err, -errno, DRVMEM_EXIT_INTERNAL, "cannot fork (%s)",
				       drvmem_errno_name(errno));
	if (!r->child) {
		close(go[1]);
		close(fail[0]);
		become_command(r->o->command, go[0], fail[1]);
	}
	close(go[0]);
	close(fail[1]);
	r->go_fd = go[1];
	r->fail_fd = fail[0];
	r->child_fd = (int)syscall(SYS_pidfd_open, r->child, 0);
	return 0;
}

/* After activation: lets the command run; an exec that fails is known before we wait. */
static int start_command(struct run *r, struct drvmem_err *err)
{
	int e = 0;
	ssize_t n;

	n = write(r->go_fd, "", 1);
	close(r->go_fd);
	r->go_fd = -1;
	if (n != 1)
		return drvmem_err__set(err, -EPIPE, DRVMEM_EXIT_INTERNAL,
				       "the process of '%s' ended before it was started",
				       r->o->command[0]);
	do {
		n = read(r->fail_fd, &e, sizeof(e));
	} while (n < 0 && errno == EINTR);
	if (n != (ssize_t)sizeof(e))
		return 0;	/* end of file: close-on-exec, the command is running */
	drvmem_err__set(err, -e, DRVMEM_EXIT_USAGE, "cannot start '%s' (%s)", r->o->command[0],
			drvmem_errno_name(e));
	drvmem_err__remedy(err, "give a command that is in PATH after '--'");
	return -e;
}

static bool child_ended(struct run *r, int *ret_status)
{
	pid_t p = waitpid(r->child, ret_status, WNOHANG);

	if (p == r->child) {
		r->child = 0;
		return true;
	}
	return p < 0;
}

static void tell_status(const struct run *r, int status)
{
	if (WIFSIGNALED(status))
		fprintf(stderr, "drvmem %s: '%s' was ended by signal %d\n", r->o->name,
			r->o->command[0], WTERMSIG(status));
	else if (WEXITSTATUS(status))
		fprintf(stderr, "drvmem %s: '%s' ended with status %d\n", r->o->name,
			r->o->command[0], WEXITSTATUS(status));
}

static void show_progress(const struct run *r, uint64_t elapsed_ns, uint64_t total_ns)
{
	if (!r->o->progress)
		return;
	elapsed_ns += r->done_ns;
	if (r->total_ns)
		total_ns = r->total_ns;
	if (total_ns)
		fprintf(stderr, "\rtracing %.0f of %.0f s ", (double)elapsed_ns / 1e9,
			(double)total_ns / 1e9);
	else
		fprintf(stderr, "\rtracing %.0f s, Ctrl-C ends ", (double)elapsed_ns / 1e9);
	fflush(stderr);
}

static void end_progress(const struct run *r)
{
	if (r->o->progress)
		fprintf(stderr, "\r%*s\r", 48, "");
}

/* Above --max-overhead every object is too many: from now on they are sampled. */
static void limit_overhead(struct run *r)
{
	double share = drvmem_trace__info(r->trace)->cost_share / (double)sysconf(_SC_NPROCESSORS_ONLN);
	int e;

	if (!r->o->max_overhead || r->limited || share <= r->o->max_overhead)
		return;
	r->limited = true;
	e = drvmem_trace__sample(r->trace, OVERHEAD_SAMPLE);
	end_progress(r);
	if (r->o->limited)
		r->o->limited(r->arg, share, e);
	else if (e)
		fprintf(stderr, "drvmem %s: tracing takes %.2f %% of the CPU time and cannot sample (%s)\n",
			r->o->name, share * 100, drvmem_errno_name(e));
	else
		fprintf(stderr, "drvmem %s: tracing took %.2f %% of the CPU time, more than "
				"--max-overhead: sampling one point in 512K from now on\n",
			r->o->name, share * 100);
}

/* A point that cannot be taken is missing in the series, which is no reason to end. */
static void add_point(struct run *r)
{
	struct drvmem_snapshot *now;

	if (!r->o->series || drvmem_now_ns() < r->o->series->next_ns)
		return;
	now = drvmem_trace__counts(r->trace);
	if (!now)
		return;
	if (drvmem_series__add(r->o->series, now, false))
		drvmem_log_warn("no memory for the counts of this moment");
	drvmem_snapshot__free(now);
}

/* The same of the timeline, which says itself how far apart its points are by now. */
static void add_moment(struct run *r)
{
	uint64_t step = r->o->command || !r->o->duration_ns ? TIMELINE_NS : r->o->duration_ns / TIMELINE_POINTS;
	struct drvmem_timeline *t = r->o->timeline;
	struct drvmem_snapshot *now;

	if (!t || r->o->interval_ns || drvmem_now_ns() < r->moment_ns)
		return;
	r->moment_ns = drvmem_now_ns() + (step > t->min_step_ns ? step : t->min_step_ns);
	now = drvmem_trace__moment(r->trace);
	if (!now || drvmem_timeline__add(t, now))
		drvmem_log_warn("a moment of the history could not be kept");
	drvmem_snapshot__free(now);
}

static void add_lap(struct run *r)
{
	if (r->o->laps && drvmem_trace__lap(r->trace, r->o->laps))
		drvmem_log_warn("no memory for the peaks of this moment");
}

static void look_at_module(void *arg, uint32_t slot, const struct drvmem_module *m)
{
	drvmem_phases__look(arg, slot, m, drvmem_now_ns());
}

static void look_at_modules(struct run *r)
{
	if (r->o->phases)
		drvmem_trace__each_module(r->trace, look_at_module, r->o->phases);
}

/* How long to wait until there is something to look at. left_ns: of the wait; 0 = without an end. */
static uint64_t step_ns(const struct run *r, uint64_t left_ns)
{
	/* what ends an interval wakes us; what ends a run may be a module that is gone */
	uint64_t step = r->until && !r->o->interval_ns ? WATCH_NS : POLL_NS;

	return left_ns && left_ns < step ? left_ns : step;
}

static void look(struct run *r, uint64_t *next_ns)
{
	if (drvmem_now_ns() < *next_ns)
		return;
	*next_ns = drvmem_now_ns() + POLL_NS;
	drvmem_trace__poll(r->trace);
	add_point(r);
	add_moment(r);
	add_lap(r);
	look_at_modules(r);
	limit_overhead(r);
}

/* The fd that ends a wait early; there is no command where there is a viewer. */
static int waking_fd(const struct run *r)
{
	if (r->child)
		return r->child_fd;
	return r->o->viewer ? r->o->viewer->fd : -1;
}

/* True when the viewer ends the run. */
static bool attend(struct run *r, uint64_t *ns)
{
	if (!r->o->viewer)
		return false;
	if (!r->o->viewer->attend(r->o->viewer->arg, r->trace, &r->interval_ns))
		return true;
	*ns = r->interval_ns;
	return false;
}

/*
 * Waits ns (0 = for ever), or until a stop, the command's end, or what is watched for. True when
 * the run is over by one of the first two.
 */
static bool wait_for(struct run *r, uint64_t ns)
{
	uint64_t start = drvmem_now_ns(), next = start, gone, step;
	bool over = false;
	int status = 0;

	for (;;) {
		gone = drvmem_now_ns() - start;
		if ((ns && gone >= ns) || (r->until && r->until(r->o->watch->arg, r->trace)))
			break;
		show_progress(r, gone, ns);
		step = step_ns(r, ns ? ns - gone : 0);
		if (r->child && r->child_fd < 0 && step > 10000000u)
			step = 10000000u;	/* no pidfd (before 5.3): look often */
		drvmem_trace__waiting(r->trace, true);
		over = drvmem_stop__wait(step, waking_fd(r));
		drvmem_trace__waiting(r->trace, false);
		if (r->child && child_ended(r, &status)) {
			tell_status(r, status);
			over = true;
		}
		if (over || (over = attend(r, &ns)))
			break;
		look(r, &next);
	}
	end_progress(r);
	return over;
}

static int take(struct run *r, bool last, struct drvmem_err *err)
{
	struct drvmem_snapshot *cur;
	bool objects = r->o->wants_objects ? r->o->wants_objects(r->arg, last) : r->o->with_objects;
	int e;

	e = drvmem_trace__snapshot(r->trace, objects, &cur, err);
	if (e)
		return e;
	if (drvmem_trace__read_pages(r->trace, cur)) {
		drvmem_snapshot__free(cur);
		return drvmem_err__set(err, -ENOMEM, DRVMEM_EXIT_INTERNAL, "out of memory");
	}
	if (last && r->o->series && drvmem_series__add(r->o->series, cur, true)) {
		drvmem_snapshot__free(cur);
		return drvmem_err__set(err, -ENOMEM, DRVMEM_EXIT_INTERNAL, "out of memory");
	}
	if (last) {
		add_lap(r);
		look_at_modules(r);
	}
	if (last && r->o->examine)
		e = r->o->examine(r->arg, r->trace, cur, err);
	if (last)
		drvmem_trace__activate(r->trace, false);
	if (!e)
		e = r->fn(r->arg, r->prev, cur, last, err);
	drvmem_snapshot__free(r->prev);
	r->prev = cur;
	return e;
}

/* The next interval: true when it is the last. */
static bool wait_interval(struct run *r, uint64_t start_ns)
{
	uint64_t ns = r->interval_ns, gone = drvmem_now_ns() - start_ns;

	if (r->o->total_ns && (gone >= r->o->total_ns || r->o->total_ns - gone < ns))
		ns = gone < r->o->total_ns ? r->o->total_ns - gone : 1;
	if (wait_for(r, ns))
		return true;
	return r->o->total_ns && drvmem_now_ns() - start_ns >= r->o->total_ns;
}

static int run_intervals(struct run *r, struct drvmem_err *err)
{
	uint64_t i, start_ns = drvmem_now_ns();
	bool last;
	int e = 0;

	if (r->o->watch)
		r->until = r->o->watch->done;
	for (i = 1; !e; i++) {
		last = wait_interval(r, start_ns) || (r->o->count && i >= r->o->count);
		if (last && !r->o->examine)
			drvmem_trace__activate(r->trace, false);
		e = take(r, last, err);
		if (e && r->o->excused && r->o->excused(r->arg, err)) {
			memset(err, 0, sizeof(*err));
			e = 0;
		}
		if (last)
			break;
	}
	return e;
}

/* The first half of a run of known length, and what was live then. True when the run is over. */
static bool wait_half(struct run *r)
{
	struct drvmem_snapshot *half;

	if (!r->o->midway || r->o->command || r->o->duration_ns < MIDWAY_MIN_NS)
		return false;
	r->total_ns = r->o->duration_ns;
	if (wait_for(r, r->o->duration_ns / 2))
		return true;
	if (!drvmem_trace__snapshot(r->trace, false, &half, NULL))
		r->prev = half;
	r->done_ns = r->o->duration_ns / 2;
	return false;
}

/* Until it is done, and then until it is settled; a stop ends both. */
static void wait_watched(struct run *r)
{
	r->until = r->o->watch->done;
	wait_for(r, r->o->command ? 0 : r->o->duration_ns);
	/* what happened at the same moment as the end */
	r->until(r->o->watch->arg, r->trace);
	r->until = r->o->watch->settled;
	if (!drvmem_stop__signal())
		wait_for(r, 0);
	r->until = NULL;
}

static int run_once(struct run *r, struct drvmem_err *err)
{
	if (r->o->watch)
		wait_watched(r);
	else if (!wait_half(r))
		wait_for(r, r->o->command ? 0 : r->o->duration_ns - r->done_ns);
	if (!r->o->examine)	/* what is examined must still be followed */
		drvmem_trace__activate(r->trace, false);
	return take(r, true, err);
}

/* True when the command ended within ns. */
static bool ends_within(struct run *r, uint64_t ns)
{
	const struct timespec step = { .tv_nsec = 10000000 };
	uint64_t start = drvmem_now_ns();
	int status;

	while (!child_ended(r, &status)) {
		if (drvmem_now_ns() - start >= ns)
			return false;
		nanosleep(&step, NULL);
	}
	return true;
}

/*
 * A command that outlives the run: Ctrl-C of a terminal reached it too and it may be
 * cleaning up; else it is asked to end, also when it is stopped. It is never killed.
 */
static void end_command(struct run *r)
{
	if (r->go_fd >= 0)
		close(r->go_fd);
	if (r->child > 0 && !ends_within(r, CLEANUP_NS)) {
		kill(r->child, SIGTERM);
		kill(r->child, SIGCONT);
		if (!ends_within(r, CLEANUP_NS))
			fprintf(stderr, "drvmem %s: '%s' still runs as process %d\n", r->o->name,
				r->o->command[0], (int)r->child);
	}
	if (r->child_fd >= 0)
		close(r->child_fd);
	if (r->fail_fd >= 0)
		close(r->fail_fd);
}

/* Of a run of known length a twelfth; else a second, and longer as it goes on. */
static uint64_t series_step(const struct drvmem_live_opts *o)
{
	uint64_t step = o->command || !o->duration_ns ? SERIES_NS : o->duration_ns / SERIES_WINDOWS;

	return step < SERIES_MIN_NS ? SERIES_MIN_NS : step;
}

int drvmem_live__run(const struct drvmem_live_opts *o, drvmem_live_fn fn, void *arg, int *ret_signal,
		     struct drvmem_err *err)
{
	struct run r = { .o = o, .fn = fn, .arg = arg, .child_fd = -1, .go_fd = -1, .fail_fd = -1,
			 .interval_ns = o->interval_ns };
	int e = drvmem_stop__init();

	*ret_signal = 0;
	if (e)
		return drvmem_err__set(err, e, DRVMEM_EXIT_INTERNAL, "cannot set up signals (%s)",
				       drvmem_errno_name(e));
	r.trace = drvmem_trace__new(&o->session, err);
	e = r.trace ? drvmem_trace__start(r.trace, err) : -ENOMEM;
	if (!e && o->command)
		e = fork_command(&r, err);
	if (!e) {
		drvmem_trace__activate(r.trace, true);
		if (o->series)
			drvmem_series__init(o->series, drvmem_now_ns(), series_step(o));
		if (o->started)
			o->started(o->started_arg, r.trace);
		if (o->command)
			e = start_command(&r, err);
	}
	if (!e)
		e = o->interval_ns ? run_intervals(&r, err) : run_once(&r, err);
	end_command(&r);
	drvmem_snapshot__free(r.prev);
	drvmem_trace__free(r.trace);
	*ret_signal = drvmem_stop__signal() == SIGTERM ? SIGTERM : 0;
	return e;
}
