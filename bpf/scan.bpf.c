// SPDX-License-Identifier: GPL-2.0
/*
 * Reads the kernel's memory for the reachability scan where there is no /proc/kcore: an object
 * of its own, not attached, run by user space (BPF_PROG_TEST_RUN). Reads never fault: a page that
 * is not there is zeros, and its bit is set. The whole is read at once, and page by page only
 * where that fails: one byte that cannot be read loses a whole read.
 */
#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include "drvmem/scan.h"

char LICENSE[] SEC("license") = "GPL";

struct drvmem_scan_run dm_scan = {};
__u8 dm_scan_page[DRVMEM_SCAN_PAGES << DRVMEM_SCAN_SHIFT] = {};

static long dm_one_page(__u32 i, void *unused)
{
	__u32 no = i % DRVMEM_SCAN_PAGES;

	if (bpf_probe_read_kernel(&dm_scan_page[no << DRVMEM_SCAN_SHIFT], 1u << DRVMEM_SCAN_SHIFT,
				  (void *)(long)(dm_scan.addr + ((__u64)no << DRVMEM_SCAN_SHIFT)))) {
		dm_scan.nr_failed++;
		dm_scan.failed[no / 64] |= 1ull << (no % 64);
	}
	return 0;
}

SEC("syscall")
int dm_read(void *ctx)
{
	__u32 i;

	dm_scan.task = bpf_get_current_task();
	dm_scan.nr_failed = 0;
	for (i = 0; i < DRVMEM_SCAN_PAGES / 64; i++)
		dm_scan.failed[i] = 0;
	if (dm_scan.nr_pages == DRVMEM_SCAN_PAGES &&
	    !bpf_probe_read_kernel(dm_scan_page, sizeof(dm_scan_page), (void *)(long)dm_scan.addr))
		return 0;
	bpf_loop(dm_scan.nr_pages, dm_one_page, NULL, 0);
	return 0;
}
