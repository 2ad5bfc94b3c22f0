// SPDX-License-Identifier: GPL-2.0-or-later
/* Finds its way about the kernel's memory: by what /proc/kcore says of it, or by trying. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "base/sparse.h"
#include "session/kread.h"
#include "source/kmem_map.h"

#define CPUINFO_HEAD	(8u << 10)
#define KCORE_HEAD	(256u << 10)
#define GIB		(1ull << 30)
#define PROBES		65536u		/* steps of 1 GiB down from a task_struct: all of a 4-level map */
#define MAX_CPUS	8192u
#define PFN_MASK	((1ull << 55) - 1)

static int read_kcore(struct drvmem_kmem *k)
{
	_cleanup_free_ char *head = malloc(KCORE_HEAD);
	int fd, e;
	ssize_t n;

	if (!head)
		return -ENOMEM;
	fd = open("/proc/kcore", O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	n = pread(fd, head, KCORE_HEAD, 0);
	e = n < 0 ? -errno : drvmem_kcore__parse(head, (size_t)n, k);
	close(fd);
	return e;
}

/* Of the first CPU; they do not differ. */
static uint32_t phys_bits(void)
{
	char text[CPUINFO_HEAD];
	int fd = open("/proc/cpuinfo", O_RDONLY | O_CLOEXEC);
	ssize_t n;

	if (fd < 0)
		return 0;
	n = read(fd, text, sizeof(text));
	close(fd);
	return n > 0 ? drvmem_cpuinfo__phys_bits(text, (size_t)n) : 0;
}

/* The kernel's image is where the file says, by page tables too. */
static int check_image(struct drvmem_kmem *k)
{
	struct drvmem_kmem_port *p;
	uint64_t pa;
	int e = drvmem_kmem_port__new(k, &p);

	if (e)
		return e;
	/* its own address of the bit is in the image, which is read without page tables */
	k->pte_addr = drvmem_pte__addr_mask(phys_bits(), k->syms.sme_me_mask ?
					    drvmem_kmem_port__u64(p, k->syms.sme_me_mask) : 0);
	if (!drvmem_kmem_port__by_tables(p, k->syms.init_task, &pa) ||
	    pa - k->image_pa != k->syms.init_task - k->image_va)
		e = -EBADMSG;
	drvmem_kmem_port__free(p);
	return e;
}

static int open_kcore(struct drvmem_kmem *k)
{
	int e = read_kcore(k);

	if (e)
		return e;
	if (!k->syms.init_top_pgt || !k->syms.init_task || !k->image_bytes)
		return -ENODATA;
	k->pgd_pa = k->syms.init_top_pgt - k->image_va + k->image_pa;
	k->task = k->syms.init_task;
	k->levels = k->page_offset < 0xffff000000000000ull ? 5 : 4;
	return check_image(k);
}

/* ---- by BPF */

static int read_iomem(struct drvmem_kmem *k)
{
	_cleanup_free_ char *text = NULL;
	size_t len;
	int e = drvmem_file__read("/proc/iomem", DRVMEM_FILE_TEXT, &text, &len);

	return e ? e : drvmem_iomem__parse(text, len, k);
}

/* A word of the kernel's at any address it has mapped, without its page tables being known. */
static uint64_t word_at(struct drvmem_kread *r, uint64_t va)
{
	const void *data;
	uint64_t v;

	if (!va || drvmem_kread__pages(r, va & ~(uint64_t)(DRVMEM_KPAGE - 1), 1, &data))
		return 0;
	memcpy(&v, (const char *)data + va % DRVMEM_KPAGE, sizeof(v));
	return v;
}

static uint64_t pfn_of(const void *p)
{
	uint64_t e = 0;
	int fd = open("/proc/self/pagemap", O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return 0;
	if (pread(fd, &e, sizeof(e), (off_t)((uintptr_t)p / DRVMEM_KPAGE * sizeof(e))) != sizeof(e))
		e = 0;
	close(fd);
	return e & PFN_MASK;
}

/*
 * The direct map begins at a multiple of 1 GiB, and our task_struct is in it: the first step below
 * that, from which a page of ours is where it must be.
 */
static int find_direct_map(struct drvmem_kmem *k, struct drvmem_kread *r)
{
	uint64_t *page = mmap(NULL, DRVMEM_KPAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	uint64_t pfn, base;
	const void *data;
	uint32_t i;
	int e = -ENODATA;

	if (page == MAP_FAILED)
		return -errno;
	for (i = 0; i < DRVMEM_KPAGE / sizeof(*page); i++)
		page[i] = 0x5ca1ab1e00000000ull + i * 7919u + (uint64_t)getpid();
	pfn = mlock(page, DRVMEM_KPAGE) ? 0 : pfn_of(page);
	if (drvmem_kread__pages(r, (uintptr_t)page, 1, &data) < 0)
		pfn = 0;
	k->task = drvmem_kread__task(r);
	for (i = 0; pfn && i < PROBES; i++) {
		base = (k->task & ~(GIB - 1)) - i * GIB;
		if (drvmem_kread__pages(r, base + (pfn << DRVMEM_KPAGE_SHIFT), 1, &data) ||
		    memcmp(data, page, DRVMEM_KPAGE))
			continue;
		k->page_offset = base;
		e = 0;
		break;
	}
	munmap(page, DRVMEM_KPAGE);
	return e;
}

/* What page tables say of a variable is what is read of it directly. */
static bool is_table_right(struct drvmem_kmem *k, struct drvmem_kmem_port *p, struct drvmem_kread *r)
{
	uint64_t va = k->syms.per_cpu_offset, pa;

	return !va || (drvmem_kmem_port__by_tables(p, va, &pa) &&
		       drvmem_kmem_port__u64(p, k->page_offset + pa) == word_at(r, va));
}

static int open_bpf(struct drvmem_kmem *k)
{
	struct drvmem_kmem_port *p = NULL;
	struct drvmem_kread *r;
	uint64_t mm;
	int e;

	k->bpf = true;
	e = read_iomem(k);
	if (e || (e = drvmem_kread__new(&r)))
		return e;
	k->pte_addr = drvmem_pte__addr_mask(phys_bits(), word_at(r, k->syms.sme_me_mask));
	e = find_direct_map(k, r);
	if (e || (e = drvmem_kmem_port__new(k, &p))) {
		drvmem_kread__free(r);
		return e;
	}
	k->levels = k->page_offset < 0xffff000000000000ull ? 5 : 4;
	mm = drvmem_kmem_port__u64(p, k->task + (uint64_t)k->l.task_mm);
	k->pgd_pa = drvmem_kmem_port__u64(p, mm + (uint64_t)k->l.mm_pgd) - k->page_offset;
	e = !mm || k->pgd_pa >> DRVMEM_KPAGE_SHIFT >= k->nr_pfn ? -ENODATA : is_table_right(k, p, r) ? 0 : -EBADMSG;
	drvmem_kmem_port__free(p);
	drvmem_kread__free(r);
	return e;
}

/* ---- both */

/* A struct page of our task is right where it names the cache of tasks. */
static bool is_vmemmap(struct drvmem_kmem *k, struct drvmem_kmem_port *p, uint64_t base)
{
	uint64_t pfn = (k->task - k->page_offset) >> DRVMEM_KPAGE_SHIFT, head, cache;
	char name[12];

	/* the first page of a slab of tasks is at most 7 pages before, at a multiple of its size */
	for (head = pfn; pfn - head < 8; head--) {
		cache = drvmem_kmem_port__u64(p, base + head * (uint64_t)k->l.page_size + (uint64_t)k->l.slab_cache);
		if (drvmem_kmem__is_direct(k, cache) &&
		    drvmem_kmem_port__read(p, drvmem_kmem_port__u64(p, cache + (uint64_t)k->l.cache_name),
					   name, sizeof(name)) && !memcmp(name, "task_struct", sizeof(name)))
			return true;
		if (!head)
			break;
	}
	return false;
}

/* The array of struct pages begins at a multiple of 1 GiB. */
static void find_vmemmap(struct drvmem_kmem *k, struct drvmem_kmem_port *p)
{
	uint64_t size = (uint64_t)k->l.page_size, at = (k->task - k->page_offset) >> DRVMEM_KPAGE_SHIFT;
	uint64_t pfn, base;

	if (k->syms.vmemmap_base) {
		k->vmemmap = drvmem_kmem_port__u64(p, k->syms.vmemmap_base);
		return;
	}
	for (pfn = drvmem_kmem__next_ram(k, 0); pfn < k->nr_pfn && !k->vmemmap; pfn = drvmem_kmem__next_ram(k, pfn + 1)) {
		/* if our task's struct page is on this page, its place follows from the base */
		base = k->alias[pfn] - (at * size & ~(uint64_t)(DRVMEM_KPAGE - 1));
		if (k->alias[pfn] > DRVMEM_KMEM_TABLE && k->alias[pfn] < DRVMEM_KMEM_TOP && !(base & (GIB - 1)) &&
		    is_vmemmap(k, p, base))
			k->vmemmap = base;
	}
}

static int find_cpus(struct drvmem_kmem *k, struct drvmem_kmem_port *p)
{
	uint32_t nr, i;

	if (!k->syms.per_cpu_offset || !k->syms.nr_cpu_ids)
		return 0;
	nr = drvmem_kmem_port__u32(p, k->syms.nr_cpu_ids);
	if (!nr || nr > MAX_CPUS)
		return 0;
	k->cpu_offset = calloc(nr, sizeof(*k->cpu_offset));
	if (!k->cpu_offset)
		return -ENOMEM;
	for (i = 0; i < nr; i++)
		k->cpu_offset[i] = drvmem_kmem_port__u64(p, k->syms.per_cpu_offset + i * 8ull);
	k->nr_cpus = nr;
	return 0;
}

static int find_all(struct drvmem_kmem *k)
{
	struct drvmem_kmem_port *p;
	int e;

	k->alias = drvmem_sparse__new(k->nr_pfn * sizeof(*k->alias));
	if (!k->alias)
		return -ENOMEM;
	e = drvmem_kmem__walk(k);
	if (e || (e = drvmem_kmem_port__new(k, &p)))
		return e;
	find_vmemmap(k, p);
	e = find_cpus(k, p);
	drvmem_kmem_port__free(p);
	return e ? e : k->vmemmap ? 0 : -ENODATA;
}

bool drvmem_kmem__same_ram(const struct drvmem_kmem *k)
{
	struct drvmem_kmem now = { 0 };
	int e = k->bpf ? read_iomem(&now) : read_kcore(&now);
	bool same = !e && now.nr_seg == k->nr_seg && !memcmp(now.seg, k->seg, k->nr_seg * sizeof(*k->seg));

	free(now.seg);
	return same;
}

static int fail(struct drvmem_err *err, int e, const char *remedy, const char *what)
{
	drvmem_err__set(err, e, DRVMEM_EXIT_CANNOT_RUN, "cannot read the kernel's memory: %s (%s)", what,
			drvmem_errno_name(e));
	drvmem_err__remedy(err, "%s", remedy);
	return e;
}

static int fail_tables(struct drvmem_err *err, int e)
{
	return fail(err, e, "run without memory encryption (mem_encrypt=off), or report the kernel's version",
		    "its page tables are not understood");
}

static int open_any(struct drvmem_kmem *k, struct drvmem_err *err)
{
	int e = open_kcore(k), kcore = e;

	if (e == -ENODATA)
		return fail(err, e, "set kernel.kptr_restrict to 1 or 0, or run as root", "kallsyms hides addresses");
	if (e == -EBADMSG)
		return fail_tables(err, e);
	if (!e)
		return 0;
	free(k->seg);
	k->seg = NULL;
	k->nr_seg = 0;
	k->nr_pfn = 0;
	e = open_bpf(k);
	if (!e)
		return 0;
	if (e == -EBADMSG)
		return fail_tables(err, e);
	if (kcore == -EPERM || kcore == -EACCES)
		return fail(err, kcore, "run as root, with CAP_SYS_RAWIO or CAP_SYS_ADMIN, on a kernel that is not locked down for confidentiality",
			    "/proc/kcore is refused, and BPF does not serve");
	if (e == -EPERM || e == -EACCES)
		return fail(err, e, "run as root, with CAP_SYS_ADMIN", "there is no /proc/kcore, and reading it by BPF is refused");
	return fail(err, kcore == -ENOENT ? e : kcore, "a kernel with /proc/kcore, or 5.17 and later with BPF",
		    "neither /proc/kcore nor BPF serves");
}

int drvmem_kmem__new(const struct drvmem_kmem_syms *syms, struct drvmem_kmem **ret, struct drvmem_err *err)
{
	struct drvmem_kmem *k = calloc(1, sizeof(*k));
	int e;

#ifndef __x86_64__
	free(k);
	return fail(err, -ENOTSUP, "use x86-64", "this architecture's page tables are not known");
#endif
	if (!k)
		return drvmem_err__set(err, -ENOMEM, DRVMEM_EXIT_INTERNAL, "out of memory");
	k->syms = *syms;
	e = drvmem_klayout__read(&k->l);
	if (e) {
		fail(err, e, "use a kernel with CONFIG_DEBUG_INFO_BTF", "BTF does not describe it");
	} else {
		e = open_any(k, err);
		if (!e && (e = find_all(k)))
			fail(err, e, "report the kernel's version", "its map was not understood");
	}
	if (e) {
		drvmem_kmem__free(k);
		return e;
	}
	*ret = k;
	return 0;
}

void drvmem_kmem__free(struct drvmem_kmem *k)
{
	uint64_t from, end;
	uint32_t i;

	if (!k)
		return;
	/* addresses of areas that are asked about: not to lie about in freed memory */
	for (i = 0; k->alias && i < k->nr_seg; i++) {
		end = drvmem_kmem_seg__pages(&k->seg[i], &from);
		drvmem_sparse__wipe(&k->alias[from], (end - from) * sizeof(*k->alias));
	}
	drvmem_sparse__free(k->alias, k->nr_pfn * sizeof(*k->alias));
	free(k->seg);
	free(k->cpu_offset);
	free(k);
}
