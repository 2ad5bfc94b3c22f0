/* SPDX-License-Identifier: GPL-2.0 */
/* The global functions of walk.bpf.h, for the one object that may call kfuncs. */
#ifndef DRVMEM_WALK_IMPL_BPF_H
#define DRVMEM_WALK_IMPL_BPF_H

#include "walk.bpf.h"
#include "compat.bpf.h"

#define DM_SEARCH_STEPS 24	/* of a table of up to 16 M rules */

/* One entry of an ORC table: s16 sp_offset, s16 bp_offset, then 16 bits of the form. */
#define DM_ORC_BYTES 6

struct dm_search {
	__u64 at;		/* address looked for */
	__u64 table;		/* of s32: text address minus the element's own */
	__s64 lo, hi, best;
};

static long dm_search_step(__u32 i, struct dm_search *s)
{
	__s64 mid = (s->lo + s->hi) >> 1;
	__u64 p = s->table + 4 * mid;

	if (s->lo > s->hi)
		return 1;
	if (p + (__s64)(__s32)dm_word(p) <= s->at) {
		s->best = mid;
		s->lo = mid + 1;
	} else {
		s->hi = mid - 1;
	}
	return 0;
}

/* Index of the last entry at or before an address; -1. */
static __always_inline __s64 dm_orc_find(__u64 table, __u64 n, __u64 at)
{
	struct dm_search s = { .at = at, .table = table, .hi = (__s64)n - 1, .best = -1 };

	bpf_loop(DM_SEARCH_STEPS, dm_search_step, &s, 0);
	return s.lo > s.hi ? s.best : -1;
}

/* Kind of an entry, of either form of struct orc_entry. */
static __always_inline __u32 dm_orc_kind(const struct drvmem_orc *o, __u64 word)
{
	__u32 sp_reg = word >> 32 & 15, type = word >> 40 & 7;

	if (o->form == DRVMEM_ORC_END) {	/* up to 6.3: type 2, end 1 */
		if (!sp_reg)
			return type >> 2 ? DM_RULE_END : DM_RULE_SLOW;
		return type & 3 ? DM_RULE_REGS : DM_RULE_STEP;
	}
	switch (type) {	/* undefined 0, end 1, call 2, regs 3, regs_partial 4 */
	case 1:
		return DM_RULE_END;
	case 2:
		return DM_RULE_STEP;
	case 3:
	case 4:
		return DM_RULE_REGS;
	default:
		return DM_RULE_SLOW;
	}
}

static __always_inline __u64 dm_orc_step(const struct drvmem_orc *o, __u64 ip, __u64 word)
{
	__s32 so = (__s16)word, bo = (__s16)(word >> 16);
	__u32 sp_reg = word >> 32 & 15, bp_reg = word >> 36 & 15, flags = 0;

	if (((so | bo) & 7) || so >= 16384 || so < -16384 || bo >= 16384 || bo < -16384)
		return DM_RULE_MAKE(ip, DM_RULE_SLOW, 0, 0);
	if (sp_reg == o->reg_bp || sp_reg == o->reg_bp_indirect)
		flags |= DM_RULE_BASE_BP;
	else if (sp_reg != o->reg_sp && sp_reg != o->reg_sp_indirect)
		flags |= DM_RULE_SLOW;
	if (sp_reg == o->reg_sp_indirect || sp_reg == o->reg_bp_indirect)
		flags |= DM_RULE_INDIRECT;
	if (bp_reg == o->reg_prev_sp)
		flags |= DM_RULE_BP_SAVED;
	else if (bp_reg == o->reg_bp)
		flags |= DM_RULE_BP_FROM_BP;
	else if (bp_reg)
		flags |= DM_RULE_SLOW;
	return DM_RULE_MAKE(ip, flags, so, bo);
}

static __always_inline int dm_is_trace_run(const struct drvmem_orc *o, __u64 ip)
{
	__u64 outside = ~0ULL;
	int i;

	/* lo < ip <= hi, by top bits: the verifier would look at each path of branches */
	for (i = 0; i < DRVMEM_TRACE_RUNS; i++)
		outside &= (ip - o->trace_run[i].lo - 1) | (o->trace_run[i].hi - ip);
	return !(outside >> 63);
}

struct dm_orc_table {
	__u64 ip, orc, n;
};

/* The table that covers a text address; 0: none does. */
static __always_inline int dm_orc_table(const struct drvmem_orc *o, __u64 at, __u32 range,
					struct dm_orc_table *t)
{
	__u32 slot = DM_RANGE_MODULE(range);
	struct drvmem_module *m;

	if (at >= o->stext && at < o->etext) {
		t->ip = o->ip;
		t->orc = o->orc;
		t->n = o->n;
		return 1;
	}
	if (!dm_is_module(range))
		return 0;	/* BPF, ftrace and kprobe text ... */
	m = dm_module(slot);
	if (!m->nr_orcs)
		return 0;
	t->ip = m->orc_ip;
	t->orc = m->orc;
	t->n = m->nr_orcs;
	return 1;
}

/* Into a free place of its bucket; a full bucket keeps what it has, the rule is found again. */
static __always_inline void dm_rule_keep(__u64 rule)
{
	struct drvmem_rules *b = dm_rules_of((__u64)((__s64)rule >> 32));
	__u32 i;

	for (i = 0; i < DRVMEM_RULES_WAYS; i++) {
		__u64 was = __sync_val_compare_and_swap(&b->rule[i], 0, rule);

		if (!was || was == rule)
			return;
	}
}

/* A replaced return address (kretprobe, function_graph): only the kernel has the real one. */
static __always_inline int dm_is_replaced(const struct drvmem_orc *o, __u64 ip)
{
	return ip == o->replaced[0] || ip == o->replaced[1];
}

__noinline __u64 drvmem_resolve(__u64 ip)
{
	struct drvmem_orc *o = dm_orc_get();
	struct dm_orc_table t = {};
	__u64 word, rule;
	__u32 range, kind;
	__s64 i;

	if (!o)
		return 0;
	if (dm_is_replaced(o, ip)) {
		rule = DM_RULE_MAKE(ip, DM_RULE_SLOW, 0, 0);
		dm_rule_keep(rule);
		return rule;
	}
	range = drvmem_range_at(ip - 1);
	if (!dm_orc_table(o, ip - 1, range, &t))
		return 0;
	i = dm_orc_find(t.ip, t.n, ip - 1);
	if (i < 0)
		return 0;
	word = dm_word(t.orc + DM_ORC_BYTES * i);
	kind = dm_orc_kind(o, word);
	rule = kind == DM_RULE_STEP ? dm_orc_step(o, ip, word) : DM_RULE_MAKE(ip, kind, 0, 0);
	rule = dm_untold(rule);
	if (dm_is_module(range) || DM_RANGE_KIND(range) == DRVMEM_RANGE_BARRIER ||
	    dm_is_overhead(range))
		rule |= DM_RULE_LOOK;
	if (dm_is_trace_run(o, ip))
		rule |= DM_RULE_RUN;
	/* init text goes without an event: never kept */
	if (DM_RANGE_KIND(range) != DRVMEM_RANGE_MODULE_INIT)
		dm_rule_keep(rule);
	return rule;
}

/* Rule of a return address; 0: none. */
static __always_inline __u64 dm_rule(__u64 ip)
{
	const struct drvmem_rules *b = dm_rules_of(ip);
	__u32 i;

#pragma unroll
	for (i = 0; i < DRVMEM_RULES_WAYS; i++) {
		__u64 rule = b->rule[i];

		if ((__s64)rule >> 32 == (__s64)ip)
			return rule;
	}
	return drvmem_resolve(ip);
}

struct dm_state {
	__u64 ip, sp;
	__u64 bp_at;	/* address where the current frame pointer is saved: read when a rule needs it */
};

static __always_inline void dm_step(struct dm_state *s, __u64 rule)
{
	__u64 base = s->sp, bp;

	if (rule & (DM_RULE_BASE_BP | DM_RULE_BP_FROM_BP | DM_RULE_INDIRECT)) {
		bp = dm_word(s->bp_at);
		if (rule & DM_RULE_BASE_BP)
			base = bp;
		if (rule & DM_RULE_BP_FROM_BP)
			s->bp_at = bp + DM_RULE_BP_OFF(rule);
		/* SP_INDIRECT: *(sp) + offset; BP_INDIRECT: *(bp + offset) */
		if ((rule & DM_RULE_INDIRECT) && (rule & DM_RULE_BASE_BP))
			base = dm_word(base + DM_RULE_SP_OFF(rule)) - DM_RULE_SP_OFF(rule);
		else if (rule & DM_RULE_INDIRECT)
			base = dm_word(base);
	}
	base += DM_RULE_SP_OFF(rule);
	if (rule & DM_RULE_BP_SAVED)
		s->bp_at = base + DM_RULE_BP_OFF(rule);
	s->sp = base;
	s->ip = dm_word(base - 8);
}

/* The program's own caller: bpf_trace_runN, in whose frame the arguments lie. 0: it is not. */
static __always_inline int dm_walk_start(struct dm_state *s, __u64 frame, __u64 args)
{
	__u64 rule;

	if (args - frame - 1 >= DM_ARGS_WITHIN)
		return 0;
	s->sp = frame + 16;
	s->bp_at = frame;
	s->ip = dm_word(frame + 8);
	rule = dm_rule(s->ip);
	if (!(rule & DM_RULE_RUN) || (rule & DM_RULE_KIND) != DM_RULE_STEP)
		return 0;
	dm_step(s, rule);
	return 1;
}

/* Between the program and the call site: the tracepoint and the allocator. 0: not found. */
static __always_inline int dm_walk_to(struct dm_state *s, __u64 call_site)
{
	__u64 rule;
	__u32 i;

#pragma clang loop unroll(disable)
	for (i = 0; i < DM_SITE_WITHIN && s->ip != call_site; i++) {
		rule = dm_rule(s->ip);
		if (!rule || (rule & DM_RULE_KIND))
			return 0;
		/* a vmalloc's own functions lie before its caller, no module or barrier does */
		if ((rule & DM_RULE_LOOK) && !dm_is_overhead(drvmem_range_at(s->ip - 1)))
			return 0;
		dm_step(s, rule);
	}
	return s->ip == call_site;
}

__noinline __u64 drvmem_fast_asker(__u64 frame, __u64 args, __u32 allocator)
{
	const struct drvmem_orc *o = dm_orc_get();
	__u64 rule, site;
	struct dm_state s;
	__u32 i;

	if (!o || !dm_walk_start(&s, frame, args))
		return 0;
#pragma clang loop unroll(disable)
	for (i = 0; i < DM_SITE_WITHIN; i++) {
		/* it is nobody's text: it would be taken for who asked */
		if (dm_is_replaced(o, s.ip))
			return 0;
		site = dm_asker_at(s.ip, allocator);
		if (dm_is_asker(site, s.ip))
			return site;
		rule = dm_rule(s.ip);
		if (!rule || (rule & DM_RULE_KIND))
			return 0;
		dm_step(&s, rule);
	}
	return 0;
}

static __always_inline void dm_frame_keep(__u64 place, __u32 n, __u64 ip)
{
	__u32 id = place - 1;
	struct drvmem_stack *s = bpf_map_lookup_elem(&dm_stacks, &id);

	if (s) {
		s->ip[n & (DRVMEM_STACK_DEPTH - 1)] = ip;
		s->nr = n + 1;
	}
}

__noinline __u64 drvmem_fast_walk(__u64 frame, __u64 args, __u64 call_site, struct dm_frames *ret)
{
	__u64 walk = 0, rule, hash = 0, keep;
	struct dm_state s;
	__u32 i;

	if (!ret || !dm_walk_start(&s, frame, args) || !dm_walk_to(&s, call_site))
		return 0;
	keep = ret->keep;
#pragma clang loop unroll(disable)
	for (i = 0; i < DM_FAST_DEPTH; i++) {
		rule = dm_rule(s.ip);
		if (!rule)
			return 0;
		if (i < DM_FRAMES_HASHED) {
			hash = dm_frame_hash(hash, s.ip);
			if (keep)
				dm_frame_keep(keep, i, s.ip);
		}
		if (rule & (DM_RULE_KIND | DM_RULE_LOOK)) {
			if ((rule & DM_RULE_KIND) == DM_RULE_SLOW)
				return 0;
			if (rule & DM_RULE_LOOK)
				walk = drvmem_walk_frame(s.ip, walk);
			if ((rule & DM_RULE_KIND) || (walk & DM_WALK_END))
				break;
		}
		dm_step(&s, rule);
	}
	ret->hash = hash;
	ret->n = i < DM_FRAMES_HASHED ? i + 1 : DM_FRAMES_HASHED;
	return walk | DM_WALK_DONE | (i == DM_FAST_DEPTH ? DM_WALK_CUT : 0);
}

__noinline int drvmem_frame_add(struct dm_frames *f, __u64 ip, __u64 call_site, __u64 limit)
{
	if (f)
		dm_frame_add(f, ip, call_site, limit);
	return 0;
}

__noinline int drvmem_walk_check(struct bpf_raw_tracepoint_args *ctx, __u64 call_site, __u64 walk,
				 __u64 hash, __u64 n)
{
	struct drvmem_scratch *s = dm_scratch_get();
	struct dm_frames f = {};
	__u64 kernels = 0;
	long bytes;
	__u32 i, nr;
	int whole;

	if (!s)
		return DM_CANNOT_TELL;
	bytes = bpf_get_stack(ctx, s->ip, sizeof(s->ip), 0);
	nr = bytes > 0 ? (__u32)bytes / sizeof(__u64) : 0;
	for (i = 0; i < DRVMEM_SCRATCH_DEPTH; i++) {
		if (i >= nr || ((kernels & DM_WALK_END) && f.n))
			break;
		drvmem_frame_add(&f, s->ip[i], call_site, n);
		/* what lies before the call site says nothing of the owner, as in dm_walk_to() */
		if (f.n && !(kernels & DM_WALK_END))
			kernels = drvmem_walk_frame(s->ip[i], kernels);
	}
	whole = dm_untold(nr) < DRVMEM_SCRATCH_DEPTH;
	dm_scratch_put(s);
	/* function_graph hides the call site from the kernel's list; a long stack ends early there */
	if (!f.n || (f.n < n && !whole))
		return DM_CANNOT_TELL;
	if (f.n != n || f.hash != hash)
		return DM_DIFFERENT;
	if ((!whole && !(kernels & DM_WALK_END)) || (walk & DM_WALK_CUT))
		return DM_CANNOT_TELL;
	return DM_WALK_OWNERS(kernels) == DM_WALK_OWNERS(walk) ? DM_EQUAL : DM_DIFFERENT;
}

#endif /* DRVMEM_WALK_IMPL_BPF_H */
