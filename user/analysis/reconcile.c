// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * MemTotal is totalram_pages(): what memblock handed to the buddy allocator
 * (mm/memblock.c:memblock_free_all, later mm/page_alloc.c:adjust_managed_page_count). Kernel image,
 * struct pages and the first percpu chunk were reserved before that and are outside of it.
 *
 * What the lines of fs/proc/meminfo.c:meminfo_proc_show share, 5.10 to 7.2:
 *
 * MemFree	NR_FREE_PAGES. Holds CmaFree (NR_FREE_CMA_PAGES) and Unaccepted (mm/page_alloc.c:
 *		__free_unaccepted adds both counters). Does not hold the lists of single CPUs
 *		(struct per_cpu_pages): those come from /proc/zoneinfo.
 * Cached	NR_FILE_PAGES - swap cache - Buffers, cut at 0. Holds Shmem (mm/shmem.c:
 *		shmem_add_to_page_cache counts NR_FILE_PAGES and NR_SHMEM). Buffers are block device
 *		pages (fs/buffer.c or block/bdev.c:nr_blockdev_pages), so Cached + Buffers is the page
 *		cache without the swap cache.
 * SwapCached	A page in the swap cache that is mapped is in AnonPages too, one that is not is in
 *		no other line. How many are which is not told: it is not added.
 * Mapped	NR_FILE_MAPPED: pages of Cached, shmem among them, and pages that drivers map
 *		(mm/rmap.c:__folio_add_file_rmap and its likes). Dirty, Writeback: states of Cached pages.
 * AnonPages	NR_ANON_MAPPED. Holds AnonHugePages. Active, Inactive, Unevictable, Mlocked are lists
 *		that the same pages are on.
 * Slab		SReclaimable + SUnreclaim, kmalloc too large for a cache among them (mm/slub.c or
 *		slab_common.c: NR_SLAB_UNRECLAIMABLE_B). KReclaimable = SReclaimable +
 *		NR_KERNEL_MISC_RECLAIMABLE: the difference is pages outside slab.
 * VmallocUsed	mm/vmalloc.c:vmalloc_nr_pages(), pages that vmalloc took. Holds the stacks of tasks
 *		where CONFIG_VMAP_STACK is set (kernel/fork.c:alloc_thread_stack_node; KernelStack,
 *		NR_KERNEL_STACK_KB, counts those in use, VmallocUsed also the two each CPU keeps),
 *		shadow call stacks, and images of modules (kernel/module*.c: module_alloc, mm/execmem.c:
 *		execmem_alloc; both are vmalloc). Does not hold percpu chunks: mm/percpu-vm.c:
 *		pcpu_alloc_pages takes pages itself.
 * Percpu	mm/percpu.c:pcpu_nr_pages(), populated pages times units. pcpu_setup_first_chunk() adds
 *		the first chunk, which memblock gave: outside MemTotal.
 * PageTables	NR_PAGETABLE. SecPageTables (6.1+): NR_SECONDARY_PAGETABLE, KVM's and (6.8+) the
 *		IOMMU's. Neither is in another line.
 * Hugetlb	mm/hugetlb.c:hugetlb_report_meminfo, all pages of the pools, free ones too. In none of
 *		MemFree, AnonPages and Cached.
 * Bounce, WritebackTmp	pages of their own; 0 where the kernel no longer has them.
 * nr_zspages	(/proc/vmstat) pages of zsmalloc, for zram and zswap. Zswap is among them where it uses
 *		zsmalloc.
 * GPUActive, GPUReclaim (7.0+)	pages of TTM, in use and pooled (drivers/gpu/drm/ttm/ttm_pool.c).
 * Balloon	virtio_balloon takes its pages off MemTotal, others do not: not added.
 * HardwareCorrupted	such a page may still be slab or a kernel page: not added.
 *
 * Pages that a driver took from the page allocator are in no line, but for those of the drivers in
 * elsewhere[] below. Counters are summed per CPU and lag by up to 125 pages a CPU and zone each
 * (mm/vmstat.c:calculate_normal_threshold), so unaccounted has that noise.
 */
#include "analysis/reconcile.h"

#include <errno.h>
#include <string.h>

#include "base/glob.h"

#define MAX_BYTES	(UINT64_C(1) << 59)	/* what no machine has; a sum of all classes fits */
#define NOT_IN_MEMINFO	"this kernel's /proc/meminfo has no such line"
#define NOT_IN_VMSTAT	"this kernel's /proc/vmstat has no such line"
#define NOT_TRACED_PAGE	"direct pages are not traced in this session: they are in unaccounted"
#define NOT_TRACED_DMA	"DMA memory is not traced in this session: it is in unaccounted"

const struct drvmem_ram_info drvmem_ram_classes[DRVMEM_NR_RAM] = {
	[DRVMEM_RAM_FREE] = { "free", "free", NULL },
	[DRVMEM_RAM_FREE_PCP] = { "free_per_cpu", "free, in lists of CPUs", NULL },
	[DRVMEM_RAM_ANON] = { "anon", "user: anonymous", NULL },
	[DRVMEM_RAM_SHMEM] = { "shmem", "user: shared, tmpfs", NULL },
	[DRVMEM_RAM_FILE] = { "file_cache", "page cache", NULL },
	[DRVMEM_RAM_HUGETLB] = { "hugetlb", "hugetlb pools", NULL },
	[DRVMEM_RAM_SLAB_RECLAIMABLE] = { "slab_reclaimable", "slab, reclaimable", NULL },
	[DRVMEM_RAM_SLAB_UNRECLAIMABLE] = { "slab_unreclaimable", "slab, unreclaimable", NULL },
	[DRVMEM_RAM_KERNEL_RECLAIMABLE] = { "kernel_reclaimable", "other reclaimable", NULL },
	[DRVMEM_RAM_VMALLOC] = { "vmalloc", "vmalloc", NULL },
	[DRVMEM_RAM_MODULE_IMAGE] = { "module_image", "module images", NULL },
	[DRVMEM_RAM_KERNEL_STACK] = { "kernel_stack", "kernel stacks", NULL },
	[DRVMEM_RAM_PAGE_TABLES] = { "page_tables", "page tables", NULL },
	[DRVMEM_RAM_SEC_PAGE_TABLES] = { "secondary_page_tables", "page tables of guests, IOMMU", NULL },
	[DRVMEM_RAM_PERCPU] = { "percpu", "percpu", NULL },
	[DRVMEM_RAM_ZSPAGES] = { "zspages", "compressed (zram, zswap)", NULL },
	[DRVMEM_RAM_GPU] = { "gpu", "GPU (TTM)", NULL },
	[DRVMEM_RAM_BOUNCE] = { "bounce", "bounce buffers", NULL },
	[DRVMEM_RAM_WRITEBACK_TMP] = { "writeback_tmp", "FUSE writeback", NULL },
	[DRVMEM_RAM_PAGE_DIRECT] = { "page_direct", "pages of drivers, traced", NULL },
	[DRVMEM_RAM_DMA] = { "dma", "DMA of drivers, traced", NULL },
};

const struct drvmem_ram_info drvmem_ram_parts[DRVMEM_NR_RAM_PART] = {
	[DRVMEM_PART_CMA_FREE] = { "cma_free", "CMA, free", "in free" },
	[DRVMEM_PART_UNACCEPTED] = { "unaccepted", "not yet accepted", "in free" },
	[DRVMEM_PART_ANON_HUGE] = { "anon_huge", "anonymous huge pages", "in anon" },
	[DRVMEM_PART_MAPPED] = { "mapped", "mapped files", "in file_cache and shmem" },
	[DRVMEM_PART_DIRTY] = { "dirty", "dirty", "in file_cache and shmem" },
	[DRVMEM_PART_WRITEBACK] = { "writeback", "under writeback", "in file_cache and shmem" },
	[DRVMEM_PART_SHADOW_STACK] = { "shadow_call_stack", "shadow call stacks", "in vmalloc or slab" },
	[DRVMEM_PART_ZSWAP] = { "zswap", "zswap pool", "in zspages where zswap uses zsmalloc" },
	[DRVMEM_PART_VMALLOC_USED] = { "vmalloc_used", "VmallocUsed",
				       "in vmalloc, module_image and, with VMAP_STACK, kernel_stack" },
	[DRVMEM_PART_VMALLOC_AREAS] = { "vmalloc_areas", "the same from vmallocinfo",
					"as vmalloc_used, counted from the areas" },
	[DRVMEM_PART_PERCPU_BOOT] = { "percpu_boot", "first percpu chunk", "outside MemTotal" },
	[DRVMEM_PART_SWAPCACHED] = { "swap_cached", "swap cache",
				     "in anon what is mapped, the rest in unaccounted" },
	[DRVMEM_PART_CMA_USED] = { "cma_used", "CMA, in use", "in several classes" },
	[DRVMEM_PART_CORRUPTED] = { "hardware_corrupted", "hardware corrupted",
				    "in unaccounted, or in the class of its last user" },
	[DRVMEM_PART_BALLOON] = { "balloon", "balloon",
				  "outside MemTotal (virtio), else in unaccounted" },
	[DRVMEM_PART_PAGE_ELSEWHERE] = { "page_elsewhere", "pages of drivers, counted above",
					 "in the classes the kernel counts them in, or off MemTotal" },
};

#define ALWAYS	-1
/*
 * Drivers whose pages the kernel counts in a class of its own, where it has that one: adding them
 * would count them twice. Balloons take theirs off MemTotal, not all of them on every kernel.
 */
static const struct {
	const char *owner;
	int class;
} elsewhere[] = {
	{ "kvm", DRVMEM_RAM_SEC_PAGE_TABLES },	{ "kvm_*", DRVMEM_RAM_SEC_PAGE_TABLES },
	{ "zram", DRVMEM_RAM_ZSPAGES },		{ "zsmalloc", DRVMEM_RAM_ZSPAGES },
	{ "fuse", DRVMEM_RAM_WRITEBACK_TMP },
	{ "ttm", DRVMEM_RAM_GPU },		{ "amdgpu", DRVMEM_RAM_GPU },
	{ "radeon", DRVMEM_RAM_GPU },		{ "nouveau", DRVMEM_RAM_GPU },
	{ "xe", DRVMEM_RAM_GPU },		{ "i915", DRVMEM_RAM_GPU },
	{ "vmwgfx", DRVMEM_RAM_GPU },		{ "qxl", DRVMEM_RAM_GPU },
	{ "virtio_balloon", ALWAYS },		{ "vmw_balloon", ALWAYS },
	{ "hv_balloon", ALWAYS },
};

const char *drvmem_sysfile_why(const struct drvmem_sysmem *m, enum drvmem_sysfile file)
{
	switch (m->err[file]) {
	case 0:
		return NULL;
	case -EACCES:
	case -EPERM:
		return "permission denied";
	case -ENOENT:
		return file == DRVMEM_SYSFILE_BOOTLOG ? "the kernel log no longer has the line" :
		       file == DRVMEM_SYSFILE_MODULES ? "this kernel has no loadable modules" :
							"this kernel has no such file";
	case -EOPNOTSUPP:
		return "switched off on this kernel";
	case -EINVAL:
		return "the file has a form that is not known";
	default:
		return "the file cannot be read";
	}
}

static struct drvmem_figure missing(enum drvmem_avail st, const char *why)
{
	return (struct drvmem_figure){ { 0, st }, why, false };
}

static struct drvmem_figure known(uint64_t bytes)
{
	return (struct drvmem_figure){ { bytes, DRVMEM_OK }, NULL, false };
}

static struct drvmem_figure of_file(const struct drvmem_sysmem *m, enum drvmem_sysfile file,
				    struct drvmem_u64 v, const char *no_line)
{
	const char *why = drvmem_sysfile_why(m, file);

	return v.st == DRVMEM_OK ? known(v.v) : missing(v.st, why ? why : no_line);
}

static struct drvmem_figure mem(const struct drvmem_sysmem *m, enum drvmem_mem i)
{
	return of_file(m, DRVMEM_SYSFILE_MEMINFO, m->mem[i], NOT_IN_MEMINFO);
}

static uint64_t min_u64(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

/* a - b where both are known and b is part of a; counters read one by one may cross. */
static struct drvmem_figure less(struct drvmem_figure a, struct drvmem_figure b)
{
	if (a.bytes.st == DRVMEM_OK && b.bytes.st == DRVMEM_OK)
		a.bytes.v -= min_u64(a.bytes.v, b.bytes.v);
	return a;
}

static struct drvmem_figure plus(struct drvmem_figure a, struct drvmem_figure b)
{
	if (a.bytes.st != DRVMEM_OK)
		return b;
	if (b.bytes.st == DRVMEM_OK)
		a.bytes.v += b.bytes.v;
	return a;
}

static void add_user(const struct drvmem_sysmem *m, struct drvmem_ram_result *r)
{
	struct drvmem_figure cached = mem(m, DRVMEM_MEM_CACHED);
	struct drvmem_figure shmem = mem(m, DRVMEM_MEM_SHMEM);

	if (cached.bytes.st == DRVMEM_OK && shmem.bytes.st == DRVMEM_OK)
		shmem.bytes.v = min_u64(shmem.bytes.v, cached.bytes.v);
	else if (shmem.bytes.st == DRVMEM_OK)
		cached = missing(DRVMEM_ABSENT, cached.why);
	r->class[DRVMEM_RAM_FREE] = mem(m, DRVMEM_MEM_FREE);
	r->class[DRVMEM_RAM_FREE_PCP] = of_file(m, DRVMEM_SYSFILE_ZONEINFO, m->pcp,
						"the file has no lists of CPUs");
	r->class[DRVMEM_RAM_ANON] = mem(m, DRVMEM_MEM_ANON);
	r->class[DRVMEM_RAM_SHMEM] = shmem;
	r->class[DRVMEM_RAM_FILE] = plus(less(cached, shmem), mem(m, DRVMEM_MEM_BUFFERS));
	r->class[DRVMEM_RAM_HUGETLB] = mem(m, DRVMEM_MEM_HUGETLB);
}

/* Stacks and images of modules out of VmallocUsed; whether stacks are in it may be unknown. */
static void add_vmalloc(const struct drvmem_sysmem *m, struct drvmem_ram_result *r)
{
	struct drvmem_figure used = mem(m, DRVMEM_MEM_VMALLOC_USED), stack = mem(m, DRVMEM_MEM_STACK);
	struct drvmem_figure image = of_file(m, DRVMEM_SYSFILE_MODULES, m->modules,
					     "this kernel has no such file");

	r->part[DRVMEM_PART_VMALLOC_USED] = used;
	r->vmap_stack = m->vmap_stack;
	/* unknown counts as yes: what is left out of the sum is in unaccounted, nothing is twice */
	if (m->vmap_stack != DRVMEM_VMAP_STACK_NO)
		used = less(used, stack);
	if (used.bytes.st == DRVMEM_OK && image.bytes.st == DRVMEM_OK)
		image.bytes.v = min_u64(image.bytes.v, used.bytes.v);
	r->class[DRVMEM_RAM_KERNEL_STACK] = stack;
	r->class[DRVMEM_RAM_MODULE_IMAGE] = image;
	r->class[DRVMEM_RAM_VMALLOC] = less(used, image);
	if (m->err[DRVMEM_SYSFILE_VMALLOCINFO])
		r->part[DRVMEM_PART_VMALLOC_AREAS] =
			missing(drvmem_avail_of(m->err[DRVMEM_SYSFILE_VMALLOCINFO]),
				drvmem_sysfile_why(m, DRVMEM_SYSFILE_VMALLOCINFO));
	else
		r->part[DRVMEM_PART_VMALLOC_AREAS] = known(m->area_pages * m->page_size);
}

static void add_kernel(const struct drvmem_sysmem *m, struct drvmem_ram_result *r)
{
	struct drvmem_figure recl = mem(m, DRVMEM_MEM_SRECLAIMABLE);
	struct drvmem_figure all = mem(m, DRVMEM_MEM_KRECLAIMABLE);
	struct drvmem_figure boot = of_file(m, DRVMEM_SYSFILE_BOOTLOG, m->percpu_boot, NULL);
	struct drvmem_figure zspages = of_file(m, DRVMEM_SYSFILE_VMSTAT, m->vm[DRVMEM_VM_ZSPAGES],
					       NOT_IN_VMSTAT);

	r->class[DRVMEM_RAM_SLAB_RECLAIMABLE] = recl;
	r->class[DRVMEM_RAM_SLAB_UNRECLAIMABLE] = mem(m, DRVMEM_MEM_SUNRECLAIM);
	if (recl.bytes.st != DRVMEM_OK && all.bytes.st == DRVMEM_OK)
		all = missing(DRVMEM_ABSENT, recl.why);
	r->class[DRVMEM_RAM_KERNEL_RECLAIMABLE] = less(all, recl);
	r->class[DRVMEM_RAM_PAGE_TABLES] = mem(m, DRVMEM_MEM_PAGE_TABLES);
	r->class[DRVMEM_RAM_SEC_PAGE_TABLES] = mem(m, DRVMEM_MEM_SEC_PAGE_TABLES);
	r->class[DRVMEM_RAM_PERCPU] = less(mem(m, DRVMEM_MEM_PERCPU), boot);
	if (zspages.bytes.st == DRVMEM_OK && zspages.bytes.v > MAX_BYTES / m->page_size)
		zspages = missing(DRVMEM_ABSENT, "the value in /proc/vmstat cannot be true");
	zspages.bytes.v *= m->page_size;
	r->class[DRVMEM_RAM_ZSPAGES] = zspages;
	r->class[DRVMEM_RAM_GPU] = plus(mem(m, DRVMEM_MEM_GPU_ACTIVE), mem(m, DRVMEM_MEM_GPU_RECLAIM));
	r->class[DRVMEM_RAM_BOUNCE] = mem(m, DRVMEM_MEM_BOUNCE);
	r->class[DRVMEM_RAM_WRITEBACK_TMP] = mem(m, DRVMEM_MEM_WRITEBACK_TMP);
	r->part[DRVMEM_PART_PERCPU_BOOT] = boot;
}

static void add_parts(const struct drvmem_sysmem *m, struct drvmem_ram_result *r)
{
	static const struct {
		enum drvmem_ram_part part;
		enum drvmem_mem mem;
	} plain[] = {
		{ DRVMEM_PART_CMA_FREE, DRVMEM_MEM_CMA_FREE },
		{ DRVMEM_PART_UNACCEPTED, DRVMEM_MEM_UNACCEPTED },
		{ DRVMEM_PART_ANON_HUGE, DRVMEM_MEM_ANON_HUGE },
		{ DRVMEM_PART_MAPPED, DRVMEM_MEM_MAPPED },
		{ DRVMEM_PART_DIRTY, DRVMEM_MEM_DIRTY },
		{ DRVMEM_PART_WRITEBACK, DRVMEM_MEM_WRITEBACK },
		{ DRVMEM_PART_SHADOW_STACK, DRVMEM_MEM_SHADOW_STACK },
		{ DRVMEM_PART_ZSWAP, DRVMEM_MEM_ZSWAP },
		{ DRVMEM_PART_SWAPCACHED, DRVMEM_MEM_SWAPCACHED },
		{ DRVMEM_PART_CORRUPTED, DRVMEM_MEM_CORRUPTED },
		{ DRVMEM_PART_BALLOON, DRVMEM_MEM_BALLOON },
	};
	size_t i;

	for (i = 0; i < sizeof(plain) / sizeof(plain[0]); i++)
		r->part[plain[i].part] = mem(m, plain[i].mem);
	r->part[DRVMEM_PART_CMA_USED] = less(mem(m, DRVMEM_MEM_CMA_TOTAL), mem(m, DRVMEM_MEM_CMA_FREE));
	if (m->mem[DRVMEM_MEM_CMA_FREE].st != DRVMEM_OK)
		r->part[DRVMEM_PART_CMA_USED] = mem(m, DRVMEM_MEM_CMA_FREE);
}

static bool counted_elsewhere(const struct drvmem_ram_result *r, const char *owner)
{
	size_t i;
	int c;

	for (i = 0; owner && i < sizeof(elsewhere) / sizeof(elsewhere[0]); i++) {
		c = elsewhere[i].class;
		if (drvmem_glob__match_module(elsewhere[i].owner, owner) &&
		    (c == ALWAYS || r->class[c].bytes.st == DRVMEM_OK))
			return true;
	}
	return false;
}

/*
 * What modules hold of one allocator. held, not live: the bytes nobody else can use. The pages of
 * dma memory count there only (definitions: one owner per byte).
 */
static struct drvmem_figure held_by_drivers(const struct drvmem_ram_result *r,
					    const struct drvmem_snapshot *s, uint16_t allocator, bool other)
{
	const struct drvmem_instance *o;
	int64_t sum = 0;
	uint32_t i;

	for (i = 0; i < s->nr_sites; i++) {
		if (s->sites[i].allocator != allocator || s->sites[i].owner >= s->nr_instances)
			continue;
		o = &s->instances[s->sites[i].owner];
		if (o->type == DRVMEM_OWNER_MODULE && counted_elsewhere(r, o->name) == other)
			sum += s->sites[i].c.held_bytes;
	}
	return (struct drvmem_figure){ { sum > 0 ? (uint64_t)sum : 0, DRVMEM_OK }, NULL,
				       s->meta.sampled };
}

static void add_drivers(const struct drvmem_snapshot *s, struct drvmem_ram_result *r)
{
	bool page = s && s->meta.traced & (1u << DRVMEM_ALLOC_PAGE);
	bool dma = s && s->meta.traced & (1u << DRVMEM_ALLOC_DMA);

	r->class[DRVMEM_RAM_PAGE_DIRECT] = page ? held_by_drivers(r, s, DRVMEM_ALLOC_PAGE, false) :
						  missing(DRVMEM_ABSENT, NOT_TRACED_PAGE);
	r->part[DRVMEM_PART_PAGE_ELSEWHERE] = page ? held_by_drivers(r, s, DRVMEM_ALLOC_PAGE, true) :
						     missing(DRVMEM_ABSENT, NOT_TRACED_PAGE);
	if (dma)
		r->part[DRVMEM_PART_PAGE_ELSEWHERE] = plus(r->part[DRVMEM_PART_PAGE_ELSEWHERE],
			held_by_drivers(r, s, DRVMEM_ALLOC_DMA, true));
	r->class[DRVMEM_RAM_DMA] = dma ? held_by_drivers(r, s, DRVMEM_ALLOC_DMA, false) :
					 missing(DRVMEM_ABSENT, NOT_TRACED_DMA);
}

/* Without these what is left over would say nothing. */
static void add_up(struct drvmem_ram_result *r)
{
	static const enum drvmem_ram needed[] = { DRVMEM_RAM_FREE, DRVMEM_RAM_ANON, DRVMEM_RAM_FILE,
						  DRVMEM_RAM_SLAB_RECLAIMABLE,
						  DRVMEM_RAM_SLAB_UNRECLAIMABLE };
	const struct drvmem_figure *f = &r->total;
	uint32_t i;

	for (i = 0; i < DRVMEM_NR_RAM; i++)
		if (r->class[i].bytes.st == DRVMEM_OK)
			r->sum += r->class[i].bytes.v;
	for (i = 0; i < sizeof(needed) / sizeof(needed[0]) && f->bytes.st == DRVMEM_OK; i++)
		f = &r->class[needed[i]];
	r->unaccounted_st = f->bytes.st;
	r->unaccounted_why = f->why;
	if (f->bytes.st == DRVMEM_OK)
		r->unaccounted = (int64_t)(r->total.bytes.v - r->sum);
}

void drvmem_reconcile(const struct drvmem_sysmem *m, const struct drvmem_snapshot *s,
		      struct drvmem_ram_result *ret)
{
	memset(ret, 0, sizeof(*ret));
	ret->total = mem(m, DRVMEM_MEM_TOTAL);
	add_user(m, ret);
	add_vmalloc(m, ret);
	add_kernel(m, ret);
	add_parts(m, ret);
	add_drivers(s, ret);
	add_up(ret);
}
