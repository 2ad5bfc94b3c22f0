// SPDX-License-Identifier: GPL-2.0
/* The range look-up as a global function (verified once, whatever calls it), and who we are. */
#include "owner.bpf.h"
#include "compat.bpf.h"

__noinline __u32 drvmem_range_at(__u64 ip)
{
	return dm_range_find(ip);
}

__noinline __u64 drvmem_walk_frame(__u64 ip, __u64 walk)
{
	return dm_walk_frame(ip, walk);
}

__noinline __u64 drvmem_asker_at(__u64 ip, __u32 allocator)
{
	return dm_asker_at(ip, allocator);
}

__noinline __u32 drvmem_caller_step(__u64 ip, __u32 state)
{
	return dm_caller_step(ip, state);
}

/*
 * Not attached: run by user space (BPF_PROG_TEST_RUN) in its own task. Tells the task as
 * the hooks will see it, and the kernel's clock of object ages.
 */
SEC("raw_tp/kfree")
int dm_self(struct bpf_raw_tracepoint_args *ctx)
{
	struct drvmem_ctl *ctl = dm_ctl_get();

	if (!ctl)
		return 0;
	ctl->inv_self_task = ~bpf_get_current_task();
	ctl->now_jiffies = bpf_jiffies64();
	return 0;
}

/* Not attached: reads the word at args[0], a symbol whose value the session needs (5.10). */
SEC("raw_tp/kfree")
int dm_peek(struct bpf_raw_tracepoint_args *ctx)
{
	struct drvmem_ctl *ctl = dm_ctl_get();
	__u64 v = 0;

	if (!ctl)
		return 0;
	bpf_probe_read_kernel(&v, sizeof(v), (void *)(long)DM_CTX(ctx, 0));
	ctl->seed_next = v;
	return 0;
}
