/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Stack walk by the kernel's own ORC tables, read in place (x86-64; semantics of
 * arch/x86/kernel/unwind_orc.c:unwind_next_frame). The start state is exact: the frame of
 * the program itself. Each step follows one rule, found by return address; what no rule
 * answers (text that is no kernel's or module's, replaced return addresses, registers that
 * are not followed) ends the attempt, and the kernel's unwinder is asked.
 */
#ifndef DRVMEM_WALK_BPF_H
#define DRVMEM_WALK_BPF_H

#include "owner.bpf.h"

/*
 * A rule in one word, so that it is read and written whole: return address (low half) 32 |
 * kind 2 | flags 6 | offset of the saved frame pointer / 8 12 | offset of the caller's stack
 * pointer / 8 12. Kernel and module text lie in the top 2 GiB: the low half tells an address.
 */
#define DM_RULE_STEP		0u
#define DM_RULE_END		(1u << 30)	/* the outermost frame */
#define DM_RULE_REGS		(2u << 30)	/* an interrupt, exception or system call entry */
#define DM_RULE_SLOW		(3u << 30)	/* only the kernel can go on from here */
#define DM_RULE_KIND		(3u << 30)
#define DM_RULE_BP_SAVED	(1u << 29)	/* caller's frame pointer is saved below its sp */
#define DM_RULE_BP_FROM_BP	(1u << 28)	/* ... is saved relative to the frame pointer */
#define DM_RULE_BASE_BP		(1u << 27)	/* base is the frame pointer, not the stack pointer */
#define DM_RULE_INDIRECT	(1u << 26)	/* the caller's sp is stored there */
#define DM_RULE_RUN		(1u << 25)	/* bpf_trace_runN: what calls a program */
#define DM_RULE_LOOK		(1u << 24)	/* in a range that says something of the owner */
#define DM_RULE_SP_OFF(e)	((__s64)((e) << 52) >> 49)
#define DM_RULE_BP_OFF(e)	((__s64)((e) << 40) >> 49 & ~7LL)
#define DM_RULE_MAKE(ip_, flags_, so_, bo_)						\
	((__u64)(ip_) << 32 | (flags_) | ((__u32)((so_) >> 3) & 0xfffu) |		\
	 ((__u32)((bo_) >> 3) & 0xfffu) << 12)

#define DM_FAST_DEPTH 48	/* frames followed, ours and the allocator's included */
#define DM_SITE_WITHIN 10	/* of which the call site must be one of the first */
#define DM_ARGS_WITHIN 2048	/* a tracepoint's arguments lie in the frame that calls the program */

/* drvmem_fast_walk's word besides DM_WALK_*: the walk came to its end. */
#define DM_WALK_DONE		(1ULL << 50)
#define DM_WALK_CUT		(1ULL << 51)	/* ... at DM_FAST_DEPTH */
#define DM_WALK_OWNERS(w)	((w) & 0xffffffffffffULL)

/*
 * Global functions (walk_impl.bpf.h). frame, args: addresses of the program's frame and of
 * its arguments, as numbers. Owners of the walk with DM_WALK_DONE, or 0: ask the kernel.
 */
__u64 drvmem_fast_walk(__u64 frame, __u64 args, __u64 call_site, struct dm_frames *ret);
/* dm_asker_at() of an allocator's caller; 0: ask the kernel. */
__u64 drvmem_fast_asker(__u64 frame, __u64 args, __u32 allocator);
/* Rule of a return address, from the kernel's tables; 0: there is none. */
__u64 drvmem_resolve(__u64 ip);
/* What a comparison with the kernel's unwinder found. */
enum dm_compared { DM_DIFFERENT = 0, DM_EQUAL = 1, DM_CANNOT_TELL = 2 };
/* Walks by the kernel's unwinder and compares: an enum dm_compared. */
int drvmem_walk_check(struct bpf_raw_tracepoint_args *ctx, __u64 call_site, __u64 walk, __u64 hash,
		      __u64 n);

/* A pointer as a number: negating it makes the verifier forget what it was. */
static __always_inline __u64 dm_number(const void *p)
{
	__u64 x = (__u64)(long)p;

	asm volatile("%0 = -%0; %0 = -%0" : "+r"(x));
	return x;
}

/*
 * Address of the running program's frame. Only in the program itself, which must use less
 * than 64 bytes of stack: from 6.13 on more may lie elsewhere (kernel/bpf/verifier.c:
 * check_priv_stack_mode), and the frame pointer with it.
 */
static __always_inline __u64 dm_frame(void)
{
	__u64 x;

	asm volatile("%0 = r10; %0 = -%0; %0 = -%0" : "=r"(x));
	return x;
}

static __always_inline struct drvmem_orc *dm_orc_get(void)
{
	__u32 zero = 0;

	return bpf_map_lookup_elem(&dm_orc, &zero);
}

/*
 * Each step waits for where the one before led to: bits of the address, no multiplication. Return addresses
 * of 32 bytes of text share a set.
 */
static __always_inline struct drvmem_rules *dm_rules_of(__u64 ip)
{
	__u32 at = (__u32)ip ^ (__u32)ip >> DRVMEM_RULES_BITS;

	asm volatile("" : "+r"(at));	/* the verifier shall see the mask */
	at &= (DRVMEM_RULES_SETS - 1) * sizeof(struct drvmem_rules);
	return (void *)dm_rules + at;
}

#endif /* DRVMEM_WALK_BPF_H */
