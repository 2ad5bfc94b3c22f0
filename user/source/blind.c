// SPDX-License-Identifier: GPL-2.0-or-later
#include "source/blind.h"

#include "session/asked.h"

static void note(struct drvmem_meta *m, const char *text)
{
	if (m->nr_notes < sizeof(m->notes) / sizeof(m->notes[0]))
		m->notes[m->nr_notes++] = text;
}

/* Which allocators this session sees: what the others hold is absent, not 0. */
static uint32_t traced(const struct drvmem_probe *p, uint32_t asked)
{
	uint32_t bits = drvmem_asked__has(asked, DRVMEM_ALLOC_SLAB) ? 1u << DRVMEM_ALLOC_SLAB : 0;

	if (p->f[DRVMEM_FEAT_PERCPU].st == DRVMEM_FEAT_YES)
		bits |= 1u << DRVMEM_ALLOC_PERCPU;
	if (p->f[DRVMEM_FEAT_VMALLOC].st == DRVMEM_FEAT_YES ||
	    p->f[DRVMEM_FEAT_VMALLOC_HOOKS].st == DRVMEM_FEAT_YES)
		bits |= 1u << DRVMEM_ALLOC_VMALLOC;
	if (p->f[DRVMEM_FEAT_PAGES].st == DRVMEM_FEAT_YES)
		bits |= 1u << DRVMEM_ALLOC_PAGE;
	if (bits & 1u << DRVMEM_ALLOC_VMALLOC)
		bits |= 1u << DRVMEM_MAP_VMAP | 1u << DRVMEM_MAP_IOREMAP;
	if (p->f[DRVMEM_FEAT_DMA_HOOKS].st == DRVMEM_FEAT_YES)
		bits |= 1u << DRVMEM_ALLOC_DMA | 1u << DRVMEM_MAP_DMA;
	if (p->f[DRVMEM_FEAT_DMA].st == DRVMEM_FEAT_YES)
		bits |= 1u << DRVMEM_ALLOC_DMA;
	if (p->f[DRVMEM_FEAT_DMA_MAPS].st == DRVMEM_FEAT_YES)
		bits |= 1u << DRVMEM_MAP_DMA;
	return bits;
}

void drvmem_blind__fill(const struct drvmem_probe *p, const struct drvmem_session_info *info,
			struct drvmem_meta *m)
{
	uint32_t asked = info->opts.allocators;
	bool slab = drvmem_asked__has(asked, DRVMEM_ALLOC_SLAB);

	m->traced = traced(p, asked);
	if (asked && asked != DRVMEM_ASKED_ALL)
		note(m, "what allocators hold that were not asked for (--alloc)");
	if (!info->rcu_frees_seen && slab)
		note(m, "objects given up by kfree_rcu (no fentry here): they count as live until their address is used again");
	if (!info->bulk_frees_seen && slab)
		note(m, "objects freed in bulk (no fentry here): they count as live until their address is used again");
	if (m->modules_supported && !info->modules_seeded)
		note(m, "modules loaded before the session (their list is not visible): their memory counts as the kernel's");
	if (!info->peak_exact)
		note(m, "peaks between snapshots (BPF of this kernel has no compare-and-swap)");
	note(m, info->bulk_allocs_seen || !slab ? "everything allocated before the session" :
		"objects allocated in bulk (no fentry here), and everything allocated before the session");
	if (!info->krealloc_seen && slab)
		note(m, "what krealloc adds or takes away where the object stays (no fentry here)");
	if (p->nolock && slab)
		note(m, "objects of kmalloc_nolock (what BPF programs allocate)");
	if (m->traced & 1u << DRVMEM_ALLOC_PAGE)
		note(m, "pages of CMA and of alloc_contig_range that are no DMA buffer's");
	if (!info->moves_seen && m->traced & 1u << DRVMEM_ALLOC_PAGE)
		note(m, "pages that compaction moves (zsmalloc, balloons; drvmem doctor says why), from then on");
	if (p->f[DRVMEM_FEAT_VREALLOC].st != DRVMEM_FEAT_NO && !info->vrealloc_seen && drvmem_asked__has(asked, DRVMEM_ALLOC_VMALLOC))
		note(m, "what vrealloc gives back of an area that stays (no fentry here)");
	if (p->func[DRVMEM_FEAT_PAGES_BULK] && !info->pages_bulk_seen && m->traced & 1u << DRVMEM_ALLOC_PAGE)
		note(m, "pages that are taken in bulk (alloc_pages_bulk; no fentry here)");
	if (info->mempools_seen && p->mempool_bulk)
		note(m, "what is taken from mempools in bulk (mempool_alloc_bulk)");
	m->maps_upper = p->need_unmap;
	if (p->need_unmap && m->traced & 1u << DRVMEM_MAP_DMA)
		note(m, "the end of DMA mappings that need none (dma_need_unmap): what is mapped is at most so much");
	if (p->dma_iova && !info->iova_seen && drvmem_asked__has(asked, DRVMEM_ALLOC_DMA))
		note(m, "DMA mappings by ranges of addresses (dma_iova_link): drvmem doctor says why");
	if (!(m->traced & 1u << DRVMEM_MAP_DMA) && drvmem_asked__has(asked, DRVMEM_ALLOC_DMA))
		note(m, "DMA mappings: drvmem doctor says why");
	if (!(m->traced & 1u << DRVMEM_ALLOC_DMA) && drvmem_asked__has(asked, DRVMEM_ALLOC_PAGE))
		note(m, "DMA buffers as such, and their devices: their pages count as the driver's");
	if (p->f[DRVMEM_FEAT_PAGES].st != DRVMEM_FEAT_YES && drvmem_asked__has(asked, DRVMEM_ALLOC_PAGE) &&
	    (!info->opts.max_size || info->opts.max_size >= m->page_size))
		note(m, "pages: drvmem doctor says why");
	if (p->f[DRVMEM_FEAT_PERCPU].st != DRVMEM_FEAT_YES && drvmem_asked__has(asked, DRVMEM_ALLOC_PERCPU))
		note(m, "percpu memory: its tracepoints are not there");
	if (!(m->traced & 1u << DRVMEM_ALLOC_VMALLOC) && drvmem_asked__has(asked, DRVMEM_ALLOC_VMALLOC))
		note(m, "vmalloc memory: drvmem doctor says why");
	m->symbols_hidden = p->f[DRVMEM_FEAT_KALLSYMS].st != DRVMEM_FEAT_YES;
}
