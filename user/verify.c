// SPDX-License-Identifier: GPL-2.0-or-later
#include "verify.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/glob.h"
#include "base/log.h"
#include "base/stop.h"
#include "render/text.h"
#include "render/verify.h"
#include "source/modules.h"
#include "trace.h"

#define COUNTS_NS	500000000ull	/* peaks of kinds are looked at this often */
#define SETTLE_NS	250000000ull	/* so is what is left */
#define OTHERS_LOOKS	25	/* of a device: others are looked for in one of so many */
#define MODULE_DIR	"/sys/module/"

static int refuse(struct drvmem_err *err, int code, enum drvmem_exit status, const char *what, const char *remedy)
{
	drvmem_err__set(err, code, status, "%s", what);
	drvmem_err__remedy(err, "%s", remedy);
	return code;
}

static void verify_opts(const struct drvmem_verifying *r, struct drvmem_verify_opts *ret)
{
	*ret = (struct drvmem_verify_opts){
		.module = r->module, .device = r->o->device ? &r->device : NULL, .grace_ns = r->o->grace_ns,
		.watched_ns = r->watched_ns, .peaks = &r->peaks, .verdicts = &r->reach.verdicts,
		.checks = &r->checking.checks,
	};
}

/* ---- what is seen of a module ---- */

static void count_module(void *arg, uint32_t slot, const struct drvmem_module *m)
{
	struct drvmem_verifying *r = arg;
	char name[DRVMEM_NAME_LEN + 1];

	(void)slot;
	snprintf(name, sizeof(name), "%.*s", (int)DRVMEM_NAME_LEN, m->name);
	/* what went before tracing began does not count */
	if (!drvmem_glob__match_module(r->module, name) || (m->state == 2 && m->unload_ns <= r->started_ns))
		return;
	r->loads++;
	if (m->state != 2) {
		r->load_seq = m->load_seq;
		r->text_lo = m->text_lo;
		r->text_hi = m->text_hi;
		r->init_lo = m->init_lo;
		r->init_hi = m->init_hi;
		return;
	}
	r->ends++;
	if ((!r->watched_ns || m->unload_ns <= r->watched_ns) && m->unload_ns > r->last_end_ns)
		r->last_end_ns = m->unload_ns;
}

/* In that state as a whole: of one that is about to be loaded, the session may not know yet. */
static bool is_in_state(const char *glob, enum drvmem_modstate state)
{
	struct drvmem_procmods *m = NULL;
	bool found = false;
	size_t i;

	if (drvmem_procmods__load(&m))
		return false;
	for (i = 0; i < m->n && !found; i++)
		found = m->v[i].state == state &&
			drvmem_glob__match_module(glob, m->v[i].name);
	drvmem_procmods__free(m);
	return found;
}

/*
 * What the module allocates is to fail: while its init function runs under that, which calls all the
 * rest, and later under its own code. Loads that are not waited for any more are left alone.
 */
static void aim_faults(struct drvmem_verifying *r)
{
	bool in_init = r->load_seq && r->init_lo && is_in_state(r->module, DRVMEM_MODSTATE_LOADING);
	uint64_t lo = in_init ? r->init_lo : r->text_lo, hi = in_init ? r->init_hi : r->text_hi;

	if (!r->checking.with_faults || r->err.code)
		return;
	if (!r->load_seq || r->watched_ns)
		lo = hi = 0;
	if (drvmem_checking__aim(&r->checking, r->load_seq, lo, hi, &r->err))
		r->err.code = r->err.code ? r->err.code : -EIO;
}

static void look_at_modules(struct drvmem_verifying *r, struct drvmem_trace *t)
{
	r->loads = 0;
	r->ends = 0;
	r->load_seq = 0;
	r->started_ns = drvmem_trace__info(t)->started_ns;
	drvmem_trace__each_module(t, count_module, r);
	aim_faults(r);
	if (r->looked)
		return;
	r->looked = true;
	if (!r->loads && is_in_state(r->module, DRVMEM_MODSTATE_LIVE)) {
		drvmem_err__set(&r->err, -EACCES, DRVMEM_EXIT_CANNOT_RUN,
				"'%s' is loaded, but the kernel does not show where its code is", r->module);
		drvmem_err__remedy(&r->err, "unload it and load it again while drvmem runs, or see 'drvmem "
					    "doctor' for kallsyms (sysctl kernel.kptr_restrict=1)");
	}
}

/* ---- what is seen of a device ---- */

/*
 * Begin and end of a binding lie between two looks: told are the moments before the first of them.
 * Once the unbinds are there that were waited for, others do not count; that it was bound again does.
 */
static void look_at_device(struct drvmem_verifying *r)
{
	uint64_t now = drvmem_now_ns();
	struct drvmem_devbind b;

	/* other devices of the module: when this one is bound, and now and then */
	drvmem_devbind__read(r->path, !r->binding || !(r->looks++ % OTHERS_LOOKS), &b);
	if (r->binding && b.id != r->binding && !r->watched_ns) {
		r->device.unbound_ns = r->look_ns;
		r->device.ended_ns = drvmem_now_ns();
		r->device.again = false;
		r->last_end_ns = r->device.ended_ns;
		r->ends++;
	}
	r->device.again |= b.id && r->device.unbound_ns;
	if (b.id && b.id != r->binding) {
		if (!r->loads++)
			r->device.bound_ns = r->looked ? r->look_ns : 0;
		snprintf(r->driver, sizeof(r->driver), "%s", b.owner.driver);
		snprintf(r->driver_module, sizeof(r->driver_module), "%s", b.owner.module);
	}
	r->looked = true;
	r->binding = b.id;
	r->look_ns = now;
	r->device.others |= b.others;
}

/* Tracing begins, no command has started yet: what was seen before is not covered. */
static void begin_watch(void *arg, struct drvmem_trace *t)
{
	struct drvmem_verifying *r = arg;

	if (!r->o->device) {
		/* of one that is loaded the command is to find what it allocates failing */
		if (r->checking.with_faults)
			look_at_modules(r, t);
		return;
	}
	r->device = (struct drvmem_verify_device){ .name = r->o->device, .driver = r->driver,
						   .module = r->driver_module };
	r->looked = false;
	r->binding = r->ends = r->last_end_ns = 0;
	r->loads = 0;
	look_at_device(r);
}

/* ---- watching ---- */

static struct drvmem_snapshot *take_counts(struct drvmem_verifying *r, struct drvmem_trace *t, uint64_t every_ns)
{
	if (drvmem_now_ns() < r->next_counts_ns)
		return NULL;
	r->next_counts_ns = drvmem_now_ns() + every_ns;
	return drvmem_trace__counts(t);
}

static void look(struct drvmem_verifying *r, struct drvmem_trace *t)
{
	if (r->o->device)
		look_at_device(r);
	else
		look_at_modules(r, t);
	/* the log is a ring, and a failure on purpose takes some 4 KiB of it */
	if (drvmem_checking__look(&r->checking, false))
		drvmem_err__set(&r->err, -ENOMEM, DRVMEM_EXIT_INTERNAL, "out of memory");
}

static bool is_done(void *arg, struct drvmem_trace *t)
{
	struct drvmem_verifying *r = arg;
	struct drvmem_snapshot *s;

	look(r, t);
	/* a look that does not fit into memory is made again */
	s = take_counts(r, t, COUNTS_NS);
	if (s && drvmem_peaks__add(&r->peaks, s))
		r->next_counts_ns = 0;
	drvmem_snapshot__free(s);
	return r->err.code || (!r->command && r->ends >= (r->o->cycles ? r->o->cycles : 1));
}

/* Nothing is left, or it had its time. What comes and goes meanwhile was not asked for. */
static bool is_settled(void *arg, struct drvmem_trace *t)
{
	struct drvmem_verifying *r = arg;
	struct drvmem_verify_opts o;
	struct drvmem_snapshot *s;
	bool nothing;

	look(r, t);
	if (!r->watched_ns) {
		r->watched_ns = drvmem_now_ns();
		r->next_counts_ns = 0;
	}
	if (r->err.code || !r->last_end_ns || drvmem_now_ns() - r->last_end_ns >= r->o->grace_ns)
		return true;
	s = take_counts(r, t, SETTLE_NS);
	if (!s)
		return false;
	verify_opts(r, &o);
	nothing = !drvmem_verify__unsettled(s, &o);
	drvmem_snapshot__free(s);
	return nothing;
}

/* ---- the result ---- */

static int nothing_seen(const struct drvmem_verifying *r, struct drvmem_err *err)
{
	if (r->o->device) {
		drvmem_err__set(err, -ENODEV, DRVMEM_EXIT_USAGE, "no driver was bound to '%s' while drvmem watched",
				r->o->device);
		drvmem_err__remedy(err, "bind one before, or meanwhile: echo %s > /sys/bus/.../drivers/DRIVER/bind",
				   r->o->device);
	} else {
		drvmem_err__set(err, -ENOENT, DRVMEM_EXIT_USAGE, "no module '%s' was loaded while drvmem watched",
				r->module);
		drvmem_err__remedy(err, "'modinfo %s' tells whether there is one; watch longer (--timeout), or have "
					"the command after '--' load it; the kernel's log says why a module cannot "
					"be loaded", r->module);
	}
	return err->code;
}

static int render(struct drvmem_verifying *r, const struct drvmem_scope *v, const struct drvmem_verify *k)
{
	struct drvmem_text_opts t;

	if (r->o->common.format == DRVMEM_FORMAT_JSON)
		return drvmem_json__verify(v, k, r->out.f);
	drvmem_out__text_opts(&r->out, &t);
	drvmem_text__header(v, &t, false, r->out.f);
	return drvmem_text__verify(v, k, (uint32_t)r->o->top, &t, r->out.f);
}

static bool looks_lost(const struct drvmem_snapshot *s, const struct drvmem_verify *k)
{
	uint32_t i;

	for (i = 0; i < k->nr_leftovers; i++)
		/* who uses a mapping is in no memory */
		if (k->leftover[i].class == DRVMEM_LEFTOVER_LEAK &&
		    !DRVMEM_IS_MAPPING(s->sites[k->leftover[i].site].allocator))
			return true;
	return false;
}

/* Who holds what is left, if anything is. */
static int examine(void *arg, struct drvmem_trace *t, const struct drvmem_snapshot *cur, struct drvmem_err *err)
{
	struct drvmem_verifying *r = arg;
	struct drvmem_verify *k = NULL;
	struct drvmem_verify_opts o;
	bool wanted;
	int e;

	if (r->err.code)
		return 0;	/* on_snapshot() tells */
	verify_opts(r, &o);
	if (drvmem_verify__new(cur, &o, &k))
		return drvmem_err__set(err, -ENOMEM, DRVMEM_EXIT_INTERNAL, "out of memory");
	wanted = r->o->reach == DRVMEM_REACH_ON ? k->nr_leftovers != 0 : looks_lost(cur, k);
	if (!wanted && k->nr_leftovers)
		r->reach.verdicts.why_not = "what is left does not look like a leak; --reach on looks at it";
	drvmem_verify__free(k);
	/* who presses Ctrl-C wants the result, and not by way of all memory */
	if (wanted && r->o->reach == DRVMEM_REACH_AUTO && drvmem_stop__signal()) {
		r->reach.verdicts.why_not = "a signal ended the run; --reach on looks all the same";
		return 0;
	}
	if (!wanted)
		return 0;
	e = drvmem_reachrun__run(&r->reach, t, cur, isatty(STDERR_FILENO), &r->why_not);
	if (e)
		r->unscanned = drvmem_reachrun__told(&r->reach, &r->why_not, r->o->reach);
	return 0;
}

static int on_snapshot(void *arg, const struct drvmem_snapshot *prev, const struct drvmem_snapshot *cur,
		       bool last, struct drvmem_err *err)
{
	struct drvmem_verifying *r = arg;
	struct drvmem_verify *k = NULL;
	struct drvmem_verify_opts o;
	struct drvmem_scope *v;
	int e;

	(void)last;
	if (r->err.code) {
		*err = r->err;
		return err->code;
	}
	/* a module that never came is told by nothing_seen() */
	e = drvmem_common__scope(&r->o->common, prev, cur, false, &v, err);
	if (e)
		return e;
	r->t.loss_ppm = drvmem_loss__ppm(&cur->loss);
	verify_opts(r, &o);
	e = drvmem_checking__look(&r->checking, true);
	if (!e)
		e = drvmem_verify__new(cur, &o, &k);
	if (!e && (!k->nr_subjects || (r->o->device && !r->loads))) {
		e = nothing_seen(r, err);
	} else if (!e) {
		r->t.found = k->verdict >= DRVMEM_VERIFY_IS_ERROR;
		r->t.incomplete = r->unscanned || k->verdict == DRVMEM_VERIFY_IS_INCOMPLETE ||
				  k->verdict == DRVMEM_VERIFY_IS_NOT_UNLOADED;
		e = render(r, v, k);
	}
	drvmem_verify__free(k);
	drvmem_scope__free(v);
	return e ? drvmem_err__set(err, e, DRVMEM_EXIT_INTERNAL, "out of memory") : 0;
}

/* ---- what was asked for ---- */

/* Loaded already: one only may be meant, and which is seen before anything is traced. */
static int check_unique(const char *glob, const struct drvmem_procmods *m, struct drvmem_err *err)
{
	const char *first = NULL;
	size_t i;

	for (i = 0; i < m->n; i++) {
		if (!drvmem_glob__match_module(glob, m->v[i].name))
			continue;
		if (!first) {
			first = m->v[i].name;
			continue;
		}
		drvmem_err__set(err, -ENOTUNIQ, DRVMEM_EXIT_USAGE, "'%s' matches several modules: %s, %s", glob,
				first, m->v[i].name);
		drvmem_err__remedy(err, "name one of them; 'drvmem report -m' takes several");
		return -ENOTUNIQ;
	}
	return 0;
}

/* Modules that are built in have a directory without an initstate. */
static int check_builtin(const char *name, struct drvmem_err *err)
{
	char path[sizeof(MODULE_DIR) + DRVMEM_NAME_LEN + sizeof("/initstate")];

	snprintf(path, sizeof(path), MODULE_DIR "%s", name);
	if (access(path, F_OK))
		return 0;
	snprintf(path, sizeof(path), MODULE_DIR "%s/initstate", name);
	if (!access(path, F_OK))
		return 0;
	drvmem_err__set(err, -EOPNOTSUPP, DRVMEM_EXIT_CANNOT_RUN, "'%s' is built into this kernel", name);
	drvmem_err__remedy(err, "it is never unloaded; 'drvmem leaks' tells what grows, and 'drvmem verify --device' "
				"what a device leaves");
	return -EOPNOTSUPP;
}

static int check_modules(const char *name, struct drvmem_err *err)
{
	struct drvmem_procmods *m = NULL;
	int e = drvmem_procmods__load(&m);

	if (e == -ENOENT)
		return refuse(err, e, DRVMEM_EXIT_CANNOT_RUN, "this kernel has no loadable modules",
			      "a driver that is built in is never unloaded: 'drvmem leaks' tells what grows, 'drvmem "
			      "verify --device' what a device leaves when it is unbound");
	if (e)
		return drvmem_err__set(err, e, DRVMEM_EXIT_INTERNAL, "cannot read /proc/modules (%s)",
				       drvmem_errno_name(e));
	e = check_unique(name, m, err);
	if (!e && !drvmem_procmods__find(m, name))
		e = check_builtin(name, err);
	drvmem_procmods__free(m);
	return e;
}

static int set_module(struct drvmem_verifying *r, const char *arg, struct drvmem_err *err)
{
	size_t len = strlen(arg), i;
	int e;

	if (strchr(arg, '/') || (len > 3 && !strcmp(arg + len - 3, ".ko"))) {
		drvmem_err__set(err, -EINVAL, DRVMEM_EXIT_USAGE, "'%s' is a file, not the name of a module", arg);
		drvmem_err__remedy(err, "give the name as lsmod shows it");
		return -EINVAL;
	}
	if (strchr(arg, ',') || len >= sizeof(r->module)) {
		drvmem_err__set(err, -EINVAL, DRVMEM_EXIT_USAGE, "'%s' is not the name of a module", arg);
		drvmem_err__remedy(err, "give one name, as lsmod shows it");
		return -EINVAL;
	}
	/* as the kernel names it; in a range of a pattern '-' means something else */
	for (i = 0; i < len; i++)
		r->module[i] = arg[i] == '-' && !strchr(arg, '[') ? '_' : arg[i];
	if (drvmem_glob__check(r->module)) {
		drvmem_err__set(err, -EINVAL, DRVMEM_EXIT_USAGE, "'%s' is not the name of a module", arg);
		drvmem_err__remedy(err, "give a name as lsmod shows it, or a pattern such as 'snd_hda_*'");
		return -EINVAL;
	}
	e = check_modules(r->module, err);
	if (!e && drvmem_strlist__add(&r->o->common.owners, r->module))
		e = drvmem_err__set(err, -ENOMEM, DRVMEM_EXIT_INTERNAL, "out of memory");
	return e;
}

static int set_device(struct drvmem_verifying *r, struct drvmem_err *err)
{
	const char *id = r->o->device;
	int e = drvmem_devbind__find(DRVMEM_SYSFS_DIR, id, r->path, sizeof(r->path));

	if (e == -ENOTUNIQ)
		drvmem_err__set(err, e, DRVMEM_EXIT_USAGE, "several buses have a device '%s'", id);
	else if (e)
		drvmem_err__set(err, e, DRVMEM_EXIT_USAGE, "there is no device '%s'", id);
	if (e) {
		drvmem_err__remedy(err, "give a bus id as in /sys/bus/*/devices, e.g. 0000:00:03.0");
		return e;
	}
	r->peaks.device = id;
	return 0;
}

static int check_args(const struct drvmem_verifying_opts *o, const struct drvmem_args *args,
		      struct drvmem_err *err)
{
	struct drvmem_faults_spec spec;

	if (o->device && args->nr_positional)
		return refuse(err, -EINVAL, DRVMEM_EXIT_USAGE, "a module and --device exclude each other",
			      "a device is judged by itself, with the module that drives it");
	if (!o->device && !args->nr_positional)
		return refuse(err, -EINVAL, DRVMEM_EXIT_USAGE, "no module is given",
			      "name one: drvmem verify e1000e; or a device: drvmem verify --device 0000:00:03.0");
	if (args->nr_positional > 1) {
		drvmem_err__set(err, -EINVAL, DRVMEM_EXIT_USAGE, "unexpected argument '%s'", args->positional[1]);
		drvmem_err__remedy(err, "one module is watched; a command goes after '--'");
		return -EINVAL;
	}
	if (o->device && o->checking.faults)
		return refuse(err, -EINVAL, DRVMEM_EXIT_USAGE, "--faults and --device exclude each other",
			      "failures are limited to the code of a module: name that instead");
	if (o->checking.faults && drvmem_faults__parse(o->checking.faults, &spec, err))
		return err->code;
	if (args->nr_command && o->cycles)
		return refuse(err, -EINVAL, DRVMEM_EXIT_USAGE, "--cycles cannot be used with a command",
			      "whatever the command loads and unloads is judged");
	if (args->nr_command && o->timeout_ns)
		return refuse(err, -EINVAL, DRVMEM_EXIT_USAGE, "--timeout cannot be used with a command",
			      "it is watched for exactly the command's life: leave --timeout out");
	return 0;
}

static int trace(struct drvmem_verifying *r, const struct drvmem_args *args, int *ret_signal, struct drvmem_err *err)
{
	const struct drvmem_live_watch watch = { is_done, is_settled, r };
	struct drvmem_live_opts live;

	drvmem_common__live(&r->o->common, "verify", args, r->o->timeout_ns, &live);
	live.watch = &watch;
	live.examine = r->o->reach != DRVMEM_REACH_OFF ? examine : NULL;
	live.started = begin_watch;
	live.started_arg = r;
	return drvmem_common__trace(&r->o->common, &live, r->o->common.output, &r->out, on_snapshot, r, ret_signal,
				    err);
}

int drvmem_verifying__trace(struct drvmem_tracing *t, const struct drvmem_args *args, int *ret_signal,
			    struct drvmem_err *err)
{
	struct drvmem_verifying *r = (struct drvmem_verifying *)t;
	struct drvmem_err left = { 0 };
	int e = check_args(r->o, args, err);

	if (!e)
		e = r->o->device ? set_device(r, err) : set_module(r, args->positional[0], err);
	if (e)
		return e;
	r->command = args->nr_command != 0;
	e = drvmem_checking__begin(&r->checking, &r->o->checking, err);
	if (!e)
		e = trace(r, args, ret_signal, err);
	if (drvmem_checking__end(&r->checking, &left)) {
		if (e)
			drvmem_log_error("%s: %s", left.what, left.remedy);
		else
			*err = left;
		e = e ? e : left.code;
	}
	drvmem_checking__deinit(&r->checking);
	drvmem_peaks__fini(&r->peaks);
	drvmem_reachrun__deinit(&r->reach);
	return e;
}
