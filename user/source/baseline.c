// SPDX-License-Identifier: GPL-2.0-or-later
#include "source/baseline.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "base/vec.h"
#include "source/allocinfo.h"
#include "source/meminfo.h"
#include "source/modules.h"
#include "source/slabfs.h"
#include "source/slabinfo.h"
#include "source/vmallocinfo.h"

#define MAX_ROWS 65536u
#define CTOR_LEN 256

struct build {
	const struct drvmem_baseline_in *in;
	struct drvmem_baseline *b;
	struct drvmem_u64 mem[DRVMEM_NR_MEM];
	size_t cap_rows;
	bool oom;
};

static bool span_in(struct drvmem_span s, const char *const *list)
{
	for (; *list; list++)
		if (drvmem_span__is(s, *list))
			return true;
	return false;
}

/*
 * Areas that module images are in: up to 6.9 the caller of module_alloc() (kernel/module), since
 * then mm/execmem.c, whose areas other generated code can share.
 */
static bool is_image(struct drvmem_span caller)
{
	static const char *const names[] = {
		"module_alloc", "move_module", "module_memory_alloc", "layout_and_allocate",
		"load_module", NULL,
	};

	return span_in(drvmem_vmarea__plain(caller), names) || drvmem_span__starts(caller, "execmem_");
}

static bool ends_with(struct drvmem_span s, const char *end)
{
	size_t n = strlen(end);

	return s.n >= n && !memcmp(s.s + s.n - n, end, n);
}

/* map_alloc of a map type (kernel/bpf/...): htab_map_alloc, array_map_alloc, queue_stack_map_alloc */
static bool is_bpf_map(struct drvmem_span caller)
{
	struct drvmem_span f = drvmem_vmarea__plain(caller);

	return ends_with(f, "_map_alloc") || drvmem_span__is(f, "trie_alloc") ||
	       drvmem_span__is(f, "bpf_map_area_alloc");
}

static const char *keep(struct build *k, const char *prefix, struct drvmem_span s)
{
	const char *t = drvmem_arena__printf(k->b->arena, "%s%.*s", prefix, (int)s.n, s.s);

	k->oom |= !t;
	return t;
}

static bool row_is(const struct drvmem_baseline_row *r, struct drvmem_span module,
		   const char *prefix, struct drvmem_span what)
{
	size_t n = strlen(prefix);

	if (r->module != (module.n != 0))
		return false;
	if (r->module)
		return drvmem_span__is(module, r->owner);
	return strlen(r->what) == n + what.n && !memcmp(r->what, prefix, n) &&
	       !memcmp(r->what + n, what.s, what.n);
}

/* The row of a module, or of a function or cache of the kernel; NULL on ENOMEM or too many. */
static struct drvmem_baseline_row *row_of(struct build *k, struct drvmem_span module,
					  const char *prefix, struct drvmem_span what)
{
	struct drvmem_baseline *b = k->b;
	struct drvmem_baseline_row *r;
	uint32_t i;

	for (i = b->nr_rows; i-- > 0;)
		if (row_is(&b->rows[i], module, prefix, what))
			return &b->rows[i];
	if (b->nr_rows >= MAX_ROWS)
		return NULL;
	r = drvmem_vec_grown(b->rows, &k->cap_rows, b->nr_rows + 1, sizeof(*r));
	k->oom |= !r;
	if (!r)
		return NULL;
	b->rows = r;
	r = &b->rows[b->nr_rows];
	*r = (struct drvmem_baseline_row){
		.module = module.n != 0,
		.image_bytes = { 0, DRVMEM_ABSENT },
		.allocinfo_bytes = { 0, DRVMEM_ABSENT },
	};
	if (r->module)
		r->owner = keep(k, "", module);
	else
		r->owner = !*prefix && (is_bpf_map(what) || drvmem_span__starts(what, "bpf_")) ?
			   "kernel:bpf" : "kernel";
	if (!r->module)
		r->what = keep(k, prefix, what);
	if (k->oom)
		return NULL;
	b->nr_rows++;
	return r;
}

static void take_meminfo(struct build *k)
{
	const struct drvmem_baseline_text *t = &k->in->meminfo;

	drvmem_u64__set_missing(k->mem, DRVMEM_NR_MEM, t->err ? drvmem_avail_of(t->err) : DRVMEM_ABSENT);
	if (!t->err)
		(void)!drvmem_meminfo__parse(t->s, t->n, k->mem, &k->b->skipped);
}

/* A vmalloc area with pages: memory. One without is address space of percpu chunks and the like. */
static void add_memory(struct build *k, const struct drvmem_vmarea *a)
{
	struct drvmem_baseline *b = k->b;
	uint64_t bytes = a->pages * k->in->page_size;
	struct drvmem_baseline_row *r;

	if (!a->pages)
		return;
	if (drvmem_vmarea__is_stack(a)) {
		b->stack_bytes.v += bytes;
		return;
	}
	if (!a->module.n && is_image(a->caller)) {
		b->image_area_bytes.v += bytes;
		return;
	}
	b->part[DRVMEM_BASE_VMALLOC].bytes.v += bytes;
	if (!a->module.n && !a->caller.n) {
		b->unnamed_areas++;
		return;
	}
	r = row_of(k, a->module, "", a->caller);
	if (!r)
		return;
	r->areas++;
	r->vmalloc_bytes += bytes;
	b->part[DRVMEM_BASE_VMALLOC].named.v += bytes;
	if (!a->module.n && is_bpf_map(a->caller))
		b->bpf_area_bytes += bytes;
}

static void add_mapping(struct build *k, const struct drvmem_vmarea *a)
{
	struct drvmem_baseline_row *r;

	if (!a->module.n && !a->caller.n)
		return;
	r = row_of(k, a->module, "", a->caller);
	if (!r)
		return;
	if (a->kind == DRVMEM_VM_MAP) {
		r->vmaps++;
		r->vmap_bytes += a->size;
	} else {
		r->ioremaps++;
		r->ioremap_bytes += a->size;
	}
}

static void add_areas(struct build *k)
{
	const struct drvmem_baseline_text *t = &k->in->vmallocinfo;
	struct drvmem_vmallocinfo *v = NULL;
	enum drvmem_avail st = drvmem_avail_of(t->err);
	size_t i;

	if (!t->err && drvmem_vmallocinfo__parse(t->s, t->n, &v)) {
		k->oom = true;
		return;
	}
	k->b->vmallocinfo = (struct drvmem_u64){ v ? v->n : 0, st };
	k->b->part[DRVMEM_BASE_VMALLOC].bytes.st = k->b->part[DRVMEM_BASE_VMALLOC].named.st = st;
	k->b->stack_bytes.st = k->b->image_area_bytes.st = st;
	for (i = 0; v && i < v->n && !k->oom; i++) {
		if (v->v[i].kind == DRVMEM_VM_ALLOC)
			add_memory(k, &v->v[i]);
		else if (v->v[i].kind == DRVMEM_VM_MAP || v->v[i].kind == DRVMEM_VM_IOREMAP)
			add_mapping(k, &v->v[i]);
		else if (v->v[i].kind == DRVMEM_VM_MAP_RAM)
			k->b->map_ram_bytes += v->v[i].size;
	}
	if (v)
		k->b->skipped += v->skipped;
	drvmem_vmallocinfo__free(v);
}

/*
 * Images are in vmalloc areas too: these are the part where they are known, and what the list of
 * modules says is the named share of them. A kernel without modules has none.
 */
static void add_images(struct build *k)
{
	const struct drvmem_baseline_text *t = &k->in->modules;
	struct drvmem_u64 *part = &k->b->part[DRVMEM_BASE_IMAGES].bytes;
	struct drvmem_procmods *m = NULL;
	struct drvmem_baseline_row *r;
	uint64_t named = 0;
	size_t i;

	if (!t->err && drvmem_procmods__parse(t->s, t->n, &m)) {
		k->oom = true;
		return;
	}
	for (i = 0; m && i < m->n && !k->oom; i++) {
		const struct drvmem_span name = { m->v[i].name, strlen(m->v[i].name) };

		r = row_of(k, name, "", name);
		if (!r)
			break;
		r->image_bytes = (struct drvmem_u64){ m->v[i].size, DRVMEM_OK };
		named += m->v[i].size;
	}
	if (m)
		k->b->skipped += m->skipped;
	drvmem_procmods__free(m);
	*part = (struct drvmem_u64){ named, t->err == -ENOENT ? DRVMEM_OK : drvmem_avail_of(t->err) };
	k->b->part[DRVMEM_BASE_IMAGES].named = *part;
	if (k->b->image_area_bytes.st == DRVMEM_OK && k->b->image_area_bytes.v > part->v)
		*part = k->b->image_area_bytes;
}

/* A constructor in a module proves that the cache is the module's; one in vmlinux, the kernel's. */
static void add_cache(struct build *k, const struct drvmem_slabrow *s, int *ret_err)
{
	struct drvmem_span mod = { "", 0 };
	struct drvmem_baseline_row *r;
	char text[CTOR_LEN], owner[64];
	uint64_t bytes;

	if (!s->num_slabs || !s->pages_per_slab)
		return;
	*ret_err = k->in->ctor(k->in->arg, s->name, text, sizeof(text));
	if (*ret_err)
		return;
	drvmem_slabfs__parse_ctor(text, strlen(text), owner, sizeof(owner));
	if (!owner[0])
		return;
	if (strcmp(owner, "kernel"))
		mod = (struct drvmem_span){ owner, strlen(owner) };
	if (__builtin_mul_overflow(s->num_slabs, s->pages_per_slab, &bytes) ||
	    __builtin_mul_overflow(bytes, (uint64_t)k->in->page_size, &bytes))
		return;
	r = row_of(k, mod, "cache ", (struct drvmem_span){ s->name, strlen(s->name) });
	if (!r)
		return;
	r->caches++;
	r->slab_bytes += bytes;
	k->b->part[DRVMEM_BASE_SLAB].named.v += bytes;
}

static void add_slab(struct build *k)
{
	const struct drvmem_baseline_text *t = &k->in->slabinfo;
	struct drvmem_u64 reclaimable = k->mem[DRVMEM_MEM_SRECLAIMABLE];
	struct drvmem_u64 rest = k->mem[DRVMEM_MEM_SUNRECLAIM];
	struct drvmem_u64 *part = &k->b->part[DRVMEM_BASE_SLAB].bytes;
	struct drvmem_u64 *named = &k->b->part[DRVMEM_BASE_SLAB].named;
	struct drvmem_slabinfo *s = NULL;
	int err = 0;
	size_t i;

	*part = rest;
	if (rest.st == DRVMEM_OK && reclaimable.st == DRVMEM_OK)
		part->v += reclaimable.v;
	named->st = drvmem_avail_of(t->err);
	if (t->err || !k->in->ctor)
		return;
	/* another format: caches stay without a name */
	named->st = drvmem_avail_of(drvmem_slabinfo__parse(t->s, t->n, &s));
	if (!s)
		return;
	named->st = s->n ? DRVMEM_ABSENT : DRVMEM_OK;
	for (i = 0; i < s->n && !k->oom; i++) {
		add_cache(k, &s->v[i], &err);
		if (!err)
			named->st = DRVMEM_OK;
		else if (named->st == DRVMEM_ABSENT)	/* one that was readable is enough */
			named->st = drvmem_avail_of(err);
	}
	k->b->skipped += s->skipped;
	drvmem_slabinfo__free(s);
}

/* A module's row, of built-in drivers one of each; NULL where the device has none. */
static struct drvmem_baseline_row *driver_row(struct build *k, const struct drvmem_devres_dev *d)
{
	if (!d->bound)
		return NULL;
	return row_of(k, (struct drvmem_span){ d->module, strlen(d->module) }, "driver ",
		      (struct drvmem_span){ d->driver, strlen(d->driver) });
}

static void add_device(struct build *k, const struct drvmem_devres_dev *d)
{
	struct drvmem_baseline *b = k->b;
	struct drvmem_baseline_row *r = driver_row(k, d);

	b->devres_count.v += d->nodes;
	b->devres_bytes.v += d->bytes;
	if (r) {
		r->devres_count += d->nodes;
		r->devres_bytes += d->bytes;
	} else {
		b->unbound_count += d->nodes;
		b->unbound_bytes += d->bytes;
	}
	b->devs[b->nr_devs++] = (struct drvmem_baseline_dev){
		.device = keep(k, "", (struct drvmem_span){ d->device, strlen(d->device) }),
		.driver = r ? keep(k, "", (struct drvmem_span){ d->driver, strlen(d->driver) }) : NULL,
		.owner = r ? r->owner : NULL,
		.count = d->nodes, .bytes = d->bytes,
	};
}

/*
 * Nodes come from kmalloc, whose caches have no constructor, and in allocinfo they are the
 * kernel's (drivers/base/devres.c): nothing else that is named here has them.
 */
static void name_devres(struct drvmem_baseline *b, uint64_t *ret_beyond)
{
	uint64_t bytes = b->devres_bytes.v - b->unbound_bytes - b->unlisted_bytes;

	if (b->devres_bytes.st != DRVMEM_OK)
		return;
	if (b->part[DRVMEM_BASE_SLAB].named.st == DRVMEM_OK)
		b->part[DRVMEM_BASE_SLAB].named.v += bytes;
	else
		*ret_beyond += bytes;
}

static void add_devres(struct build *k, uint64_t *ret_beyond)
{
	const struct drvmem_devres *d = k->in->devres;
	struct drvmem_baseline *b = k->b;
	uint32_t i;

	b->devres_asked = d != NULL;
	if (!d || d->err) {
		b->devres_count.st = b->devres_bytes.st = d ? drvmem_avail_of(d->err) : DRVMEM_ABSENT;
		b->devres_why = d ? d->why : "they are read with --baseline";
		return;
	}
	b->devs = calloc(d->nr + 1, sizeof(*b->devs));
	k->oom |= !b->devs;
	for (i = 0; i < d->nr && !k->oom; i++)
		add_device(k, &d->dev[i]);
	b->devices = d->devices;
	b->unlisted = d->left_out;
	b->unlisted_count = d->left_nodes;
	b->unlisted_bytes = d->left_bytes;
	b->devres_count = (struct drvmem_u64){ b->devres_count.v + d->left_nodes, DRVMEM_OK };
	b->devres_bytes = (struct drvmem_u64){ b->devres_bytes.v + d->left_bytes,
					       d->sized ? DRVMEM_OK : DRVMEM_ABSENT };
	if (!d->sized)
		b->devres_why = "this kernel does not keep the size of devres nodes";
	name_devres(b, ret_beyond);
}

static void add_allocinfo(struct build *k, uint64_t *ret_beyond)
{
	const struct drvmem_baseline_text *t = &k->in->allocinfo;
	struct drvmem_allocinfo *a = NULL;
	struct drvmem_baseline_row *r;
	uint64_t known;
	size_t i;
	int err = t->err ? t->err : drvmem_allocinfo__parse(t->s, t->n, &a);

	k->oom |= err == -ENOMEM;
	k->b->allocinfo_bytes.st = drvmem_avail_of(err);
	for (i = 0; a && i < a->n && !k->oom; i++) {
		const struct drvmem_span name = { a->v[i].name, strlen(a->v[i].name) };

		r = row_of(k, name, "", name);
		if (!r)
			break;
		r->allocinfo_bytes = (struct drvmem_u64){ a->v[i].bytes, DRVMEM_OK };
		k->b->allocinfo_bytes.v += a->v[i].bytes;
		known = r->vmalloc_bytes + r->slab_bytes;
		if (a->v[i].bytes > known)
			*ret_beyond += a->v[i].bytes - known;
	}
	if (a)
		k->b->skipped += a->skipped;
	drvmem_allocinfo__free(a);
}

/* A row for each module that page_owner names: its figures are looked up by name. */
static void add_pages(struct build *k)
{
	struct drvmem_pageowner *p = k->in->pages;
	size_t i;

	for (i = 0; p && !p->err && i < p->n && !k->oom; i++)
		(void)row_of(k, (struct drvmem_span){ p->v[i].name, strlen(p->v[i].name) }, "",
			     (struct drvmem_span){ p->v[i].name, strlen(p->v[i].name) });
}

static void add_bpf(struct build *k, uint64_t *ret_beyond)
{
	struct drvmem_baseline *b = k->b;

	b->bpf_map_bytes = (struct drvmem_u64){ k->in->bpf.bytes, drvmem_avail_of(k->in->bpf_err) };
	if (b->bpf_map_bytes.st != DRVMEM_OK)
		return;
	b->bpf_maps = k->in->bpf.maps;
	if (b->vmallocinfo.st == DRVMEM_OK && b->bpf_map_bytes.v > b->bpf_area_bytes)
		*ret_beyond += b->bpf_map_bytes.v - b->bpf_area_bytes;
}

/* What has a name in slab or percpu cannot be more than these have left. */
static void cap_named(struct drvmem_baseline *b, uint64_t beyond)
{
	uint64_t room = 0;
	uint32_t i;

	for (i = 0; i < DRVMEM_NR_BASE_PARTS; i++) {
		if (b->part[i].bytes.st != DRVMEM_OK) {
			b->part[i].named = b->part[i].bytes;
			continue;
		}
		/* read at another moment than the sum */
		if (b->part[i].named.v > b->part[i].bytes.v)
			b->part[i].named.v = b->part[i].bytes.v;
		if (i != DRVMEM_BASE_SLAB && i != DRVMEM_BASE_PERCPU)
			continue;
		if (__builtin_add_overflow(room, b->part[i].bytes.v - b->part[i].named.v, &room))
			room = UINT64_MAX;
	}
	b->spread_named = beyond < room ? beyond : room;
}

static int cmp_rows(const void *a, const void *b)
{
	const struct drvmem_baseline_row *x = a, *y = b;
	uint64_t bx = drvmem_baseline_row__bytes(x), by = drvmem_baseline_row__bytes(y);
	int c;

	if (bx != by)
		return (bx < by) - (bx > by);
	c = strcmp(x->owner, y->owner);
	return c ? c : strcmp(x->what ? x->what : "", y->what ? y->what : "");
}

int drvmem_baseline__make(const struct drvmem_baseline_in *in, struct drvmem_baseline **ret)
{
	struct build k = { .in = in, .b = drvmem_baseline__new() };
	uint64_t beyond = 0;

	if (!k.b)
		return -ENOMEM;
	take_meminfo(&k);
	add_areas(&k);
	if (!k.oom)
		add_images(&k);
	if (!k.oom)
		add_slab(&k);
	if (!k.oom)
		add_devres(&k, &beyond);
	k.b->part[DRVMEM_BASE_PERCPU].bytes = k.mem[DRVMEM_MEM_PERCPU];
	k.b->part[DRVMEM_BASE_PERCPU].named.st = DRVMEM_OK;	/* nobody is told for it */
	if (!k.oom)
		add_allocinfo(&k, &beyond);
	if (!k.oom)
		add_pages(&k);
	add_bpf(&k, &beyond);
	cap_named(k.b, beyond);
	if (k.oom) {
		drvmem_baseline__free(k.b);
		return -ENOMEM;
	}
	if (k.b->nr_rows)
		qsort(k.b->rows, k.b->nr_rows, sizeof(k.b->rows[0]), cmp_rows);
	k.b->pages = in->pages;
	*ret = k.b;
	return 0;
}

static int add_exact(struct drvmem_snapshot *s, const char *owner, uint64_t then, uint64_t now)
{
	const char *name = drvmem_snapshot__str(s, owner);

	if (!name)
		return -ENOMEM;
	s->exact[s->nr_exact++] = (struct drvmem_exact){ name, then, now };
	return 0;
}

int drvmem_baseline__exact(const struct drvmem_baseline *b, const char *text, size_t len,
			   struct drvmem_snapshot *s)
{
	const struct drvmem_allocinfo_module *m;
	struct drvmem_allocinfo *a;
	uint32_t i, j;
	int err;

	/* tracing leaves out what it was told to leave out: nothing to compare */
	if (!(s->meta.traced & 1u << DRVMEM_ALLOC_SLAB) || s->meta.only || s->meta.min_size || s->meta.max_size != UINT64_MAX || s->meta.sampled)
		return 0;
	err = drvmem_allocinfo__parse(text, len, &a);
	if (err)
		return err == -ENOMEM ? err : 0;
	s->exact = calloc(a->n + b->nr_rows + 1, sizeof(*s->exact));
	if (!s->exact)
		err = -ENOMEM;
	for (i = 0; i < b->nr_rows && !err; i++) {
		if (b->rows[i].allocinfo_bytes.st != DRVMEM_OK)
			continue;
		m = drvmem_allocinfo__find(a, b->rows[i].owner);
		err = add_exact(s, b->rows[i].owner, b->rows[i].allocinfo_bytes.v, m ? m->bytes : 0);
	}
	/* modules that came since */
	for (i = 0; i < a->n && !err; i++) {
		for (j = 0; j < s->nr_exact && strcmp(s->exact[j].owner, a->v[i].name); j++)
			;
		if (j == s->nr_exact)
			err = add_exact(s, a->v[i].name, 0, a->v[i].bytes);
	}
	drvmem_allocinfo__free(a);
	return err;
}
