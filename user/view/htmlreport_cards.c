// SPDX-License-Identifier: GPL-2.0-or-later
/* The first thing that is seen: what was found, each with what it rests on. */
#include <inttypes.h>
#include <stdio.h>

#include "base/units.h"
#include "view/htmlreport_parts.h"

static struct drvmem_html_card *add(struct drvmem_htmlreport *r, const char *key, const char *title, enum drvmem_unit unit)
{
	struct drvmem_html_card *c = &r->cards[r->nr_cards++];

	*c = (struct drvmem_html_card){ .key = key, .title = title, .unit = unit, .note = "" };
	return c;
}

static struct drvmem_cell number(uint64_t v, unsigned int flags)
{
	return (struct drvmem_cell){ .type = DRVMEM_CELL_U64, .flags = flags, .u = v };
}

static struct drvmem_cell signed_number(int64_t v, unsigned int flags)
{
	return (struct drvmem_cell){ .type = DRVMEM_CELL_I64, .flags = flags, .i = v };
}

/* Why there is no figure, and what would make one. */
static const char *gap(struct drvmem_htmlreport *r, const struct drvmem_html_gap *g, const char *otherwise)
{
	if (!g->why)
		return otherwise;
	return g->run ? drvmem_arena__printf(r->arena, "%s Run: %s", g->why, g->run) : g->why;
}

static void growing(struct drvmem_htmlreport *r)
{
	struct drvmem_html_card *c = add(r, "growing", "call sites that surely grow", DRVMEM_UNIT_COUNT);
	const struct drvmem_outstanding *g = r->in.growth;
	const struct drvmem_snapshot *s = r->in.v->s;
	uint32_t n;

	if (!g) {
		c->value = (struct drvmem_cell){ .type = DRVMEM_CELL_U64, .st = DRVMEM_ABSENT };
		c->note = gap(r, &r->in.no_growth, "Growth was not judged in this session.");
		return;
	}
	n = g->growing + g->mappings_growing;
	c->value = number(n, 0);
	c->tone = n ? DRVMEM_TONE_BAD : DRVMEM_TONE_GOOD;
	if (g->growing)
		c->note = drvmem_arena__printf(r->arena, "First: %s of %s. Growing is no proof of a leak: drvmem leaks looks who "
			"holds the objects.", s->sites[g->site[0].site].site, r->in.v->owner_name[s->sites[g->site[0].site].owner]);
	else
		c->note = drvmem_arena__printf(r->arena, "%u sites have objects older than is usual for them.", g->nr_sites);
}

static void grower(struct drvmem_htmlreport *r)
{
	struct drvmem_html_card *c = add(r, "grower", "grew most", DRVMEM_UNIT_BYTES);
	const struct drvmem_html_unit *most = NULL;
	char span[DRVMEM_UNIT_LEN];
	uint32_t i;

	c->change = true;
	for (i = 0; i < r->nr_units; i++)
		if (r->units[i].sum.d.live_bytes > 0 &&
		    (!most || r->units[i].sum.d.live_bytes > most->sum.d.live_bytes))
			most = &r->units[i];
	drvmem_fmt_duration(r->in.v->delta->interval_ns, span, sizeof(span));
	c->value = signed_number(most ? most->sum.d.live_bytes : 0, 0);
	c->value.error = most ? drvmem_error95(most->sum.d.live_bytes_var) : 0;
	if (most)
		c->note = drvmem_arena__printf(r->arena, "%s%s, in the last %s.", most->name, most->guess ? " (guess)" : "", span);
	else
		c->note = drvmem_arena__printf(r->arena, "No owner grew in the last %s.", span);
}

static void unaccounted(struct drvmem_htmlreport *r)
{
	struct drvmem_html_card *c = add(r, "unaccounted", "RAM that nothing accounts for", DRVMEM_UNIT_BYTES);
	const struct drvmem_ram_result *ram = r->in.system ? &r->in.system->ram : NULL;
	uint64_t total;

	c->value = (struct drvmem_cell){ .type = DRVMEM_CELL_I64, .st = DRVMEM_ABSENT };
	c->note = gap(r, &r->in.no_system, "The whole machine was not read in this session.");
	if (!ram)
		return;
	if (ram->unaccounted_st != DRVMEM_OK) {
		c->value.st = ram->unaccounted_st;
		c->note = ram->unaccounted_why ? ram->unaccounted_why : "";
		return;
	}
	total = ram->total.bytes.v;
	c->value = signed_number(ram->unaccounted, ram->unaccounted < 0 ? DRVMEM_CELL_GUESS : 0);
	c->tone = ram->unaccounted > 0 && (uint64_t)ram->unaccounted > total / 20 ? DRVMEM_TONE_WATCH : DRVMEM_TONE_PLAIN;
	c->note = drvmem_arena__printf(r->arena, "%.1f %% of MemTotal is in none of the kernel's classes.",
				       total ? (double)ram->unaccounted * 100 / (double)total : 0);
}

static void waste(struct drvmem_htmlreport *r)
{
	struct drvmem_html_card *c = add(r, "waste", "waste of live objects", DRVMEM_UNIT_BYTES);
	const struct drvmem_sum *m = &r->total;
	char live[DRVMEM_UNIT_LEN];

	c->value = signed_number(m->waste_bytes, m->waste_partial || r->in.v->lossy ? DRVMEM_CELL_LOWER : 0);
	c->value.st = m->waste_st;
	c->value.error = drvmem_error95(m->waste_var);
	c->note = drvmem_arena__printf(r->arena, "Held beyond the %s that were asked for, by rounding to sizes of caches and pages.",
				       drvmem_fmt_bytes(m->c.live_bytes > 0 ? (uint64_t)m->c.live_bytes : 0, live, sizeof(live)));
}

static void failures(struct drvmem_htmlreport *r)
{
	struct drvmem_html_card *c = add(r, "failures", "failed allocations", DRVMEM_UNIT_COUNT);
	const struct drvmem_html_unit *most = NULL;
	uint32_t i;

	for (i = 0; i < r->nr_units; i++)
		if (r->units[i].sum.c.failures && (!most || r->units[i].sum.c.failures > most->sum.c.failures))
			most = &r->units[i];
	c->value = number(r->total.c.failures, r->in.v->lossy ? DRVMEM_CELL_LOWER : 0);
	c->tone = most ? DRVMEM_TONE_WATCH : DRVMEM_TONE_GOOD;
	c->note = most ? drvmem_arena__printf(r->arena, "Most of them %s's.", most->name) : "No owner was refused memory.";
}

static void loss(struct drvmem_htmlreport *r)
{
	struct drvmem_html_card *c = add(r, "loss", "events lost", DRVMEM_UNIT_COUNT);
	const struct drvmem_loss *l = &r->in.v->s->loss;
	char events[DRVMEM_UNIT_LEN];
	uint64_t n = drvmem_loss__total(l);

	c->value = number(n, 0);
	c->tone = n ? DRVMEM_TONE_WATCH : DRVMEM_TONE_GOOD;
	drvmem_fmt_count(l->events, events, sizeof(events));
	if (n)
		c->note = drvmem_arena__printf(r->arena, "Of %s events: totals are at least what is shown.", events);
	else
		c->note = drvmem_arena__printf(r->arena, "All of %s events are in the figures%s.", events,
					       r->in.v->s->meta.sampled ? ", which are estimates from samples" : "");
}

static void live(struct drvmem_htmlreport *r)
{
	struct drvmem_html_card *c = add(r, "live", "live, allocated in the session", DRVMEM_UNIT_BYTES);
	char span[DRVMEM_UNIT_LEN];
	const struct drvmem_meta *m = &r->in.v->s->meta;

	c->value = signed_number(r->total.c.live_bytes, (r->in.v->lossy ? DRVMEM_CELL_LOWER : 0) |
				 (r->total.upper_bound ? DRVMEM_CELL_UPPER : 0));
	c->value.error = drvmem_error95(drvmem_counts__live_bytes_var(&r->total.c));
	drvmem_fmt_duration(m->taken_ns - m->started_ns, span, sizeof(span));
	c->note = drvmem_arena__printf(r->arena, "Of %u owners, after %s of tracing. What is older is not in it.", r->nr_units, span);
}

void drvmem_htmlreport__make_cards(struct drvmem_htmlreport *r)
{
	uint32_t i;

	growing(r);
	grower(r);
	live(r);
	waste(r);
	failures(r);
	unaccounted(r);
	loss(r);
	for (i = 0; i < r->nr_cards; i++)
		if (!r->cards[i].note)
			r->cards[i].note = "";
}
