// SPDX-License-Identifier: GPL-2.0-or-later
#include "session/kread.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "scan.skel.h"
#include "session/bpflog.h"
#include "session/modbtf.h"

struct drvmem_kread {
	struct scan_bpf *skel;
	int prog;
};

int drvmem_kread__new(struct drvmem_kread **ret)
{
	struct drvmem_kread *r = calloc(1, sizeof(*r));
	int e;

	if (!r)
		return -ENOMEM;
	drvmem_bpflog__start(false);
	r->skel = scan_bpf__open();
	if (r->skel)
		drvmem_modbtf__forgo(r->skel->obj);
	e = r->skel ? scan_bpf__load(r->skel) : -errno;
	if (e) {
		scan_bpf__destroy(r->skel);
		free(r);
		return e == -EPERM || e == -EACCES ? -EPERM : -ENOTSUP;
	}
	r->prog = bpf_program__fd(r->skel->progs.dm_read);
	*ret = r;
	return 0;
}

void drvmem_kread__free(struct drvmem_kread *r)
{
	if (!r)
		return;
	/* addresses that were read must not lie about in freed memory */
	explicit_bzero(r->skel->bss->dm_scan_page, sizeof(r->skel->bss->dm_scan_page));
	scan_bpf__destroy(r->skel);
	free(r);
}

int drvmem_kread__pages(struct drvmem_kread *r, uint64_t addr, uint32_t nr, const void **ret_data)
{
	LIBBPF_OPTS(bpf_test_run_opts, o);
	struct drvmem_scan_run *run = &r->skel->bss->dm_scan;

	if (nr > DRVMEM_SCAN_PAGES)
		return -EINVAL;
	run->addr = addr;
	run->nr_pages = nr;
	if (bpf_prog_test_run_opts(r->prog, &o))
		return -errno;
	*ret_data = r->skel->bss->dm_scan_page;
	return (int)run->nr_failed;
}

uint64_t drvmem_kread__task(const struct drvmem_kread *r)
{
	return r->skel->bss->dm_scan.task;
}

const void *drvmem_kread__buffer(const struct drvmem_kread *r, size_t *ret_len)
{
	*ret_len = sizeof(*r->skel->bss);
	return r->skel->bss;
}
