// SPDX-License-Identifier: GPL-2.0-or-later
#include "common.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "render/err.h"
#include "replay.h"
#include "session/sampling.h"

const char *const drvmem_format_names[] = { "text", "json", NULL };

const char *const drvmem_findings_format_names[] = { "text", "json", "junit", "sarif", NULL };

const char *const drvmem_owner_policies[] = {
	[DRVMEM_OWNER_DRIVER] = "driver",	[DRVMEM_OWNER_DIRECT] = "direct",
	[DRVMEM_OWNER_INNERMOST] = "innermost", [DRVMEM_OWNER_OUTERMOST] = "outermost", NULL,
};

const char *const drvmem_stack_choices[] = { "sampled", "full", NULL };

const char *const drvmem_walk_choices[] = {
	[DRVMEM_WALK_AUTO] = "auto", [DRVMEM_WALK_KERNEL] = "kernel", [DRVMEM_WALK_VERIFY] = "verify",
	NULL,
};

const char *const drvmem_look_choices[] = {
	[DRVMEM_LOOK_AUTO] = "auto", [DRVMEM_LOOK_ON] = "on", [DRVMEM_LOOK_OFF] = "off", NULL,
};

void drvmem_common__deinit(struct drvmem_common *c)
{
	drvmem_strlist__deinit(&c->owners);
	drvmem_strlist__deinit(&c->caches);
	drvmem_strlist__deinit(&c->sites);
	drvmem_strlist__deinit(&c->library);
	drvmem_strlist__deinit(&c->allocators);
}

static int usage(struct drvmem_err *err, const char *what, const char *remedy)
{
	drvmem_err__set(err, -EINVAL, DRVMEM_EXIT_USAGE, "%s", what);
	drvmem_err__remedy(err, "%s", remedy);
	return -EINVAL;
}

struct drvmem_filter drvmem_common__filter(const struct drvmem_common *c)
{
	return (struct drvmem_filter){ &c->owners, &c->caches, &c->sites };
}

/* 1 << enum drvmem_allocator for each that is named; 0: a name is none. */
static uint32_t allocators_of(const struct drvmem_common *c, const char **ret_unknown)
{
	uint32_t bits = 0;
	size_t i;
	uint16_t a;

	for (i = 0; i < c->allocators.n; i++) {
		for (a = 0; a < DRVMEM_NR_ALLOCATORS && strcmp(drvmem_allocator_name(a), c->allocators.v[i]); a++)
			;
		if (a == DRVMEM_NR_ALLOCATORS) {
			*ret_unknown = c->allocators.v[i];
			return 0;
		}
		bits |= 1u << a;
	}
	return bits;
}

int drvmem_common__check(const struct drvmem_common *c, struct drvmem_err *err)
{
	struct drvmem_filter f = drvmem_common__filter(c);
	const char *unknown = NULL;

	if (c->allocators.n && !allocators_of(c, &unknown)) {
		drvmem_err__set(err, -EINVAL, DRVMEM_EXIT_USAGE, "--alloc: '%s' is no allocator", unknown);
		drvmem_err__remedy(err, "there are slab, page, vmalloc, percpu and dma");
		return -EINVAL;
	}
	if (c->max_size && c->min_size > c->max_size)
		return usage(err, "--min-size is larger than --max-size",
			     "no object can have such a size; swap the two");
	if (c->sample_bytes != DRVMEM_SAMPLE_UNSET && c->max_overhead)
		return usage(err, "--sample and --max-overhead exclude each other",
			     "--max-overhead begins with every object and samples when it must");
	if (!c->sample_bytes)
		return usage(err, "--sample 0 leaves nothing to sample",
			     "leave --sample out to take every object");
	if (c->sample_bytes != DRVMEM_SAMPLE_UNSET && drvmem_sampling__check(c->sample_bytes, err))
		return -EINVAL;
	return drvmem_filter__parse_check(&f, err);
}

void drvmem_common__live(const struct drvmem_common *c, const char *name,
			 const struct drvmem_args *args, uint64_t default_duration_ns,
			 struct drvmem_live_opts *ret)
{
	const char *unknown;

	*ret = (struct drvmem_live_opts){
		.session = {
			.allocators = allocators_of(c, &unknown),
			.owner_policy = (uint16_t)c->owner_policy,
			.walk = c->walk,
			.second_look = c->second_look,
			.track_max = c->track_max,
			.max_sites = c->max_sites,
			.min_size = c->min_size,
			.max_size = c->max_size,
			.owners = c->owners.n ? &c->owners : NULL,
			.library = c->library.n ? &c->library : NULL,
			.stacks = c->full_stacks ? DRVMEM_STACKS_FULL : DRVMEM_STACKS_SAMPLED,
			.sample_bytes = c->sample_bytes == DRVMEM_SAMPLE_UNSET ? 0 : c->sample_bytes,
			.may_sample = c->max_overhead != 0,
			.own_cost = true,
			.verbose = c->verbose,
		},
		.name = name,
		.duration_ns = c->duration_ns == DRVMEM_DURATION_UNSET ? default_duration_ns :
									 c->duration_ns,
		.command = args->nr_command ? args->command : NULL,
		.max_overhead = (double)c->max_overhead / 100,
		.with_objects = true,
		.progress = isatty(STDERR_FILENO),
	};
}

static int parse_positional(const struct drvmem_args *args, struct drvmem_live_opts *ret,
			    struct drvmem_err *err)
{
	if (drvmem_parse_duration(args->positional[0], &ret->interval_ns) || !ret->interval_ns) {
		drvmem_err__set(err, -EINVAL, DRVMEM_EXIT_USAGE, "'%s' is not an interval",
				args->positional[0]);
		drvmem_err__remedy(err, "give seconds, or a duration such as 500ms or 2m; "
					"a command to trace goes after '--'");
		return -EINVAL;
	}
	if (args->nr_positional > 1 &&
	    (drvmem_parse_u64(args->positional[1], &ret->count) || !ret->count)) {
		drvmem_err__set(err, -EINVAL, DRVMEM_EXIT_USAGE, "'%s' is not a number of reports",
				args->positional[1]);
		drvmem_err__remedy(err, "give a whole number from 1 on, or leave it out");
		return -EINVAL;
	}
	if (args->nr_positional > 2)
		return usage(err, "too many arguments", "the arguments are [INTERVAL [COUNT]]");
	return 0;
}

static int check_duration(const struct drvmem_common *c, const struct drvmem_args *args,
			  struct drvmem_err *err)
{
	if (args->nr_command && c->duration_ns != DRVMEM_DURATION_UNSET)
		return usage(err, "--duration cannot be used with a command",
			     "a command is traced for exactly its life: leave --duration out");
	return 0;
}

static bool is_file(const char *text)
{
	uint64_t ns;

	return drvmem_parse_duration(text, &ns) && (strpbrk(text, "/.") || !access(text, F_OK));
}

/* What was decided when the session was recorded. */
static const char *live_only(const struct drvmem_common *c, const struct drvmem_args *args)
{
	return args->nr_command ? "a command" : c->duration_ns != DRVMEM_DURATION_UNSET ? "--duration" :
	       c->sample_bytes != DRVMEM_SAMPLE_UNSET ? "--sample" : c->max_overhead ? "--max-overhead" :
	       c->min_size ? "--min-size" : c->max_size ? "--max-size" : c->library.n ? "--library" : c->allocators.n ? "--alloc" :
	       c->full_stacks ? "--stacks" : c->track_max ? "--track-max" : c->max_sites ? "--max-sites" :
	       c->owner_policy ? "--owner" : c->walk ? "--walk" : c->second_look ? "--second-look" : NULL;
}

int drvmem_common__take_file(struct drvmem_common *c, struct drvmem_args *args, struct drvmem_err *err)
{
	const char *why;

	if (!args->nr_positional || !is_file(args->positional[0])) {
		if (c->at || c->window)
			return usage(err, "--at and --window are of a recorded session",
				     "name its file: drvmem report FILE --at TIME");
		return 0;
	}
	c->file = args->positional[0];
	args->positional++;
	args->nr_positional--;
	why = live_only(c, args);
	if (why) {
		drvmem_err__set(err, -EINVAL, DRVMEM_EXIT_USAGE, "%s cannot be used with a recorded session", why);
		drvmem_err__remedy(err, "it was recorded as it was; 'drvmem record' has that option");
		return -EINVAL;
	}
	if (args->nr_positional)
		return usage(err, "a recorded session has its intervals", "choose a moment by --at, or two by --window");
	if (c->at && c->window)
		return usage(err, "--at and --window exclude each other", "--window ..TIME ends at TIME");
	return 0;
}

int drvmem_common__intervals(const struct drvmem_common *c, const struct drvmem_args *args,
			     struct drvmem_live_opts *ret, struct drvmem_err *err)
{
	bool limited = c->duration_ns && c->duration_ns != DRVMEM_DURATION_UNSET;
	int e = check_duration(c, args, err);

	if (e || !args->nr_positional)
		return e;
	e = parse_positional(args, ret, err);
	if (e)
		return e;
	if (limited && ret->count)
		return usage(err, "--duration cannot be used with a COUNT",
			     "INTERVAL times COUNT is the duration: leave one of them out");
	if (limited)
		ret->count = (c->duration_ns - 1) / ret->interval_ns + 1;
	return 0;
}

int drvmem_common__no_intervals(const struct drvmem_common *c, const struct drvmem_args *args,
				struct drvmem_err *err)
{
	if (args->nr_positional) {
		drvmem_err__set(err, -EINVAL, DRVMEM_EXIT_USAGE, "unexpected argument '%s'",
				args->positional[0]);
		drvmem_err__remedy(err, "this command takes options only; a command to trace goes "
					"after '--'");
		return -EINVAL;
	}
	return check_duration(c, args, err);
}

int drvmem_common__scope(const struct drvmem_common *c, const struct drvmem_snapshot *prev,
			 const struct drvmem_snapshot *cur, bool last, struct drvmem_scope **ret,
			 struct drvmem_err *err)
{
	struct drvmem_filter f = drvmem_common__filter(c);
	int e = last ? drvmem_filter__check(&f, cur, err) : 0;

	if (e)
		return e;
	e = drvmem_scope__new(prev, cur, &f, ret);
	if (e == -EINVAL)
		return drvmem_err__set(err, e, DRVMEM_EXIT_INTERNAL,
				       "the snapshot is not consistent (EINVAL)");
	return e ? drvmem_err__set(err, e, DRVMEM_EXIT_INTERNAL, "out of memory") : 0;
}

int drvmem_common__trace(const struct drvmem_common *c, const struct drvmem_live_opts *live,
			 const char *path, struct drvmem_out *out, drvmem_live_fn fn, void *arg,
			 int *ret_signal, struct drvmem_err *err)
{
	int e = drvmem_common__check(c, err);

	if (!e)
		e = drvmem_out__open(out, path, err);
	if (e)
		return e;
	if (c->file) {
		*ret_signal = 0;
		e = drvmem_replay__run(c, live, fn, arg, err);
	} else {
		e = drvmem_live__run(live, fn, arg, ret_signal, err);
	}
	if (!e)
		e = drvmem_out__close(out, err);
	drvmem_out__discard(out);
	return e;
}

bool drvmem_wants_json(int argc, char **argv)
{
	const char *value;
	bool json = false;
	int i;

	for (i = 0; i < argc && strcmp(argv[i], "--"); i++) {
		value = NULL;
		if (!strcmp(argv[i], "-f") || !strcmp(argv[i], "--format"))
			value = i + 1 < argc ? argv[++i] : NULL;
		else if (!strncmp(argv[i], "--format=", 9))
			value = argv[i] + 9;
		else if (!strncmp(argv[i], "-f", 2))
			value = argv[i] + 2;
		if (value)
			json = !strcmp(value, "json");
	}
	return json;
}

int drvmem_fail(const struct drvmem_cmd *cmd, const struct drvmem_err *err, bool json)
{
	drvmem_err__render(cmd->name, err, json, stderr);
	return err->exit ? err->exit : DRVMEM_EXIT_INTERNAL;
}

int drvmem_show_help(const struct drvmem_cmd *cmd)
{
	struct drvmem_err err = { 0 };
	struct drvmem_out out;

	if (drvmem_out__open(&out, NULL, &err))
		return drvmem_fail(cmd, &err, false);
	drvmem_opt__help(cmd, out.f);
	return drvmem_out__close(&out, &err) ? drvmem_fail(cmd, &err, false) : DRVMEM_EXIT_OK;
}

int drvmem_exit_code(const struct drvmem_common *c, int signal, double loss_ppm, bool found)
{
	if (signal)
		return 128 + signal;
	if (found)
		return DRVMEM_EXIT_FINDINGS;
	if (c->max_loss_ppm != DRVMEM_LOSS_ANY && loss_ppm > (double)c->max_loss_ppm)
		return DRVMEM_EXIT_INCOMPLETE;
	return DRVMEM_EXIT_OK;
}

int drvmem_tracing__run(const struct drvmem_cmd *cmd, int argc, char **argv, struct drvmem_tracing *t)
{
	bool json = drvmem_wants_json(argc, argv);	/* parsing permutes argv */
	struct drvmem_err err = { 0 };
	struct drvmem_args args;
	int signal = 0, ret;

	ret = drvmem_opt__parse(cmd, argc, argv, t->opts, &args, &err);
	if (!ret && !args.help && t->replays)
		ret = drvmem_common__take_file(t->common, &args, &err);
	if (!ret && args.help)
		ret = drvmem_show_help(cmd);
	else if (ret || t->trace(t, &args, &signal, &err))
		ret = drvmem_fail(cmd, &err, json);
	else
		ret = drvmem_exit_code(t->common, signal, t->loss_ppm, t->found);
	if (!ret && t->incomplete)
		ret = DRVMEM_EXIT_INCOMPLETE;
	drvmem_common__deinit(t->common);
	return ret;
}
