// SPDX-License-Identifier: GPL-2.0-or-later
#include "view/diffed_notes.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "base/units.h"
#include "model/arena.h"
#include "view/epochs.h"

uint64_t drvmem_diffed__period_ns(const struct drvmem_scope *v)
{
	const struct drvmem_meta *m = &v->s->meta;

	return m->taken_ns > m->started_ns ? m->taken_ns - m->started_ns : 0;
}

static const char *shown(const char *text)
{
	return text && text[0] ? text : "?";
}

/* text is of the arena or static; NULL: out of memory. */
static int add(struct drvmem_diffed *d, const char *text)
{
	if (!text)
		return -ENOMEM;
	if (d->nr_notes < DRVMEM_DIFFED_NOTES)
		d->notes[d->nr_notes++] = text;
	return 0;
}

static int add_side(struct drvmem_diffed *d, char name, const struct drvmem_scope *v)
{
	const struct drvmem_meta *m = &v->s->meta;
	char period[DRVMEM_UNIT_LEN], events[DRVMEM_UNIT_LEN];

	return add(d, drvmem_arena__printf(d->arena, "%c: host %s, Linux %s %s, traced %s, %s events, owner policy %s", name,
					   shown(m->hostname), shown(m->kernel), shown(m->arch),
					   drvmem_fmt_duration(drvmem_diffed__period_ns(v), period, sizeof(period)),
					   drvmem_fmt_count(v->s->loss.events, events, sizeof(events)),
					   drvmem_owner_policy_name(m->owner_policy)));
}

static int add_sampled(struct drvmem_diffed *d, char name, const struct drvmem_scope *v)
{
	struct drvmem_strbuf b = { 0 };
	int err;

	drvmem_epochs__say(&v->s->meta, &b);
	err = drvmem_strbuf__error(&b);
	if (!err)
		err = add(d, drvmem_arena__printf(d->arena, "%c was sampled: its figures are estimates (%s)", name,
						  drvmem_strbuf__str(&b)));
	drvmem_strbuf__deinit(&b);
	return err;
}

/* What is not known of one side alone. */
static int add_limits(struct drvmem_diffed *d, char name, const struct drvmem_scope *v)
{
	const struct drvmem_meta *m = &v->s->meta;
	int err = 0;

	if (v->lossy)
		err = add(d, drvmem_arena__printf(d->arena, "%c lost at least %" PRIu64 " events (%.3g ppm): its figures are "
						  "lower bounds", name, drvmem_loss__total(&v->s->loss),
						  drvmem_loss__ppm(&v->s->loss)));
	if (!err && v->s->loss.recursion_misses.st != DRVMEM_OK)
		err = add(d, drvmem_arena__printf(d->arena, "%c: that kernel does not count recursion misses", name));
	if (!err && m->sampled)
		err = add_sampled(d, name, v);
	if (!err && v->s->walks.mismatch)
		err = add(d, drvmem_arena__printf(d->arena, "%c: a walk of a stack differed from the kernel's: some of its owners may "
						  "be wrong", name));
	if (!err && m->only)
		err = add(d, drvmem_arena__printf(d->arena, "%c tracked only the owners that were asked for", name));
	if (!err && v->nr_kept < v->s->nr_sites)
		err = add(d, drvmem_arena__printf(d->arena, "%c is filtered: %u of %u call sites", name, v->nr_kept,
						  v->s->nr_sites));
	return err;
}

/* An allocator that one side did not see is no change. */
static int add_allocators(struct drvmem_diffed *d, uint32_t a, uint32_t b)
{
	uint16_t i;
	int err = 0;

	for (i = 0; i < DRVMEM_NR_ALLOCATORS && !err; i++)
		if ((a ^ b) & 1u << i)
			err = add(d, drvmem_arena__printf(d->arena, "%s was traced in %c only: what it shows is no change",
							  drvmem_allocator_name(i), a & 1u << i ? 'A' : 'B'));
	return err;
}

/* More than a tenth apart. */
static bool far_apart(uint64_t x, uint64_t y)
{
	return x > y ? x - y > y / 10 : y - x > x / 10;
}

static int add_differences(struct drvmem_diffed *d)
{
	const struct drvmem_meta *a = &d->a->s->meta, *b = &d->b->s->meta;
	int err = 0;

	if (far_apart(drvmem_diffed__period_ns(d->a), drvmem_diffed__period_ns(d->b)))
		err = add(d, "traced for different times: what is live since the start grows with the time, and so do "
			     "allocs; compare the rates");
	if (!err && a->owner_policy != b->owner_policy)
		err = add(d, "the owner policies differ: what moved from one owner to another may be due to that alone");
	if (!err && (a->min_size != b->min_size || a->max_size != b->max_size))
		err = add(d, "different sizes were traced: what one side left out is no change");
	if (!err && strcmp(shown(a->arch), shown(b->arch)))
		err = add(d, "different architectures: sizes of objects differ by themselves");
	if (!err && a->page_size != b->page_size)
		err = add(d, "different page sizes: what is taken in pages differs by itself");
	if (!err && a->nr_cpus != b->nr_cpus)
		err = add(d, "different numbers of CPUs: percpu memory differs by itself");
	return err ? err : add_allocators(d, a->traced, b->traced);
}

/* How rows were found to be the same, where that is not plain. */
static int add_matches(struct drvmem_diffed *d)
{
	uint32_t i, order = 0, merged = 0;
	int err = 0;

	for (i = 0; i < d->c->nr_rows; i++) {
		order += d->c->rows[i].match == DRVMEM_MATCH_ORDER;
		merged += d->c->rows[i].match == DRVMEM_MATCH_MERGED;
	}
	if (order)
		err = add(d, drvmem_arena__printf(d->arena, "different builds: %u call sites go together by their order in "
						  "the function", order));
	if (!err && merged)
		err = add(d, drvmem_arena__printf(d->arena, "different builds: %u functions have different numbers of call "
						  "sites, and are shown as one each", merged));
	return err;
}

/* What figures of these rows are. */
static int add_meaning(struct drvmem_diffed *d)
{
	bool full = d->a->s->meta.full_stacks && d->b->s->meta.full_stacks;
	int err = 0;

	if (d->opts.windows)
		err = add(d, "A and B are windows: figures are what became more in each, its end less its start");
	if (!err && d->opts.by == DRVMEM_COMPARE_STACK && !full)
		err = add(d, "stacks were sampled: functions are shown with the callers that all stacks of A and B have in "
			     "common (--stacks full of both sessions tells each stack)");
	if (!err && d->opts.by == DRVMEM_COMPARE_STACK && (drvmem_scope__has_maps(d->a) || drvmem_scope__has_maps(d->b)))
		err = add(d, "mappings are not compared by stack: --by site has them");
	return err;
}

int drvmem_diffed__note(struct drvmem_diffed *d)
{
	int err = add_side(d, 'A', d->a);

	if (!err)
		err = add_side(d, 'B', d->b);
	if (!err)
		err = add_limits(d, 'A', d->a);
	if (!err)
		err = add_limits(d, 'B', d->b);
	if (!err)
		err = add_differences(d);
	if (!err)
		err = add_meaning(d);
	return err ? err : add_matches(d);
}
