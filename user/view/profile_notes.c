// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>

#include "base/units.h"
#include "model/arena.h"
#include "view/epochs.h"
#include "view/profile_parts.h"

#define MAX_COMMENTS	(sizeof(((struct drvmem_meta *)0)->notes) / sizeof(char *) + 48)

static const char *shown(const char *text)
{
	return text && text[0] ? text : "?";
}

/* text is of the arena; NULL: out of memory. */
static int add(struct drvmem_profile *p, const char *text)
{
	if (!text)
		return -ENOMEM;
	if (p->nr_comments < MAX_COMMENTS)
		p->comments[p->nr_comments++] = text;
	return 0;
}

static int add_loss(struct drvmem_profile *p, const struct drvmem_scope *v)
{
	const struct drvmem_loss *l = &v->s->loss;

	if (v->lossy)
		return add(p, drvmem_arena__printf(p->arena, "loss: at least %" PRIu64 " events were lost (%.3g ppm), "
				"figures are lower bounds", drvmem_loss__total(l), drvmem_loss__ppm(l)));
	return add(p, drvmem_arena__str(p->arena, l->recursion_misses.st == DRVMEM_OK ? "loss: 0 events" :
					"loss: 0 events; this kernel does not count recursion misses"));
}

/* What the sums of the profile may be wrong by, and since when the session counted how. */
static int add_sampling(struct drvmem_profile *p, const struct drvmem_scope *v)
{
	struct drvmem_counts c = { 0 };
	struct drvmem_strbuf b = { 0 };
	uint32_t i;
	int err;

	for (i = 0; i < v->nr_kept; i++)
		if (!DRVMEM_IS_MAPPING(v->s->sites[v->by_owner[i]].allocator))
			drvmem_counts__add(&c, &v->s->sites[v->by_owner[i]].c);
	drvmem_epochs__say(&v->s->meta, &b);
	err = drvmem_strbuf__error(&b);
	if (!err)
		err = add(p, drvmem_arena__printf(p->arena, "sampled, now one point in %" PRIu64 " bytes on average: values are "
				"estimates; %s", p->period_bytes, drvmem_strbuf__str(&b)));
	drvmem_strbuf__deinit(&b);
	if (err)
		return err;
	return add(p, drvmem_arena__printf(p->arena, "in 95 of 100 cases the truth is within: alloc_objects %" PRIu64 " ± %.0f, "
			"alloc_space %" PRIu64 " ± %.0f, inuse_objects %" PRId64 " ± %.0f, inuse_space %" PRId64 " ± %.0f",
			c.allocs, drvmem_error95(c.allocs_var), c.alloc_bytes, drvmem_error95(c.alloc_bytes_var),
			c.live_objects, drvmem_error95(drvmem_counts__live_var(&c)),
			c.live_bytes, drvmem_error95(drvmem_counts__live_bytes_var(&c))));
}

static int add_walks(struct drvmem_profile *p, const struct drvmem_walks *w)
{
	if (!w->mismatch)
		return 0;
	return add(p, drvmem_arena__printf(p->arena, "%" PRIu64 " of %" PRIu64 " compared walks of stacks differed from the kernel's: "
					   "some owners may be wrong; our walk was switched off", w->mismatch, w->checked));
}

static int add_bounds(struct drvmem_profile *p, const struct drvmem_scope *v)
{
	uint32_t i, upper = 0;
	int err = 0;

	for (i = 0; i < p->nr_samples; i++)
		upper += p->samples[i].upper_bound;
	if (v->s->meta.sampled)
		err = add_sampling(p, v);
	if (!err && upper)
		err = add(p, drvmem_arena__printf(p->arena, "some frees cannot be seen: in use is an upper "
						  "bound in %u of %u samples", upper, p->nr_samples));
	if (!err && v->nr_kept < v->s->nr_sites)
		err = add(p, drvmem_arena__printf(p->arena, "filtered: %u of %u call sites", v->nr_kept,
						  v->s->nr_sites));
	return err;
}

/* Memory that is counted elsewhere: said, and in no sample. */
static int add_mappings(struct drvmem_profile *p, const struct drvmem_scope *v)
{
	int64_t n[DRVMEM_NR_USES] = { 0 }, bytes[DRVMEM_NR_USES] = { 0 };
	uint32_t i, sites[DRVMEM_NR_USES] = { 0 };
	int err = 0;

	for (i = 0; i < v->nr_kept; i++) {
		const struct drvmem_sitesnap *t = &v->s->sites[v->by_owner[i]];

		sites[t->allocator]++;
		n[t->allocator] += t->c.live_objects;
		bytes[t->allocator] += t->c.live_bytes;
	}
	for (i = 0; i < DRVMEM_NR_USES && !err; i++)
		if (DRVMEM_IS_MAPPING(i) && sites[i])
			err = add(p, drvmem_arena__printf(p->arena, "not in it: %" PRId64 " live mappings (%s) of %" PRId64
							  " bytes, memory that is counted elsewhere", n[i],
							  drvmem_allocator_name((uint16_t)i), bytes[i]));
	return err;
}

static int add_callers(struct drvmem_profile *p, const struct drvmem_scope *v, enum drvmem_callers callers)
{
	const char *text = "callers: stacks were sampled; where those of a call site differ, only what they "
			   "have in common is told (--callers estimated divides, --stacks full counts)";

	if (v->s->meta.full_stacks)
		text = "callers: every allocation was walked, the figures are of each stack";
	else if (callers == DRVMEM_CALLERS_ESTIMATED)
		text = "callers: stacks were sampled; where those of a call site differ, its figures are divided "
		       "by the number of samples: estimates (--stacks full counts)";
	return add(p, drvmem_arena__str(p->arena, text));
}

/* Images whose lines were asked for and not found. */
static int add_lines(struct drvmem_profile *p, const struct drvmem_scope *v)
{
	const struct drvmem_debug_use *u;
	uint32_t i, n;
	int err = 0;

	u = drvmem_places__uses(v->places, &n);
	for (i = 0; i < n && !err; i++)
		if (!u[i].file)
			err = add(p, drvmem_arena__printf(p->arena, "no lines of %s (build %s): %s", u[i].image,
							  shown(u[i].build_id), shown(u[i].why)));
	return err;
}

int drvmem_profile__comment(struct drvmem_profile *p, const struct drvmem_scope *v, enum drvmem_callers callers)
{
	const struct drvmem_meta *m = &v->s->meta;
	char period[DRVMEM_UNIT_LEN];
	uint32_t i;
	int err;

	p->comments = calloc(MAX_COMMENTS, sizeof(*p->comments));
	p->exporter = drvmem_arena__printf(p->arena, "drvmem %s", shown(m->version));
	p->title = drvmem_arena__printf(p->arena, "drvmem %s, Linux %s %s, host %s", shown(m->version), shown(m->kernel),
					shown(m->arch), shown(m->hostname));
	if (!p->comments || !p->exporter)
		return -ENOMEM;
	err = add(p, p->title);
	if (!err)
		err = add(p, drvmem_arena__printf(p->arena, "traced %s, owner policy %s; what was allocated before is not in it",
						  drvmem_fmt_duration(p->duration_ns, period, sizeof(period)),
						  drvmem_owner_policy_name(m->owner_policy)));
	if (!err)
		err = add_loss(p, v);
	if (!err)
		err = add_walks(p, &v->s->walks);
	if (!err)
		err = add_bounds(p, v);
	if (!err)
		err = add_mappings(p, v);
	if (!err)
		err = add_callers(p, v, callers);
	if (!err)
		err = add_lines(p, v);
	for (i = 0; i < m->nr_notes && i < sizeof(m->notes) / sizeof(m->notes[0]) && !err; i++)
		err = add(p, drvmem_arena__printf(p->arena, "not seen: %s", shown(m->notes[i])));
	return err;
}
