// SPDX-License-Identifier: GPL-2.0-or-later
#include "simulating.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/slub.h"
#include "base/cleanup.h"
#include "base/file.h"
#include "base/glob.h"
#include "model/filter.h"
#include "render/simulate.h"
#include "source/distribution.h"

struct run {
	const struct drvmem_simulating_opts *o;
	const struct drvmem_common *c;
	bool kernel;
	struct drvmem_distribution *d;
	struct drvmem_simulate_in in;
	uint32_t *site;
};

static int usage(struct drvmem_err *err, const char *remedy, const char *fmt, ...) DRVMEM_PRINTF(3, 4);
static int usage(struct drvmem_err *err, const char *remedy, const char *fmt, ...)
{
	char what[256];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(what, sizeof(what), fmt, ap);
	va_end(ap);
	drvmem_err__set(err, -EINVAL, DRVMEM_EXIT_USAGE, "%s", what);
	drvmem_err__remedy(err, "%s", remedy);
	return -EINVAL;
}

static bool is_set(uint64_t v)
{
	return v != DRVMEM_SIMULATING_UNSET;
}

int drvmem_simulating__none(const struct drvmem_simulating_opts *o, struct drvmem_err *err)
{
	const char *given = o->sizes.n ? "--sizes" : is_set(o->depth) ? "--depth" : is_set(o->limit) ? "--limit" :
			    is_set(o->reserve) ? "--reserve" : NULL;

	if (!given)
		return 0;
	return usage(err, "record a distribution with 'drvmem advise -f distribution -o FILE', then give --simulate FILE",
		     "%s is of a configuration to be simulated: --simulate is missing", given);
}

/* ---- what was asked for */

static int check_others(const struct run *r, const struct drvmem_args *args, struct drvmem_err *err)
{
	static const char traces_nothing[] = "--simulate traces nothing: it replays what FILE has";

	if (args->nr_command)
		return usage(err, traces_nothing, "--simulate cannot be used with a command");
	if (args->nr_positional)
		return usage(err, "this command takes options only", "unexpected argument '%.80s'", args->positional[0]);
	if (r->c->duration_ns != DRVMEM_DURATION_UNSET)
		return usage(err, traces_nothing, "--simulate cannot be used with --duration");
	if (r->c->min_size || r->c->max_size)
		return usage(err, "they choose what is traced; --site, --cache and -m choose what is simulated",
			     "--simulate cannot be used with --min-size or --max-size");
	if (r->c->format != DRVMEM_FORMAT_TEXT && r->c->format != DRVMEM_FORMAT_JSON)
		return usage(err, "-f text or -f json", "a simulation has no such form");
	return 0;
}

static int take_sizes(struct run *r, struct drvmem_err *err)
{
	static const char like[] = "sizes look like 136,544,2K: ascending, each once";
	struct drvmem_simulate_config *c = &r->in.c;
	const struct drvmem_strlist *l = &r->o->sizes;
	uint64_t bytes;
	uint32_t i;

	if (l->n > DRVMEM_SIMULATE_SIZES)
		return usage(err, "a driver with so many caches is none to advise", "more than %u --sizes",
			     DRVMEM_SIMULATE_SIZES);
	for (i = 0; i < l->n; i++) {
		if (drvmem_parse_size(l->v[i], &bytes) || bytes > UINT32_MAX)
			return usage(err, like, "'%.60s' of --sizes is not a size", l->v[i]);
		if (!bytes)
			return usage(err, like, "0 of --sizes is no size of objects");
		if (i && bytes <= c->size[i - 1])
			return usage(err, like, "--sizes are not ascending: %" PRIu64 " comes after %u", bytes, c->size[i - 1]);
		c->size[i] = (uint32_t)bytes;
	}
	c->nr_sizes = l->n;
	return 0;
}

static int take_config(struct run *r, struct drvmem_err *err)
{
	const struct drvmem_simulating_opts *o = r->o;
	struct drvmem_simulate_config *c = &r->in.c;

	c->depth = is_set(o->depth) ? o->depth : 0;
	c->limit = is_set(o->limit) ? o->limit : 0;
	c->reserve = is_set(o->reserve) ? o->reserve : 0;
	if (!o->sizes.n && !c->depth && !c->limit)
		return usage(err, "give --sizes, --depth or --limit (with --reserve)", c->reserve ?
			     "--reserve needs --limit: without one no allocation fails" :
			     "nothing is proposed: there is nothing to simulate");
	if (c->reserve && !c->limit)
		return usage(err, "--limit N is how many objects the allocator has to give",
			     "--reserve needs --limit: without one no allocation fails");
	if (c->reserve > c->limit)
		return usage(err, "a reserve is for what the allocator cannot give now, not for the most of it",
			     "--reserve is more than --limit");
	if (c->limit && c->depth > c->limit)
		return usage(err, "what lies in the list above the limit would never be used",
			     "--depth is more than --limit");
	return take_sizes(r, err);
}

/* ---- what is replayed */

static int read_file(struct run *r, struct drvmem_err *err)
{
	struct drvmem_distribution_fault fault;
	const char *path = r->o->file;
	_cleanup_free_ char *text = NULL;
	size_t len;
	int e = drvmem_file__read(path, DRVMEM_DISTRIBUTION_BYTES, &text, &len);

	if (e) {
		drvmem_err__set(err, e, DRVMEM_EXIT_USAGE, "cannot read '%.200s' (%s)", path, drvmem_errno_name(e));
		drvmem_err__remedy(err, "'drvmem advise -f distribution -o FILE' writes such a file");
		return e;
	}
	e = drvmem_distribution__parse(text, len, &r->d, &fault);
	if (e == -ENOMEM)
		return drvmem_err__set(err, e, DRVMEM_EXIT_INTERNAL, "out of memory");
	if (!e)
		return 0;
	drvmem_err__set(err, e, DRVMEM_EXIT_USAGE, "'%.100s' line %u: %s", path, fault.line, fault.what);
	drvmem_err__remedy(err, "'drvmem advise -f distribution' writes the form, doc/how-it-works.md tells it");
	return e;
}

/* Of no module: the kernel's, drvmem's own, or not known; "kernel:net/core" too. */
static bool is_kernel(const char *owner)
{
	static const char *const names[] = { "kernel", "drvmem", "unknown" };
	size_t n = strcspn(owner, ":"), i;

	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (strlen(names[i]) == n && !strncmp(owner, names[i], n))
			return true;
	return false;
}

/* The owner as a whole, or without the component or load sequence behind it. */
static bool owner_fits(const char *glob, const char *owner)
{
	char name[256];

	snprintf(name, sizeof(name), "%.*s", (int)strcspn(owner, ":#"), owner);
	return drvmem_glob__match_module(glob, owner) || drvmem_glob__match_module(glob, name);
}

static bool site_fits(const char *glob, const char *site)
{
	char name[256];

	snprintf(name, sizeof(name), "%.*s", (int)strcspn(site, "+"), site);
	return drvmem_glob__match(glob, site) || drvmem_glob__match(glob, name);
}

static bool any(const struct drvmem_strlist *l, bool (*fits)(const char *, const char *), const char *text)
{
	uint32_t i;

	for (i = 0; i < l->n; i++)
		if (fits(l->v[i], text))
			return true;
	return !l->n;
}

static bool is_wanted(const struct run *r, const struct drvmem_distribution_site *t)
{
	const struct drvmem_common *c = r->c;

	if (!c->owners.n && !c->sites.n && !c->caches.n && !r->kernel && is_kernel(t->owner))
		return false;
	return any(&c->owners, owner_fits, t->owner) && any(&c->sites, site_fits, t->site) &&
	       any(&c->caches, drvmem_glob__match, t->cache);
}

static int choose(struct run *r, struct drvmem_err *err)
{
	uint32_t i;

	r->site = calloc(r->d->nr_sites, sizeof(*r->site));
	if (!r->site)
		return drvmem_err__set(err, -ENOMEM, DRVMEM_EXIT_INTERNAL, "out of memory");
	for (i = 0; i < r->d->nr_sites; i++)
		if (is_wanted(r, &r->d->sites[i]))
			r->site[r->in.nr_sites++] = i;
	if (r->in.nr_sites)
		return 0;
	if (!r->c->owners.n && !r->c->sites.n && !r->c->caches.n)
		return usage(err, "--kernel, or -m kernel:GLOB, simulates those", "'%.100s' has only call sites of the kernel's own",
			     r->o->file);
	return usage(err, "the lines 'site', 'owner' and 'cache' of the file have the names",
		     "no call site of '%.100s' matches", r->o->file);
}

/* ---- what came of it */

static int check_result(const struct run *r, int e, const struct drvmem_simulation *s, struct drvmem_err *err)
{
	static const char longer[] = "record longer, or choose more call sites (--site, -m)";

	if (r->in.c.nr_sizes && s->sites && !s->kmalloc)
		return usage(err, "caches of their own, and pages, have their size already: choose a site of a kmalloc-* cache",
			     "--sizes are for kmallocs, and no call site that was chosen does one");
	if (e == -ENODATA && !s->recorded_allocs)
		return usage(err, "a session of 'drvmem advise' records them; percpu memory is not simulated",
			     "the call sites that were chosen have no sizes: there is nothing to replay");
	if (e == -ENODATA)
		return usage(err, longer, "only %" PRIu64 " allocations were recorded of what was chosen: %u are needed",
			     s->recorded_allocs, DRVMEM_SIMULATE_MIN);
	if (e == -E2BIG)
		return usage(err, "lower --depth or --reserve, or choose fewer call sites",
			     "--depth and --reserve are of each cache: more than %u objects would lie there",
			     DRVMEM_SIMULATE_BEFOREHAND);
	if (e)
		return drvmem_err__set(err, e, DRVMEM_EXIT_INTERNAL, "cannot simulate this (%s)", drvmem_errno_name(e));
	if (r->in.c.nr_sizes && s->unused_sizes == (1u << r->in.c.nr_sizes) - 1)
		return usage(err, "raise --sizes: the lines 'size' of the file have the sizes",
			     "no object fits --sizes: all are larger");
	return 0;
}

/* No slab holds it: said before anything is simulated. */
static int check_slabs(const struct run *r, struct drvmem_err *err)
{
	struct drvmem_slub_cache cache = { 0 };
	struct drvmem_slub_layout l;
	uint32_t i;

	for (i = 0; i < r->in.c.nr_sizes; i++) {
		cache.object_size = r->in.c.size[i];
		if (!drvmem_slub(&r->d->slub, &cache, &l))
			return usage(err, "larger buffers are for the page allocator, or vmalloc", "no slab holds %u bytes of --sizes",
				     r->in.c.size[i]);
	}
	return 0;
}

static int render(const struct run *r, const struct drvmem_simulation *s, struct drvmem_err *err)
{
	struct drvmem_simulated_view v;
	struct drvmem_text_opts t;
	struct drvmem_out out;
	int e = drvmem_out__open(&out, r->c->output, err);

	if (e)
		return e;
	drvmem_simulated_view_init(&v, s, r->d, &r->in.c);
	if (r->c->format == DRVMEM_FORMAT_JSON) {
		drvmem_json__simulation(&v, out.f);
	} else {
		drvmem_out__text_opts(&out, &t);
		e = drvmem_text__simulation(&v, &t, out.f);
	}
	if (!e)
		return drvmem_out__close(&out, err);
	drvmem_out__discard(&out);
	return drvmem_err__set(err, e, DRVMEM_EXIT_INTERNAL, "out of memory");
}

static int simulate(struct run *r, struct drvmem_err *err)
{
	struct drvmem_simulation s;
	int e;

	r->in.d = r->d;
	r->in.site = r->site;
	r->in.seed = r->o->seed;
	e = check_slabs(r, err);
	if (e)
		return e;
	e = drvmem_simulate(&r->in, &s);
	e = check_result(r, e, &s, err);
	if (!e)
		e = render(r, &s, err);
	drvmem_simulation__deinit(&s);
	return e;
}

int drvmem_simulating__run(const struct drvmem_simulating_opts *o, const struct drvmem_common *c, bool kernel,
			   const struct drvmem_args *args, struct drvmem_err *err)
{
	struct drvmem_filter f = drvmem_common__filter(c);
	struct run r = { .o = o, .c = c, .kernel = kernel };
	int e = check_others(&r, args, err);

	if (!e)
		e = take_config(&r, err);
	if (!e)
		e = drvmem_filter__parse_check(&f, err);
	if (!e)
		e = read_file(&r, err);
	if (!e)
		e = choose(&r, err);
	if (!e)
		e = simulate(&r, err);
	free(r.site);
	drvmem_distribution__free(r.d);
	return e;
}
