// SPDX-License-Identifier: GPL-2.0-or-later
#include "empty.h"

#include <errno.h>
#include <linux/bpf.h>
#include <string.h>
#include <unistd.h>

#include <bpf/bpf.h>

const char *const bench_hooks[BENCH_NR_HOOKS][2] = {
	{ "kmalloc", NULL }, { "kmem_cache_alloc", NULL }, { "kfree", NULL }, { "kmem_cache_free", NULL },
	{ "mm_page_alloc", NULL }, { "mm_page_free", NULL },
	{ "dma_map_phys", "dma_map_page" }, { "dma_unmap_phys", "dma_unmap_page" },
};

/* The fd of a link, or -errno. */
static int attach(const char *const names[2], int prog)
{
	int fd = bpf_raw_tracepoint_open(names[0], prog);

	if (fd < 0 && errno == ENOENT && names[1])
		fd = bpf_raw_tracepoint_open(names[1], prog);
	return fd < 0 ? -errno : fd;
}

int bench_empty_attach(struct bench_empty *e)
{
	static const struct bpf_insn insns[] = {
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_0 },
		{ .code = BPF_JMP | BPF_EXIT },
	};
	int i, r;

	memset(e, 0xff, sizeof(*e));
	for (i = 0; i < BENCH_NR_HOOKS; i++) {
		e->prog[i] = bpf_prog_load(BPF_PROG_TYPE_RAW_TRACEPOINT, "bench_empty", "GPL",
					   insns, 2,
					   NULL);
		r = e->prog[i] < 0 ? -errno : attach(bench_hooks[i], e->prog[i]);
		if (r >= 0 || (r == -ENOENT && bench_hooks[i][1])) {
			e->link[i] = r < 0 ? -1 : r;
			continue;
		}
		bench_empty_detach(e);
		return r;
	}
	return 0;
}

void bench_empty_detach(struct bench_empty *e)
{
	int i;

	for (i = 0; i < BENCH_NR_HOOKS; i++) {
		if (e->link[i] >= 0)
			close(e->link[i]);
		if (e->prog[i] >= 0)
			close(e->prog[i]);
	}
	memset(e, 0xff, sizeof(*e));
}

struct bench_count bench_empty_read(const struct bench_empty *e, int hook)
{
	struct bpf_prog_info info = {};
	uint32_t len = sizeof(info);

	if (bpf_obj_get_info_by_fd(e->prog[hook], &info, &len))
		return (struct bench_count){};
	return (struct bench_count){ info.run_cnt, info.run_time_ns };
}

int bench_stats_on(void)
{
	int fd = bpf_enable_stats(BPF_STATS_RUN_TIME);

	return fd < 0 ? -errno : fd;
}
