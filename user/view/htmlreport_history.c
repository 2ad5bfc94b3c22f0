// SPDX-License-Identifier: GPL-2.0-or-later
/* The timeline as a page can hold it: fewer points, and series of the sites that moved most. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "view/htmlreport_parts.h"

#define NO_POINT UINT32_MAX
#define MIN_POINTS 40u

struct drvmem_timeline_counts drvmem_htmlreport__site_at(const struct drvmem_htmlreport *r,
							 const struct drvmem_html_site *k, uint32_t point)
{
	if (r->points[point].from == NO_POINT)
		return (struct drvmem_timeline_counts){ 0 };
	return drvmem_timeline__site(r->in.t, r->points[point].from, r->in.v->s->sites[k->site].id);
}

/* Fewer points of many owners: each may change at each of them. */
static uint32_t max_points(const struct drvmem_htmlreport *r)
{
	uint32_t n = DRVMEM_HTML_ROWS / (r->nr_units ? r->nr_units : 1);

	return n < MIN_POINTS ? MIN_POINTS : n > DRVMEM_HTML_POINTS ? DRVMEM_HTML_POINTS : n;
}

/* The start, then every so many-th point counted from the end, so that the last one is among them. */
static void choose_points(struct drvmem_htmlreport *r)
{
	const struct drvmem_timeline *t = r->in.t;
	uint32_t room = max_points(r) - 1, stride = (t->nr_points + room - 1) / room, i;

	r->points[r->nr_points++] = (struct drvmem_html_point){ t->started_ns, NO_POINT };
	for (i = (t->nr_points - 1) % stride; i < t->nr_points; i += stride)
		r->points[r->nr_points++] = (struct drvmem_html_point){ t->points[i].taken_ns, i };
	r->points_left_out = t->nr_points - (r->nr_points - 1);
}

static bool same(const struct drvmem_timeline_counts *a, const struct drvmem_timeline_counts *b)
{
	return !memcmp(a, b, sizeof(*a));
}

/* At how many points a site changes, and what it had at each of them added to its unit. */
static uint32_t add_moments(struct drvmem_htmlreport *r, const struct drvmem_html_site *k)
{
	struct drvmem_timeline_counts before = { 0 }, now;
	struct drvmem_html_unit *u = &r->units[k->unit];
	uint32_t i, n = 0;

	for (i = 0; i < r->nr_points; i++) {
		now = drvmem_htmlreport__site_at(r, k, i);
		n += !same(&before, &now);
		drvmem_timeline_counts__add(&u->at[i], &now);
		before = now;
	}
	return n;
}

struct moved {
	uint32_t site, rows;
	uint64_t bytes;
};

static int cmp_moved(const void *a, const void *b)
{
	const struct moved *x = a, *y = b;

	if (x->bytes != y->bytes)
		return x->bytes < y->bytes ? 1 : -1;
	return (x->site > y->site) - (x->site < y->site);
}

/* Sites with series: those that took most, as long as there is room. */
static int make_series(struct drvmem_htmlreport *r)
{
	struct moved *m = calloc(r->nr_sites ? r->nr_sites : 1, sizeof(*m));
	uint64_t rows = 0;
	uint32_t i;

	if (!m)
		return -ENOMEM;
	for (i = 0; i < r->nr_sites; i++)
		m[i] = (struct moved){ i, add_moments(r, &r->sites[i]), r->sites[i].sum.c.alloc_bytes };
	qsort(m, r->nr_sites, sizeof(*m), cmp_moved);
	for (i = 0; i < r->nr_sites; i++) {
		if (!r->sites[m[i].site].shown || rows + m[i].rows > DRVMEM_HTML_ROWS)
			continue;
		rows += m[i].rows;
		r->sites[m[i].site].history = true;
		r->nr_history++;
	}
	free(m);
	return 0;
}

/* What the one holds beyond the other, where both are known; counters are not read in one moment. */
static struct drvmem_u64 less(struct drvmem_u64 a, struct drvmem_u64 b)
{
	if (a.st != DRVMEM_OK || b.st != DRVMEM_OK)
		return a;
	a.v = a.v > b.v ? a.v - b.v : 0;
	return a;
}

/* In this order from the bottom up; a class holds what none before it holds. */
static const char *const class_names[DRVMEM_HTML_CLASSES] = {
	"slab, unreclaimable", "slab, reclaimable", "vmalloc, module images", "kernel stacks", "page tables",
	"page tables of guests, IOMMU", "percpu", "other reclaimable", "bounce buffers",
};

static struct drvmem_u64 class_at(const struct drvmem_u64 *mem, uint32_t c)
{
	switch (c) {
	case 0:
		return mem[DRVMEM_MEM_SUNRECLAIM];
	case 1:
		return mem[DRVMEM_MEM_SRECLAIMABLE];
	case 2:	/* areas of stacks are in VmallocUsed with VMAP_STACK; without it this is too little, never too much */
		return less(mem[DRVMEM_MEM_VMALLOC_USED], mem[DRVMEM_MEM_STACK]);
	case 3:
		return mem[DRVMEM_MEM_STACK];
	case 4:
		return mem[DRVMEM_MEM_PAGE_TABLES];
	case 5:
		return mem[DRVMEM_MEM_SEC_PAGE_TABLES];
	case 6:
		return mem[DRVMEM_MEM_PERCPU];
	case 7:
		return less(mem[DRVMEM_MEM_KRECLAIMABLE], mem[DRVMEM_MEM_SRECLAIMABLE]);
	default:
		return mem[DRVMEM_MEM_BOUNCE];
	}
}

/* A class that is nowhere known, or always 0, is left out. */
static int make_class(struct drvmem_htmlreport *r, uint32_t c)
{
	struct drvmem_u64 *v = calloc(r->nr_points, sizeof(*v));
	const struct drvmem_u64 *mem;
	bool any = false;
	uint32_t i;

	if (!v)
		return -ENOMEM;
	for (i = 0; i < r->nr_points; i++) {
		mem = r->points[i].from == NO_POINT ? NULL : r->in.t->points[r->points[i].from].mem;
		v[i] = mem ? class_at(mem, c) : (struct drvmem_u64){ 0, DRVMEM_ABSENT };
		any |= v[i].st == DRVMEM_OK && v[i].v;
	}
	if (any)
		r->classes[r->nr_classes++] = (struct drvmem_html_class){ class_names[c], v };
	else
		free(v);
	return 0;
}

bool drvmem_htmlreport__born(const struct drvmem_htmlreport *r, const struct drvmem_html_site *k,
			     struct drvmem_html_born *ret)
{
	const struct drvmem_snapshot *s = r->in.v->s;
	const struct drvmem_sitesnap *t = &s->sites[k->site];
	const struct drvmem_object *o = s->objects + t->first_object;
	uint32_t i, lo, hi, mid;
	uint64_t born_ns;

	if (!s->nr_objects || s->meta.sampled || !r->nr_points)
		return false;
	memset(ret, 0, r->nr_points * sizeof(*ret));
	for (i = 0; i < t->nr_objects; i++) {
		if (o[i].flags & DRVMEM_F_RCU_PENDING)
			continue;
		born_ns = s->meta.taken_ns > o[i].age_ns ? s->meta.taken_ns - o[i].age_ns : 0;
		for (lo = 1, hi = r->nr_points - 1; lo < hi;) {	/* the first point that is not before it */
			mid = lo + (hi - lo) / 2;
			if (r->points[mid].taken_ns < born_ns)
				lo = mid + 1;
			else
				hi = mid;
		}
		ret[lo].objects++;
		ret[lo].bytes += o[i].asked;
	}
	return true;
}

static const char *frame_of(const struct drvmem_stacksnap *k, uint32_t i)
{
	return k->frame[i] ? k->frame[i] : "?";
}

enum drvmem_basis drvmem_htmlreport__path(const struct drvmem_htmlreport *r, const struct drvmem_html_site *k,
					  const char **ret, uint32_t *ret_nr)
{
	const struct drvmem_snapshot *s = r->in.v->s;
	const struct drvmem_stacksnap *one, *other;
	uint32_t first, nr, i, j, n;
	bool differ = false;

	drvmem_scope__stacks(r->in.v, k->site, &first, &nr);
	*ret_nr = 0;
	if (!nr)
		return DRVMEM_BASIS_NONE;
	one = &s->stacks[r->in.v->stacks[first]];
	for (n = one->nr, i = 1; i < nr; i++) {
		other = &s->stacks[r->in.v->stacks[first + i]];
		for (j = 0; j < n && j < other->nr && !strcmp(frame_of(one, j), frame_of(other, j)); j++)
			;
		differ |= j < n || j < other->nr;
		n = j;
	}
	for (i = 0; i < n; i++)
		ret[i] = frame_of(one, i);
	*ret_nr = n;
	return differ ? DRVMEM_BASIS_DIFFER : s->meta.full_stacks ? DRVMEM_BASIS_EXACT : DRVMEM_BASIS_SAMPLED;
}

static int64_t highest(const struct drvmem_htmlreport *r, uint32_t unit)
{
	int64_t most = 0;
	uint32_t i;

	for (i = 0; i < r->nr_points; i++)
		if (r->units[unit].at[i].live_bytes > most)
			most = r->units[unit].at[i].live_bytes;
	return most;
}

uint32_t drvmem_htmlreport__lines(const struct drvmem_htmlreport *r, uint32_t *ret, uint32_t max)
{
	int64_t top[DRVMEM_HTML_LINES], h;
	uint32_t n = 0, i, j;

	if (max > DRVMEM_HTML_LINES)
		max = DRVMEM_HTML_LINES;
	for (i = 0; i < r->nr_units && r->nr_points && max; i++) {
		h = highest(r, i);
		if (!h || (n == max && h <= top[n - 1]))
			continue;
		for (j = n < max ? n++ : n - 1; j && top[j - 1] < h; j--) {
			top[j] = top[j - 1];
			ret[j] = ret[j - 1];
		}
		top[j] = h;
		ret[j] = i;
	}
	return n;
}

int drvmem_htmlreport__make_history(struct drvmem_htmlreport *r)
{
	const struct drvmem_timeline *t = r->in.t;
	uint32_t i;
	int e = 0;

	if (!t || !t->nr_points)
		return 0;
	if (t->points[t->nr_points - 1].taken_ns != r->in.v->s->meta.taken_ns)
		return -EINVAL;
	r->points = calloc(DRVMEM_HTML_POINTS + 1, sizeof(*r->points));
	if (!r->points)
		return -ENOMEM;
	choose_points(r);
	for (i = 0; i < r->nr_units; i++) {
		r->units[i].at = calloc(r->nr_points, sizeof(*r->units[i].at));
		if (!r->units[i].at)
			return -ENOMEM;
	}
	for (i = 0; i < DRVMEM_HTML_CLASSES && !e; i++)
		e = make_class(r, i);
	return e ? e : make_series(r);
}
