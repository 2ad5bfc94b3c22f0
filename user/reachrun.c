// SPDX-License-Identifier: GPL-2.0-or-later
#include "reachrun.h"

#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "analysis/reach.h"
#include "base/log.h"
#include "base/cleanup.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/fnv.h"
#include "base/stop.h"
#include "base/table.h"
#include "model/arena.h"
#include "source/scan.h"
#include "symbol/symbol.h"

#define MAX_ASKED	100000u
#define GAP_NS		3000000000ull	/* between the passes: a CPU does not keep a pointer to itself so long */
#define STEP_NS		100000000l

struct run {
	struct drvmem_reachrun *r;
	struct drvmem_trace *t;
	const struct drvmem_snapshot *cur;
	bool progress;
	bool after_stop;	/* the run was ended by a signal */
	int pass;
	struct drvmem_reach_object *object;	/* asked about */
};

/* ---- which objects */

static bool may_ask(const struct drvmem_snapshot *s, const struct drvmem_object *o)
{
	return !DRVMEM_IS_MAPPING(s->sites[o->site].allocator) && !(o->flags & DRVMEM_F_RCU_PENDING);
}

static uint64_t held_by(const struct drvmem_snapshot *s, const struct drvmem_object *o)
{
	const struct drvmem_sitesnap *t = &s->sites[o->site];
	uint64_t held = s->caches[o->cache].held;

	/* a class's bytes are those of an object where it is one of fixed size */
	if (t->allocator == DRVMEM_ALLOC_SLAB || t->allocator == DRVMEM_ALLOC_PAGE)
		return held > o->asked ? held : o->asked;
	return o->asked;
}

/*
 * Those between the marks first, then drivers', and of these the old ones: when there are too many, the
 * others are not asked about.
 */
static int cmp_worth(const void *a, const void *b, void *arg)
{
	const struct run *u = arg;
	const struct drvmem_snapshot *s = u->cur;
	const struct drvmem_object *x = &s->objects[*(const uint32_t *)a], *y = &s->objects[*(const uint32_t *)b];
	int mx = s->instances[s->sites[x->site].owner].type == DRVMEM_OWNER_MODULE;
	int my = s->instances[s->sites[y->site].owner].type == DRVMEM_OWNER_MODULE;

	if (u->r->mark && (x->mark == u->r->mark) != (y->mark == u->r->mark))
		return x->mark == u->r->mark ? -1 : 1;
	if (mx != my)
		return my - mx;
	return (x->age_ns < y->age_ns) - (x->age_ns > y->age_ns);
}

/* Owners of whose memory some is mapped for DMA: a device may be all that knows an address. NULL on ENOMEM. */
static bool *find_mapped(const struct drvmem_snapshot *s)
{
	bool *mapped = calloc(s->nr_instances + 1ull, sizeof(*mapped));
	uint32_t i;

	for (i = 0; mapped && i < s->nr_sites; i++)
		if (s->sites[i].allocator == DRVMEM_MAP_DMA && s->sites[i].nr_objects)
			mapped[s->sites[i].owner] = true;
	return mapped;
}

static int choose(struct run *u)
{
	const struct drvmem_snapshot *s = u->cur;
	struct drvmem_reachrun *r = u->r;
	struct drvmem_verdicts *d = &r->verdicts;
	_cleanup_free_ bool *mapped = find_mapped(s);
	uint32_t i, n = 0;

	r->asked = malloc((s->nr_objects + 1ull) * sizeof(*r->asked));
	r->object = malloc((s->nr_objects + 1ull) * sizeof(*r->object));
	if (!mapped || !r->asked || !r->object)
		return -ENOMEM;
	for (i = 0; i < s->nr_objects; i++) {
		r->asked[i] = UINT32_MAX;
		if (may_ask(s, &s->objects[i]))
			r->object[n++] = i;
	}
	if (n > MAX_ASKED) {
		qsort_r(r->object, n, sizeof(*r->object), cmp_worth, u);
		d->not_asked = n - MAX_ASKED;
		n = MAX_ASKED;
	}
	u->object = calloc(n ? n : 1, sizeof(*u->object));
	r->v = calloc(n ? n : 1, sizeof(*r->v));
	r->name = calloc(n ? n : 1, sizeof(*r->name));
	if (!u->object || !r->v || !r->name)
		return -ENOMEM;
	for (i = 0; i < n; i++) {
		const struct drvmem_object *o = &s->objects[r->object[i]];

		r->asked[r->object[i]] = i;
		u->object[i] = (struct drvmem_reach_object){
			.inv_key = o->inverted,
			.held = held_by(s, o),
			.allocator = s->sites[o->site].allocator,
			.unseen = s->caches[o->cache].upper_bound || s->caches[o->cache].destroyed ||
				  drvmem_loss__total(&s->loss),
			/* tables of the kernel's own: of an IOMMU, and others */
			.by_number = (s->sites[o->site].allocator == DRVMEM_ALLOC_PAGE &&
				      s->instances[s->sites[o->site].owner].type != DRVMEM_OWNER_MODULE) ||
				     mapped[s->sites[o->site].owner],
		};
	}
	d->nr = n;
	d->v = r->v;
	d->asked = r->asked;
	d->object = r->object;
	d->name = r->name;
	return 0;
}

/* ---- the scan */

void drvmem_reachrun__symbols(const char *text, size_t len, struct drvmem_kmem_syms *k)
{
	static const char *const names[] = {
		"init_top_pgt", "init_task", "vmemmap_base", "__per_cpu_offset", "nr_cpu_ids",
		"vmap_area_cachep", "napi_alloc_cache", "__per_cpu_start", "__per_cpu_end", "init_on_alloc",
		"entry_stack_storage", "sme_me_mask", "nr_node_ids",
		"kmemleak_alloc", "min_addr", "max_addr", "min_percpu_addr", "max_percpu_addr",
	};
	uint64_t *const to[] = {
		&k->init_top_pgt, &k->init_task, &k->vmemmap_base, &k->per_cpu_offset, &k->nr_cpu_ids,
		&k->vmap_area_cachep, &k->napi_alloc_cache, &k->per_cpu_start, &k->per_cpu_end, &k->init_on_alloc,
		&k->entry_stack_storage, &k->sme_me_mask, &k->nr_node_ids,
		&k->kmemleak_alloc, &k->kmemleak_end[0], &k->kmemleak_end[1], &k->kmemleak_end[2], &k->kmemleak_end[3],
	};
	enum { NR = sizeof(names) / sizeof(names[0]) };
	uint64_t addr[NR];
	size_t i;

	drvmem_kallsyms_lookup(text, len, names, NR, addr);
	for (i = 0; i < NR; i++)
		*to[i] = addr[i];
}

static void show_progress(void *arg, uint64_t done, uint64_t all)
{
	const struct run *u = arg;

	if (u->progress)
		fprintf(stderr, "\rreading the kernel's memory, pass %d of 2: %" PRIu64 " of %" PRIu64 " MiB ",
			u->pass, done >> 20, all >> 20);
}

/* The Ctrl-C that ended the tracing does not end the scan; another one ends drvmem. SIGTERM is in a hurry. */
static bool is_stopped(void *arg)
{
	const struct run *u = arg;

	return drvmem_stop__signal() == SIGTERM || (!u->after_stop && drvmem_stop__signal());
}

static void wait_gap(struct run *u)
{
	const struct timespec step = { .tv_nsec = STEP_NS };
	uint64_t start = drvmem_now_ns();

	while (drvmem_now_ns() - start < GAP_NS && !is_stopped(u)) {
		if (u->after_stop)
			nanosleep(&step, NULL);
		else
			drvmem_stop__wait(STEP_NS, -1);
		drvmem_trace__poll(u->t);
	}
}

static int judge(struct run *u, struct drvmem_scan *scan)
{
	struct drvmem_verdicts *d = &u->r->verdicts;
	struct drvmem_reach_pass first = { 0 }, last = { 0 };
	uint64_t ended;
	int e;

	u->pass = 1;
	e = drvmem_scan__pass(scan, &first);
	if (e)
		return e;
	ended = drvmem_now_ns();
	wait_gap(u);
	d->gap_ns = drvmem_now_ns() - ended;
	u->pass = 2;
	e = is_stopped(u) ? -EINTR : drvmem_scan__pass(scan, &last);
	if (!e)
		e = drvmem_reach__judge(&first, &last, u->r->v);
	d->bytes = last.bytes;
	d->unreadable = last.unreadable;
	d->ns = first.ns > last.ns ? first.ns : last.ns;
	d->tasks = last.tasks;
	d->ram_changed = first.ram_changed || last.ram_changed;
	d->cut = d->ram_changed || first.edges_cut || last.edges_cut;
	d->tasks_whole = first.tasks_whole && last.tasks_whole;
	drvmem_reach_pass__deinit(&first);
	drvmem_reach_pass__deinit(&last);
	return e;
}

/* What was freed meanwhile was held by somebody all the time: so may be what it held. */
static void doubt_held(struct drvmem_reachrun *r)
{
	struct drvmem_reach_verdict *v;
	uint8_t by;
	bool again;
	uint32_t i;

	do {
		again = false;
		for (i = 0; i < r->verdicts.nr; i++) {
			v = &r->v[i];
			if (v->class != DRVMEM_REACH_INDIRECTLY_LOST || v->holder.kind != DRVMEM_HOLDER_OBJECT)
				continue;
			by = r->v[v->holder.object].class;
			if (by == DRVMEM_REACH_FREED || by == DRVMEM_REACH_POSSIBLY_LOST) {
				v->class = DRVMEM_REACH_POSSIBLY_LOST;
				again = true;
			}
		}
	} while (again);
}

/* What the session saw freed meanwhile, or another object at the same address by now. */
static int drop_freed(struct run *u, struct drvmem_err *err)
{
	struct drvmem_snapshot *now;
	struct drvmem_table live = { 0 };
	uint64_t site;
	uint32_t i;
	int e = drvmem_trace__snapshot(u->t, true, &now, err);

	if (e)
		return e;
	for (i = 0; !e && i < now->nr_objects; i++)
		/* one that is younger than the question is another */
		if (now->objects[i].age_ns + 1000000000u > now->meta.taken_ns - u->cur->meta.taken_ns)
			e = drvmem_table__put(&live, now->objects[i].inverted,
					      now->sites[now->objects[i].site].id);
	for (i = 0; !e && i < u->r->verdicts.nr; i++) {
		const struct drvmem_object *o = &u->cur->objects[u->r->object[i]];

		if (!drvmem_table__get(&live, o->inverted, &site) || site != u->cur->sites[o->site].id) {
			u->r->v[i].class = DRVMEM_REACH_FREED;
			u->r->v[i].holder.kind = DRVMEM_HOLDER_NONE;
		}
	}
	drvmem_table__deinit(&live);
	drvmem_snapshot__free(now);
	doubt_held(u->r);
	return e ? drvmem_err__set(err, e, DRVMEM_EXIT_INTERNAL, "out of memory") : 0;
}

/* ---- names */

static void format_object(const struct run *u, uint32_t i, char *buf, size_t size)
{
	const struct drvmem_snapshot *s = u->cur;
	const struct drvmem_object *o = &s->objects[u->r->object[i]];
	const char *site = s->sites[o->site].site;

	snprintf(buf, size, "an object of %s (%s)", site ? site : "?",
		 drvmem_reach__name((enum drvmem_reach_class)u->r->v[i].class));
}

static void format_holder(const struct run *u, const struct drvmem_symtab *tab, const struct drvmem_holder *h,
			  char *buf, size_t size)
{
	char sym[160];

	drvmem_symtab__format(tab, ~h->inv_va, true, sym, sizeof(sym));
	switch ((enum drvmem_holder_kind)h->kind) {
	case DRVMEM_HOLDER_OBJECT:
		format_object(u, h->object, buf, size);
		break;
	case DRVMEM_HOLDER_KERNEL:
	case DRVMEM_HOLDER_MODULE:
		snprintf(buf, size, "%s", sym);
		break;
	case DRVMEM_HOLDER_PERCPU:
		snprintf(buf, size, "%s of CPU %u", h->inv_va == UINT64_MAX ? "per-CPU memory" : sym, h->pid);
		break;
	case DRVMEM_HOLDER_SLAB:
		snprintf(buf, size, "an object of cache %s at +%u", h->name, h->offset);
		break;
	case DRVMEM_HOLDER_FREE_SLOT:
		snprintf(buf, size, "what seems to be a free slot of cache %s, at +%u", h->name, h->offset);
		break;
	case DRVMEM_HOLDER_STACK:
		snprintf(buf, size, "the stack of %s (%u)", h->name, h->pid);
		break;
	case DRVMEM_HOLDER_STRUCT_PAGE:
		snprintf(buf, size, "a struct page at +%u", h->offset);
		break;
	default:
		snprintf(buf, size, "%s",
			 h->kind == DRVMEM_HOLDER_BOOT ? "memory of the boot" :
			 h->kind == DRVMEM_HOLDER_VMALLOC ? "an area of vmalloc" :
			 h->kind == DRVMEM_HOLDER_USER ? "user space or a file" :
			 h->kind == DRVMEM_HOLDER_TABLE ? "page tables, as one of them or as mapped" :
			 "a page of nobody that is known");
	}
}

/* Most names come again and again. NULL on ENOMEM. */
static const char *keep_name(struct run *u, struct drvmem_table *kept, const char *text)
{
	uint64_t hash = drvmem_fnv1a_more(DRVMEM_FNV_INIT, text, strlen(text)), at;
	const char *copy;

	if (drvmem_table__get(kept, hash, &at) && !strcmp((const char *)(uintptr_t)at, text))
		return (const char *)(uintptr_t)at;
	copy = drvmem_arena__str(u->r->arena, text);
	return copy && !drvmem_table__put(kept, hash, (uintptr_t)copy) ? copy : NULL;
}

static int name_all(struct run *u, const char *kallsyms, size_t len)
{
	struct drvmem_symtab *tab = NULL;
	struct drvmem_table kept = { 0 };
	char text[256];
	uint32_t i;
	int e = drvmem_symtab__parse_data(kallsyms, len, &tab);

	if (e && e != -EACCES)
		return e;
	e = 0;
	for (i = 0; !e && i < u->r->verdicts.nr; i++) {
		if (u->r->v[i].holder.kind == DRVMEM_HOLDER_NONE)
			continue;
		format_holder(u, tab, &u->r->v[i].holder, text, sizeof(text));
		u->r->name[i] = keep_name(u, &kept, text);
		e = u->r->name[i] ? 0 : -ENOMEM;
	}
	drvmem_symtab__free(tab);
	drvmem_table__deinit(&kept);
	return e;
}

/* ---- */

static int scan_all(struct run *u, const char *kallsyms, size_t len, struct drvmem_err *err)
{
	struct drvmem_scan_opts o = {
		.object = u->object, .nr = u->r->verdicts.nr,
		.progress = show_progress, .stop = is_stopped, .arg = u,
	};
	struct drvmem_verdicts *d = &u->r->verdicts;
	struct drvmem_scan *scan;
	int e;

	drvmem_reachrun__symbols(kallsyms, len, &o.syms);
	e = drvmem_scan__new(&o, &scan, err);
	if (e)
		return e;
	d->reader = drvmem_scan__reader(scan);
	d->zeroed = drvmem_scan__is_zeroed(scan);
	e = judge(u, scan);
	d->own_bytes = drvmem_scan__own_bytes(scan);
	drvmem_scan__free(scan);
	if (u->progress)
		fprintf(stderr, "\r%*s\r", 72, "");
	return e && e != -EINTR ? drvmem_err__set(err, e, DRVMEM_EXIT_INTERNAL, "cannot scan the kernel's memory (%s)",
				   drvmem_errno_name(e)) : e;
}

int drvmem_reachrun__run(struct drvmem_reachrun *r, struct drvmem_trace *t, const struct drvmem_snapshot *cur,
			 bool progress, struct drvmem_err *err)
{
	struct run u = { .r = r, .t = t, .cur = cur, .progress = progress, .after_stop = drvmem_stop__signal() };
	_cleanup_free_ char *kallsyms = NULL;
	size_t len;
	int e = drvmem_file__read("/proc/kallsyms", DRVMEM_FILE_HUGE, &kallsyms, &len);

	if (e)
		return drvmem_err__set(err, e, DRVMEM_EXIT_INTERNAL, "cannot read /proc/kallsyms (%s)",
				       drvmem_errno_name(e));
	r->arena = drvmem_arena__new();
	e = r->arena ? choose(&u) : -ENOMEM;
	if (e)
		drvmem_err__set(err, e, DRVMEM_EXIT_INTERNAL, "out of memory");
	if (!e)
		e = scan_all(&u, kallsyms, len, err);
	if (!e)
		e = drop_freed(&u, err);
	if (!e && name_all(&u, kallsyms, len))
		e = drvmem_err__set(err, -ENOMEM, DRVMEM_EXIT_INTERNAL, "out of memory");
	free(u.object);
	if (e == -EINTR) {
		drvmem_reachrun__deinit(r);
		r->verdicts.why_not = "the scan was interrupted";
		return 0;
	}
	return e;
}

bool drvmem_reachrun__told(struct drvmem_reachrun *r, const struct drvmem_err *why, int choice)
{
	drvmem_reachrun__deinit(r);
	r->verdicts.why_not = why->what;
	if (choice != DRVMEM_REACH_ON)
		return false;
	drvmem_log_warn("who holds the objects is not known: %s%s%s", why->what, why->remedy[0] ? "; " : "", why->remedy);
	return true;
}

void drvmem_reachrun__deinit(struct drvmem_reachrun *r)
{
	free(r->v);
	free(r->asked);
	free(r->object);
	free(r->name);
	drvmem_arena__free(r->arena);
	*r = (struct drvmem_reachrun){ 0 };
}
