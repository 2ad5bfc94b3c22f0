/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The kinds of kinds.c that change while they are held: areas that are given another size, and DMA
 * mappings that consist of parts of a range of addresses (6.16), of a device behind an IOMMU.
 */
#ifndef DRVMEM_TEST_CHANGED_H
#define DRVMEM_TEST_CHANGED_H

/*
 * Twice the size, then the size, then up to the end of its last page: always at one address where
 * there is vrealloc (6.12), before it moves when it grows.
 */
static noinline void alloc_vshrink(struct object *obj, gfp_t gfp)
{
	void *was = __vmalloc(2 * obj->size, gfp), *less, *more;

	less = was ? compat_kvrealloc(was, 2 * obj->size, obj->size, gfp) : NULL;
	more = less ? compat_kvrealloc(less, obj->size, PAGE_ALIGN(obj->size), gfp) : NULL;
	WARN_ON(LINUX_VERSION_CODE >= KERNEL_VERSION(6, 12, 0) && was && more != was);
	obj->ptr = more;
}

/* Half of the size for a while: where the pages went back it moves to a new area. */
static noinline void alloc_vgrow(struct object *obj, gfp_t gfp)
{
	void *was = __vmalloc(obj->size, gfp), *less;

	less = was ? compat_kvrealloc(was, obj->size, obj->size / 2, gfp) : NULL;
	obj->ptr = less ? compat_kvrealloc(less, obj->size / 2, obj->size, gfp) : NULL;
}

static char *iova_device = "";
module_param(iova_device, charp, 0444);
MODULE_PARM_DESC(iova_device, "PCI device behind an IOMMU, that nobody drives: whose addresses iova takes");

static struct device *iova_dev;

#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 16, 0) && IS_ENABLED(CONFIG_IOMMU_DMA)
static void link_iova(struct dma_iova_state *state, size_t from, size_t to)
{
	WARN_ON(dma_iova_link(iova_dev, state, page_to_phys(map_area) + from, from, to - from,
			      DMA_BIDIRECTIONAL, 0));
}

/* Two parts, the first of them one page. */
static noinline void alloc_iova(struct object *obj, gfp_t gfp)
{
	struct dma_iova_state state = {};

	if (!iova_dev || !have_map_area(gfp) ||
	    !dma_iova_try_alloc(iova_dev, &state, page_to_phys(map_area), obj->size))
		return;
	link_iova(&state, 0, PAGE_SIZE);
	link_iova(&state, PAGE_SIZE, obj->size);
	WARN_ON(dma_iova_sync(iova_dev, &state, 0, obj->size));
	obj->dma = state.addr;
	obj->ptr = map_area;
}

static noinline void free_iova(struct object *obj)
{
	struct dma_iova_state state = { .addr = obj->dma, .__size = obj->size };

	dma_iova_destroy(iova_dev, &state, obj->size, DMA_BIDIRECTIONAL, 0);
}

/* Only the first part stays linked. */
static noinline void alloc_iovapart(struct object *obj, gfp_t gfp)
{
	struct dma_iova_state state = {};
	size_t size = obj->size;

	alloc_iova(obj, gfp);
	if (!obj->ptr)
		return;
	state.addr = obj->dma;
	state.__size = size;
	dma_iova_unlink(iova_dev, &state, PAGE_SIZE, size - PAGE_SIZE, DMA_BIDIRECTIONAL, 0);
}

static noinline void free_iovapart(struct object *obj)
{
	struct dma_iova_state state = { .addr = obj->dma, .__size = obj->size };

	dma_iova_unlink(iova_dev, &state, 0, PAGE_SIZE, DMA_BIDIRECTIONAL, 0);
	dma_iova_free(iova_dev, &state);
}
#else
static void alloc_iova(struct object *obj, gfp_t gfp)
{
}

static void free_iova(struct object *obj)
{
}

#define alloc_iovapart alloc_iova
#define free_iovapart free_iova
#endif

static int __init find_iova_device(void)
{
	if (!*iova_device)
		return 0;
	iova_dev = bus_find_device_by_name(&pci_bus_type, NULL, iova_device);
	return iova_dev ? 0 : -ENODEV;
}

#define CHANGED_KINDS								\
	{ .name = "vshrink", .flags = KIND_LEAK, .max = 32 << 20,		\
	  .alloc = alloc_vshrink, .free = free_kvmalloc },			\
	{ .name = "vgrow", .flags = KIND_LEAK, .min = 2, .max = 64 << 20,	\
	  .alloc = alloc_vgrow, .free = free_kvmalloc },				\
	{ .name = "iova", .min = 2 * PAGE_SIZE, .max = MAP_BYTES,		\
	  .alloc = alloc_iova, .free = free_iova },				\
	{ .name = "iovapart", .min = 2 * PAGE_SIZE, .max = MAP_BYTES,		\
	  .alloc = alloc_iovapart, .free = free_iovapart }

#endif
