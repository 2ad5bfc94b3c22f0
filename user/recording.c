// SPDX-License-Identifier: GPL-2.0-or-later
#include "recording.h"

#include <errno.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/units.h"
#include "ownroot.h"
#include "slubrules.h"
#include "source/sysmem.h"
#include "trace.h"

#define POOLS_NS	300000000000ull
#define MACHINE_NS	10000000000ull	/* the machine as a whole: not more often */
#define MACHINE_SHARE	5000u		/* and so rarely that it takes at most 0.02 % of one CPU */
#define LAST_TRIES	5u		/* of the last interval, when another program holds the file */
#define MARKS_MANY	1000000u	/* without generations: more than anybody sets */

/* A list of all live objects takes a look at the whole table: not at every interval. */
static bool wants_objects(void *arg, bool last)
{
	struct drvmem_recording *r = arg;
	uint64_t now = drvmem_now_ns();

	/* each file ends with a list of objects, and the next begins with it */
	r->rotate = !last && drvmem_rotating__on(&r->o->rotate) &&
		    drvmem_rotating__due(&r->files, drvmem_store__bytes(r->store));
	r->with_objects = last || r->rotate || (r->o->objects_ns && now >= r->objects_due_ns);
	if (r->with_objects)
		r->objects_due_ns = now + r->o->objects_ns;
	return r->with_objects;
}

static void show_progress(const struct drvmem_recording *r, bool last)
{
	char size[DRVMEM_UNIT_LEN];

	if (isatty(STDERR_FILENO))
		fprintf(stderr, "\rdrvmem record: %llu intervals, %s %s", (unsigned long long)drvmem_store__nr(r->store),
			drvmem_fmt_bytes(drvmem_store__bytes(r->store), size, sizeof(size)), last ? "\n" : "");
}

/* Pools take a look at two thousand files: now and then, with objects, and at the end; for advice with all objects. */
static int read_more(struct drvmem_recording *r, const struct drvmem_snapshot *cur, bool last,
		     struct drvmem_store_more *more, struct drvmem_err *err)
{
	uint64_t now = drvmem_now_ns();
	int e = 0;

	if (last || r->rotate || r->o->advise || now >= r->pools_due_ns) {
		r->pools_due_ns = now + POOLS_NS;
		e = drvmem_poolwatch__read(&r->pools, cur, err);
		more->pools = e ? NULL : r->pools.last;
	}
	if (e)
		return e;
	if (r->o->advise) {
		more->laps = &r->laps;
		more->phases = &r->phases;
		more->slub = &r->slub;
	}
	return 0;
}

static uint64_t cpu_ns(void)
{
	struct timespec t;

	return clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t) ? 0 : (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

/* What the kernel says of the whole machine, as often as that is cheap. Short of memory: not this time. */
static void read_machine(struct drvmem_recording *r, bool last, struct drvmem_store_more *more)
{
	uint64_t now = drvmem_now_ns(), began = cpu_ns(), every;

	if (!last && !r->rotate && now < r->machine_due_ns)
		return;
	drvmem_sysmem__free(r->machine);
	r->machine = NULL;
	if (drvmem_sysmem__load(&r->machine))
		return;
	every = (cpu_ns() - began) * MACHINE_SHARE;
	r->machine_due_ns = now + (every > MACHINE_NS ? every : MACHINE_NS);
	more->system = r->machine;
}

static void on_started(void *arg, struct drvmem_trace *t)
{
	struct drvmem_recording *r = arg;

	if (drvmem_sysmem__load_start(&r->began))
		r->began = NULL;
	drvmem_marks__started(&r->marks, t);
}

/* With the last list of objects, while they are still followed. A scan that fails does not lose the recording. */
static int examine(void *arg, struct drvmem_trace *t, const struct drvmem_snapshot *cur, struct drvmem_err *err)
{
	struct drvmem_recording *r = arg;
	struct drvmem_err why = { 0 };

	(void)err;
	if (!drvmem_reachrun__run(&r->scan, t, cur, isatty(STDERR_FILENO), &why))
		return 0;
	drvmem_log_warn("who holds the objects is not known: %s", why.what);
	drvmem_reachrun__deinit(&r->scan);
	return 0;
}

static int add(struct drvmem_recording *r, const struct drvmem_snapshot *cur, bool last,
	       const struct drvmem_store_more *more, struct drvmem_err *err)
{
	struct drvmem_snapshot part;
	uint32_t tries = last ? LAST_TRIES : 1;
	int e = drvmem_since__show(&r->since, cur, &part);

	if (e)
		return drvmem_err__set(err, e, DRVMEM_EXIT_INTERNAL, "out of memory");
	do
		e = drvmem_store__add(r->store, &part, r->with_objects, more, err);
	while (e == -EBUSY && --tries);
	drvmem_since__release(&part);
	return e;
}

static int open_file(struct drvmem_recording *r, struct drvmem_store **ret, struct drvmem_err *err)
{
	struct drvmem_store_opts s = r->o->store;
	bool many = drvmem_rotating__on(&r->o->rotate);

	if (many && drvmem_rotating__next(&r->files, err))
		return err->code;
	s.path = many ? r->files.path : r->o->common.output;
	s.max_age_s = r->o->max_age_ns / 1000000000u;
	*ret = drvmem_store__create(&s, err);
	if (!*ret)
		return err->code;
	if (many)
		drvmem_rotating__tidy(&r->files);
	return 0;
}

/* The present file ends with cur, and the next one begins with it. */
static int rotate(struct drvmem_recording *r, const struct drvmem_snapshot *cur, const struct drvmem_store_more *more,
		  struct drvmem_err *err)
{
	struct drvmem_store *next = NULL, *done = r->store;
	struct drvmem_err ended = { 0 };
	int e = open_file(r, &next, err);

	if (!e && drvmem_since__begin(&r->since, cur))
		e = drvmem_err__set(err, -ENOMEM, DRVMEM_EXIT_INTERNAL, "out of memory");
	if (e) {
		if (drvmem_store__close(next, &ended))
			drvmem_log_warn("%s", ended.what);
		return e;
	}
	r->store = next;
	e = add(r, cur, false, more, err);
	r->skipped += drvmem_store__skipped(done);
	r->late += drvmem_store__late(done);
	if (drvmem_store__close(done, &ended))
		drvmem_log_warn("%s", ended.what);
	return e;
}

static int on_snapshot(void *arg, const struct drvmem_snapshot *prev, const struct drvmem_snapshot *cur, bool last,
		       struct drvmem_err *err)
{
	struct drvmem_recording *r = arg;
	struct drvmem_store_more more = { .system_start = r->began };
	int e = 0;

	(void)prev;
	if (r->mark_failed) {
		*err = r->mark_err;
		return r->mark_failed;
	}
	if (r->with_objects)
		e = read_more(r, cur, last, &more, err);
	read_machine(r, last, &more);
	if (last && r->o->reach)
		more.verdicts = &r->scan.verdicts;
	if (!e)
		e = add(r, cur, last, &more, err);
	if (!e && r->rotate)
		e = rotate(r, cur, &more, err);
	if (e == -EBUSY && !last) {	/* what it would have said is in the next one */
		drvmem_log_warn("%s: this interval is skipped", err->what);
		*err = (struct drvmem_err){ 0 };
		r->objects_due_ns = r->pools_due_ns = r->machine_due_ns = 0;
		return 0;
	}
	if (e)
		return e;
	r->t.loss_ppm = drvmem_loss__ppm(&cur->loss);
	show_progress(r, last);
	return 0;
}

static void on_mark(void *arg, uint32_t generation, const char *text)
{
	struct drvmem_recording *r = arg;

	if (!r->mark_failed)
		r->mark_failed = drvmem_store__mark(r->store, drvmem_now_ns(), (uint64_t)time(NULL), generation, text,
						    &r->mark_err);
}

static int check_rotation(const struct drvmem_recording_opts *o, struct drvmem_err *err)
{
	bool many = drvmem_rotating__on(&o->rotate);

	if (many ? !o->advise && !o->generations : !o->rotate.keep)
		return 0;
	if (!many) {
		drvmem_err__set(err, -EINVAL, DRVMEM_EXIT_USAGE, "--keep is of a recording in many files");
		drvmem_err__remedy(err, "say when the next file begins: --rotate-every DUR or --rotate-size SIZE");
	} else {
		drvmem_err__set(err, -EINVAL, DRVMEM_EXIT_USAGE, "%s cannot be recorded in many files: what it keeps is of all "
				"that was allocated since the recording began", o->advise ? "--advise" : "--generations");
		drvmem_err__remedy(err, "leave it out, or bound one file by --max-size or --max-age");
	}
	return -EINVAL;
}

static int check(const struct drvmem_recording_opts *o, const struct drvmem_args *args, struct drvmem_err *err)
{
	const struct drvmem_common *c = &o->common;
	int e = drvmem_common__no_intervals(c, args, err);

	if (e)
		return e;
	if (!c->output) {
		drvmem_err__set(err, -EINVAL, DRVMEM_EXIT_USAGE, "there is no file to record into");
		drvmem_err__remedy(err, "name one: drvmem record -o FILE");
		return -EINVAL;
	}
	if (o->generations && (c->sample_bytes != DRVMEM_SAMPLE_UNSET || c->max_overhead)) {
		drvmem_err__set(err, -EINVAL, DRVMEM_EXIT_USAGE, "--generations needs every object: it cannot be used with "
				"--sample or --max-overhead");
		drvmem_err__remedy(err, "leave --generations out: marks are kept without it too");
		return -EINVAL;
	}
	e = check_rotation(o, err);
	return e ? e : drvmem_common__check(c, err);
}

static int open_all(struct drvmem_recording *r, const struct drvmem_live_opts *live, struct drvmem_err *err)
{
	int e = drvmem_marks__open(&r->marks, live->command != NULL, err);

	if (e)
		return e;
	r->marks.wanted = r->o->generations ? DRVMEM_MARKS_MAX : MARKS_MANY;
	r->marks.no_generations = !r->o->generations;
	r->marks.fn = on_mark;
	r->marks.fn_arg = r;
	r->files = (struct drvmem_rotating){ .o = &r->o->rotate, .name = r->o->common.output };
	return open_file(r, &r->store, err);
}

static void tell_hold_ups(const struct drvmem_recording *r)
{
	uint32_t skipped = r->skipped + (r->store ? drvmem_store__skipped(r->store) : 0);
	uint32_t late = r->late + (r->store ? drvmem_store__late(r->store) : 0);

	if (skipped || late)
		drvmem_log_warn("another program held the file: %u intervals were skipped, %u written late", skipped, late);
}

int drvmem_recording__trace(struct drvmem_tracing *t, const struct drvmem_args *args, int *ret_signal,
			    struct drvmem_err *err)
{
	struct drvmem_recording *r = (struct drvmem_recording *)t;
	const struct drvmem_recording_opts *o = r->o;
	struct drvmem_err close_err = { 0 };
	struct drvmem_live_opts live;
	int e = check(o, args, err);

	if (e)
		return e;
	drvmem_common__live(&o->common, "record", args, 0, &live);
	live.interval_ns = o->interval_ns;
	live.total_ns = live.duration_ns;
	live.wants_objects = wants_objects;
	live.session.marks = o->generations;
	live.session.mempools = true;
	live.session.devres = true;
	live.watch = &r->marks.watch;
	live.started = on_started;
	live.started_arg = r;
	live.progress = false;		/* each interval says so itself */
	live.examine = o->reach ? examine : NULL;
	live.session.use = o->advise;
	live.laps = o->advise ? &r->laps : NULL;
	live.phases = o->advise ? &r->phases : NULL;
	if (o->advise && !drvmem_slubrules__read(&r->slub))
		return drvmem_err__set(err, -ENOENT, DRVMEM_EXIT_CANNOT_RUN, "cannot tell this kernel's version or its CPUs");
	e = open_all(r, &live, err);
	if (!e)
		e = drvmem_poolwatch__start(&r->pools, err);
	if (!e)
		e = drvmem_live__run(&live, on_snapshot, r, ret_signal, err);
	tell_hold_ups(r);
	if (drvmem_store__close(r->store, &close_err) && !e) {
		*err = close_err;
		e = err->code;
	}
	drvmem_marks__close(&r->marks);
	drvmem_poolwatch__deinit(&r->pools);
	drvmem_laps__fini(&r->laps);
	drvmem_reachrun__deinit(&r->scan);
	drvmem_since__deinit(&r->since);
	drvmem_sysmem__free(r->began);
	drvmem_sysmem__free(r->machine);
	if (o->leave_root)
		drvmem_ownroot__leave();
	return e;
}
