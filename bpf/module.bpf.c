// SPDX-License-Identifier: GPL-2.0
/*
 * Modules by instance: module_load fires before a module's init runs, module_free
 * before its text goes, so the range table is right at every event in between. Runs
 * whether or not the session is active. No compare-and-swap: one object for all kernels.
 */
#define DM_CAS 0
#include "intern.bpf.h"

#define DM_MODULE_TRIES 64
/*
 * Long loops are cut in three, each a global function: the verifier follows every turn of a loop,
 * but looks at a function once. With one loop these programs took longer to load on 6.12 than all others.
 */
#define DM_STRIDE 16		/* pages, or sets of rules, of the innermost */
#define DM_SPAN 512		/* pages a call handles */
#define DM_SPANS 16		/* 32 MiB of text with 4 KiB pages */
#define DM_PURGE 512		/* sets of rules a call handles */

struct dm_text {
	__u64 lo, hi, init_lo, init_hi;
};

static __always_inline void dm_text_read(struct module *mod, struct dm_text *t)
{
	struct module___layout *old = (struct module___layout *)mod;
	void *base = NULL, *init = NULL;
	__u32 size = 0, init_size = 0;

	if (bpf_core_field_exists(mod->mem)) {
		bpf_probe_read_kernel(&base, sizeof(base), &mod->mem[MOD_TEXT].base);
		bpf_probe_read_kernel(&size, sizeof(size), &mod->mem[MOD_TEXT].size);
		bpf_probe_read_kernel(&init, sizeof(init), &mod->mem[MOD_INIT_TEXT].base);
		bpf_probe_read_kernel(&init_size, sizeof(init_size), &mod->mem[MOD_INIT_TEXT].size);
	} else {
		bpf_probe_read_kernel(&base, sizeof(base), &old->core_layout.base);
		bpf_probe_read_kernel(&size, sizeof(size), &old->core_layout.text_size);
		bpf_probe_read_kernel(&init, sizeof(init), &old->init_layout.base);
		bpf_probe_read_kernel(&init_size, sizeof(init_size), &old->init_layout.text_size);
	}
	t->lo = (__u64)(long)base;
	t->hi = t->lo + size;
	t->init_lo = (__u64)(long)init;
	t->init_hi = t->init_lo + init_size;
}

static __always_inline __u16 *dm_page_entry(__u64 page)
{
	__u32 chunk = page / DRVMEM_PAGES_CHUNK;
	struct drvmem_pages *p;

	if (page >= cfg.window_pages)
		return NULL;
	p = bpf_map_lookup_elem(&dm_pages, &chunk);
	return p ? &p->range[page & (DRVMEM_PAGES_CHUNK - 1)] : NULL;
}

/* Id at the head of a page's chain, without ranges that are no longer valid. */
static __always_inline __u16 dm_page_head(__u64 page)
{
	__u16 *e = dm_page_entry(page);
	struct drvmem_range *r;
	__u32 id;

	if (!e || !*e)
		return 0;
	id = *e;
	r = bpf_map_lookup_elem(&dm_ranges, &id);
	return r && r->kind ? id : 0;
}

/*
 * Return value unused. pages [first, last], at most DM_SPAN of them (stride: DM_STRIDE): those
 * that have the id `was` get `id`; was 0: all of them.
 */
__noinline int drvmem_pages_stride(__u64 first, __u64 last, __u32 was, __u32 id)
{
	__u16 *e;
	__u32 i;

	for (i = 0; i < DM_STRIDE; i++) {
		if (first + i > last)
			break;
		e = dm_page_entry(first + i);
		if (e && (!was || *e == was))
			*e = id;
	}
	return 0;
}

__noinline int drvmem_pages_set(__u64 first, __u64 last, __u32 was, __u32 id)
{
	__u32 i;

#pragma clang loop unroll(disable)
	for (i = 0; i < DM_SPAN; i += DM_STRIDE) {
		if (first + i > last)
			break;
		drvmem_pages_stride(first + i, last, was, id);
	}
	return 0;
}

static __always_inline void dm_span_set(__u64 first, __u64 last, __u32 was, __u32 id)
{
	__u32 i;

	for (i = 0; i < DM_SPANS; i++) {
		if (first + i * DM_SPAN > last)
			break;
		drvmem_pages_set(first + i * DM_SPAN, last, was, id);
	}
}

__noinline int drvmem_range_add(__u32 id, __u64 lo, __u64 hi, __u32 kind, __u32 module)
{
	struct drvmem_range *r = bpf_map_lookup_elem(&dm_ranges, &id);
	__u64 first, last;

	if (!r || hi <= lo || lo < cfg.window_base)
		return 0;
	first = (lo - cfg.window_base) >> cfg.page_shift;
	last = (hi - 1 - cfg.window_base) >> cfg.page_shift;
	r->lo = lo;
	r->hi = hi;
	r->module = module;
	r->next_lo = dm_page_head(first);
	r->next_hi = first == last ? 0 : dm_page_head(last);
	*(volatile __u16 *)&r->kind = kind;
	dm_span_set(first, last, 0, id);
	return 0;
}

__noinline int drvmem_range_del(__u32 id)
{
	struct drvmem_range *r = bpf_map_lookup_elem(&dm_ranges, &id);
	__u64 first, last;

	if (!r || !r->kind)
		return 0;
	first = (r->lo - cfg.window_base) >> cfg.page_shift;
	last = (r->hi - 1 - cfg.window_base) >> cfg.page_shift;
	*(volatile __u16 *)&r->kind = DRVMEM_RANGE_NONE;
	/* what shared the first and the last page comes to the front again */
	drvmem_pages_set(first, first, id, r->next_lo);
	drvmem_pages_set(last, last, id, r->next_hi);
	dm_span_set(first, last, id, 0);
	return 0;
}

/*
 * Forgets the rules of return addresses in [lo, hi], in DM_PURGE sets from `first` on (stride: DM_STRIDE).
 * A rule is replaced by nobody else, so what was looked at is what is cleared.
 */
__noinline int drvmem_rules_stride(__u32 first, __u64 lo, __u64 hi)
{
	struct drvmem_rules *b;
	__u32 i, j, no;
	__u64 ip;

#pragma clang loop unroll(disable)
	for (i = 0; i < DM_STRIDE; i++) {
		no = (first + i) & (DRVMEM_RULES_SETS - 1);
		b = &dm_rules[no];
#pragma unroll
		for (j = 0; j < DRVMEM_RULES_WAYS; j++) {
			ip = (__u64)((__s64)b->rule[j] >> 32);
			if (ip >= lo && ip <= hi)
				*(volatile __u64 *)&b->rule[j] = 0;
		}
	}
	return 0;
}

__noinline int drvmem_rules_purge(__u32 first, __u64 lo, __u64 hi)
{
	__u32 i;

#pragma clang loop unroll(disable)
	for (i = 0; i < DM_PURGE; i += DM_STRIDE)
		drvmem_rules_stride(first + i, lo, hi);
	return 0;
}

/*
 * What is known of a module's text. Before module_load hands it over and after module_free:
 * no stack has a frame in it, and no new rule is made while it is in no range.
 */
static __always_inline void dm_rules_forget(const struct dm_text *t)
{
	__u32 first;

	if (!cfg.nr_rules)
		return;
	for (first = 0; first < DRVMEM_RULES_SETS; first += DM_PURGE)
		drvmem_rules_purge(first, t->lo, t->hi);
}

static __always_inline void dm_orc_read(struct module *mod, struct drvmem_module *m)
{
	struct orc_entry *orc = NULL;
	int *ip = NULL;
	__u32 n = 0;

	if (!bpf_core_field_exists(mod->arch.orc_unwind_ip))
		return;
	bpf_probe_read_kernel(&n, sizeof(n), &mod->arch.num_orcs);
	bpf_probe_read_kernel(&ip, sizeof(ip), &mod->arch.orc_unwind_ip);
	bpf_probe_read_kernel(&orc, sizeof(orc), &mod->arch.orc_unwind);
	m->orc_ip = (__u64)(long)ip;
	m->orc = (__u64)(long)orc;
	m->nr_orcs = n;
}

/* What is said of the name, or of a prefix of it followed by '*': DRVMEM_NAME_*. */
static __always_inline __u32 dm_name_flags(const struct drvmem_module *m)
{
	__u64 h = DRVMEM_FNV_INIT, star;
	__u32 flags = 0, *f;
	int i;

	for (i = 0; i < DRVMEM_NAME_LEN; i++) {
		star = (h ^ '*') * DRVMEM_FNV_PRIME;
		f = bpf_map_lookup_elem(&dm_names, &star);
		if (f)
			flags |= *f;
		if (!m->name[i]) {
			f = bpf_map_lookup_elem(&dm_names, &h);
			return f ? flags | *f : flags;
		}
		h = (h ^ (__u8)m->name[i]) * DRVMEM_FNV_PRIME;
	}
	return flags;
}

/* Slot of the instance that is loaded at this text address; 0 = none. */
static __always_inline __u32 dm_instance_at(struct module *mod, __u64 text)
{
	__u32 r = drvmem_range_at(text), slot;

	if (DM_RANGE_KIND(r) != DRVMEM_RANGE_MODULE)
		return 0;
	slot = DM_RANGE_MODULE(r);
	return dm_module(slot)->inv_mod == ~(__u64)(long)mod ? slot : 0;
}

static __always_inline struct drvmem_module *dm_module_slot(struct drvmem_ctl *ctl, __u32 *slot)
{
	__u32 i, id = ctl->next_module;

	for (i = 0; i < DM_MODULE_TRIES; i++, id++) {
		if (id < DRVMEM_MOD_FIRST)
			continue;
		if (id >= DRVMEM_MAX_MODULES)
			break;
		if (dm_claim_slot(DM_CLAIM_MODULE, id))
			continue;
		id = dm_untold(id);
		ctl->next_module = id + 1;
		*slot = id;
		return dm_module(id);
	}
	dm_stat(DRVMEM_STAT_MODULE_FULL);
	return NULL;
}

static __always_inline int dm_module_add(struct drvmem_ctl *ctl, struct module *mod, __u64 load_ns)
{
	struct drvmem_module *m;
	struct dm_text t = {};
	__u32 slot = 0, flags;

	dm_text_read(mod, &t);
	if (!t.lo || t.hi <= t.lo || dm_instance_at(mod, t.lo))
		return 0;
	m = dm_module_slot(ctl, &slot);
	if (!m)
		return 0;
	bpf_probe_read_kernel_str(m->name, sizeof(m->name), &mod->name);
	m->text_lo = t.lo;
	m->text_hi = t.hi;
	m->init_lo = t.init_lo;
	m->init_hi = t.init_hi;
	m->load_ns = load_ns;
	m->load_seq = slot - DRVMEM_MOD_FIRST + 1;
	m->inv_mod = ~(__u64)(long)mod;
	flags = dm_name_flags(m);
	m->library = flags & DRVMEM_NAME_LIBRARY;
	m->wanted = !!(flags & DRVMEM_NAME_WANTED);
	dm_orc_read(mod, m);
	dm_rules_forget(&t);
	m->state = 1;
	drvmem_range_add(DRVMEM_RANGE_CORE(slot), t.lo, t.hi, DRVMEM_RANGE_MODULE, slot);
	if (t.init_lo)
		drvmem_range_add(DRVMEM_RANGE_INIT(slot), t.init_lo, t.init_hi,
				 DRVMEM_RANGE_MODULE_INIT, slot);
	dm_add(&ctl->nr_modules, 1);
	dm_add(&ctl->nr_wanted, m->wanted);
	return 1;
}

/* (struct module *) */
SEC("raw_tp/module_load")
int dm_mod_load(struct bpf_raw_tracepoint_args *ctx)
{
	struct drvmem_ctl *ctl = dm_ctl_get();

	if (ctl)
		dm_module_add(ctl, (struct module *)(long)DM_CTX(ctx, 0), bpf_ktime_get_ns());
	return 0;
}

/* (struct module *) */
SEC("raw_tp/module_free")
int dm_mod_free(struct bpf_raw_tracepoint_args *ctx)
{
	struct module *mod = (struct module *)(long)DM_CTX(ctx, 0);
	struct drvmem_ctl *ctl = dm_ctl_get();
	struct drvmem_module *m;
	struct dm_text t = {};
	__u32 slot;

	if (!ctl)
		return 0;
	dm_text_read(mod, &t);
	slot = dm_instance_at(mod, t.lo);
	if (!slot)
		return 0;
	m = dm_module(slot);
	m->unload_ns = bpf_ktime_get_ns();
	m->state = 2;
	drvmem_range_del(DRVMEM_RANGE_CORE(slot));
	drvmem_range_del(DRVMEM_RANGE_INIT(slot));
	dm_rules_forget(&t);
	dm_add(&ctl->nr_modules, -1);
	dm_add(&ctl->nr_wanted, -m->wanted);
	return 0;
}

/*
 * Not attached: run by user space (BPF_PROG_TEST_RUN, 5.10) for each node of the kernel's
 * `modules` list after the two events above are attached. args: list node, list head.
 */
SEC("raw_tp/module_load")
int dm_mod_seed(struct bpf_raw_tracepoint_args *ctx)
{
	struct list_head *node = (struct list_head *)(long)DM_CTX(ctx, 0);
	struct drvmem_ctl *ctl = dm_ctl_get();
	struct list_head *next = NULL, *prev = NULL;
	enum module_state state = MODULE_STATE_UNFORMED;
	struct module *mod;

	if (!ctl)
		return 0;
	bpf_probe_read_kernel(&next, sizeof(next), &node->next);
	if (next)
		bpf_probe_read_kernel(&prev, sizeof(prev), &next->prev);
	ctl->seed_next = (__u64)(long)next;
	ctl->seed_prev = (__u64)(long)prev;
	if (!next || prev != node || (__u64)(long)next == DM_CTX(ctx, 1))
		return 0;
	mod = (struct module *)((char *)next - bpf_core_field_offset(struct module, list));
	bpf_probe_read_kernel(&state, sizeof(state), &mod->state);
	if (state != MODULE_STATE_UNFORMED && dm_module_add(ctl, mod, 0))
		ctl->seed_added++;
	return 0;
}
