// SPDX-License-Identifier: GPL-2.0-or-later
/* Nodes of a machine from sysfs, and where the objects of a snapshot lie. */
#include "faketree.h"
#include "fixture.h"

#include "source/numa.h"

#define NODES	"devices/system/node/"
#define BLOCK	0x8000000ull
#define DIRECT	0xffff888000000000ull	/* physical address 0 */
#define PAGES	0xffffea0000000000ull	/* struct page 0 */
#define AREAS	0xffffc90000000000ull

static void link_to(const struct faketree *t, const char *name, const char *to)
{
	char path[PATH_MAX], target[PATH_MAX];

	tree_path(t, name, path);
	tree_path(t, to, target);
	assert_int_equal(symlink(target, path), 0);
}

static void node(const struct faketree *t, const char *name, const char *cpus)
{
	char path[128];

	snprintf(path, sizeof(path), NODES "%s", name);
	tree_dir(t, path);
	snprintf(path, sizeof(path), NODES "%s/cpulist", name);
	tree_write(t, path, cpus);
}

static void begin(struct faketree *t)
{
	strcpy(t->root, "/tmp/drvmem-numa.XXXXXX");
	assert_non_null(mkdtemp(t->root));
}

/* Nodes 0 and 2, the latter with memory of 128 MiB at 256 MiB; 384 MiB is of both, nobody has 512 MiB. */
static void machine(struct faketree *t)
{
	begin(t);
	tree_dir(t, "devices/system/memory");
	tree_write(t, "devices/system/memory/block_size_bytes", "8000000\n");
	node(t, "node0", "0-1,4\n");
	node(t, "node2", "2-3,5,9000\n");
	tree_dir(t, NODES "node0/memory0");
	tree_dir(t, NODES "node0/memory1");
	tree_dir(t, NODES "node2/memory2");
	tree_dir(t, NODES "node0/memory3");
	tree_dir(t, NODES "node2/memory3");
	tree_dir(t, NODES "node2/memory5");
	tree_dir(t, NODES "node2/memory_failure");
	tree_write(t, NODES "online", "0,2\n");
	tree_write(t, NODES "node2/meminfo", "Node 2 MemTotal:  131072 kB\nNode 2 MemFree:    1000 kB\n");
}

static void end(struct faketree *t)
{
	assert_int_equal(nftw(t->root, tree_remove_one, 16, FTW_DEPTH | FTW_PHYS), 0);
}

static struct drvmem_nodes *nodes_of(const struct faketree *t)
{
	struct drvmem_nodes *n = calloc(1, sizeof(*n));

	assert_non_null(n);
	assert_int_equal(drvmem_nodes__read(t->root, n), 0);
	return n;
}

static void release(struct drvmem_nodes *n)
{
	drvmem_nodes__deinit(n);
	free(n);
}

static void cpus_and_memory(void **state)
{
	static const int cpu[] = { 0, 0, 2, 2, 0, 2, -1 };
	struct drvmem_nodes *n;
	struct faketree t;
	uint32_t i;

	(void)state;
	machine(&t);
	n = nodes_of(&t);
	assert_int_equal(n->nr, 3);
	for (i = 0; i < UNIT_NR(cpu); i++)
		assert_int_equal(n->cpu[i], cpu[i]);
	assert_int_equal(drvmem_nodes__of_memory(n, 0), 0);
	assert_int_equal(drvmem_nodes__of_memory(n, 2 * BLOCK - 1), 0);
	assert_int_equal(drvmem_nodes__of_memory(n, 2 * BLOCK), 2);
	/* of two nodes, of none in between, beyond all */
	assert_int_equal(drvmem_nodes__of_memory(n, 3 * BLOCK), DRVMEM_NUMA_NO_NODE);
	assert_int_equal(drvmem_nodes__of_memory(n, 4 * BLOCK), DRVMEM_NUMA_NO_NODE);
	assert_int_equal(drvmem_nodes__of_memory(n, 5 * BLOCK), 2);
	assert_int_equal(drvmem_nodes__of_memory(n, 6 * BLOCK), DRVMEM_NUMA_NO_NODE);
	assert_int_equal(drvmem_nodes__of_memory(n, UINT64_MAX), DRVMEM_NUMA_NO_NODE);
	assert_int_equal(n->free_bytes[2].v, 1000 * 1024);
	assert_int_equal(n->free_bytes[2].st, DRVMEM_OK);
	assert_int_equal(n->free_bytes[0].st, DRVMEM_ABSENT);
	release(n);
	end(&t);
}

static void no_such_machine(void **state)
{
	struct drvmem_nodes *n = calloc(1, sizeof(*n));
	struct faketree t;

	(void)state;
	assert_non_null(n);
	assert_int_equal(drvmem_nodes__read("/nonexistent", n), -ENOENT);
	begin(&t);
	tree_dir(&t, "devices/system/memory");
	node(&t, "node0", "0-1\n");
	assert_int_equal(drvmem_nodes__read(t.root, n), -ENODATA);
	/* without a size of blocks */
	node(&t, "node1", "\n");
	assert_int_equal(drvmem_nodes__read(t.root, n), -ENOENT);
	tree_write(&t, "devices/system/memory/block_size_bytes", "0\n");
	assert_int_equal(drvmem_nodes__read(t.root, n), -EINVAL);
	tree_write(&t, "devices/system/memory/block_size_bytes", "what\n");
	assert_int_equal(drvmem_nodes__read(t.root, n), -EINVAL);
	tree_write(&t, "devices/system/memory/block_size_bytes", "8000000\n");
	assert_int_equal(drvmem_nodes__read(t.root, n), 0);
	/* memory that is on no node is on none, not on the first */
	assert_int_equal(drvmem_nodes__of_memory(n, 0), DRVMEM_NUMA_NO_NODE);
	drvmem_nodes__deinit(n);
	tree_write(&t, NODES "node1/cpulist", "1-x\n");
	assert_int_equal(drvmem_nodes__read(t.root, n), -EINVAL);
	tree_write(&t, NODES "node1/cpulist", "1\n");
	node(&t, "node64", "\n");
	assert_int_equal(drvmem_nodes__read(t.root, n), -ENODATA);
	free(n);
	end(&t);
}

static void devices_of_modules(void **state)
{
	struct faketree t;

	(void)state;
	begin(&t);
	tree_dir(&t, "devices/pci0/card/port");
	tree_dir(&t, "devices/pci0/other");
	tree_dir(&t, "bus/pci/drivers/drv");
	tree_dir(&t, "bus/virtio/drivers/drv_port");
	tree_dir(&t, "module/drv/drivers");
	assert_int_equal(drvmem_nodes__of_module(t.root, "nobody"), DRVMEM_NUMA_NO_NODE);
	assert_int_equal(drvmem_nodes__of_module(t.root, "drv"), DRVMEM_NUMA_NO_NODE);
	link_to(&t, "module/drv/drivers/pci:drv", "bus/pci/drivers/drv");
	link_to(&t, "bus/pci/drivers/drv/module", "module/drv");
	tree_write(&t, "bus/pci/drivers/drv/bind", "");
	assert_int_equal(drvmem_nodes__of_module(t.root, "drv"), DRVMEM_NUMA_NO_NODE);
	link_to(&t, "bus/pci/drivers/drv/card", "devices/pci0/card");
	/* it does not say, nor does what it is plugged into */
	assert_int_equal(drvmem_nodes__of_module(t.root, "drv"), DRVMEM_NUMA_NO_NODE);
	tree_write(&t, "devices/pci0/card/numa_node", "1\n");
	assert_int_equal(drvmem_nodes__of_module(t.root, "drv"), 1);
	/* another driver's device, of which what it is plugged into says */
	link_to(&t, "module/drv/drivers/virtio:drv_port", "bus/virtio/drivers/drv_port");
	link_to(&t, "bus/virtio/drivers/drv_port/port", "devices/pci0/card/port");
	assert_int_equal(drvmem_nodes__of_module(t.root, "drv"), 1);
	/* its own word counts */
	tree_write(&t, "devices/pci0/card/port/numa_node", "-1\n");
	assert_int_equal(drvmem_nodes__of_module(t.root, "drv"), DRVMEM_NUMA_NO_NODE);
	tree_write(&t, "devices/pci0/card/port/numa_node", "1\n");
	tree_write(&t, "devices/pci0/other/numa_node", "0\n");
	link_to(&t, "bus/pci/drivers/drv/other", "devices/pci0/other");
	assert_int_equal(drvmem_nodes__of_module(t.root, "drv"), DRVMEM_NUMA_NO_NODE);
	tree_write(&t, "devices/pci0/other/numa_node", "1\n");
	assert_int_equal(drvmem_nodes__of_module(t.root, "drv"), 1);
	end(&t);
}

/* The direct map; and areas whose pages are in turn on blocks 0 and 2, of which the fifth is not mapped. */
static bool find_address(void *arg, uint64_t va, uint64_t *ret_pa)
{
	uint64_t page = (va - AREAS) / 4096;

	(void)arg;
	if (va >= DIRECT && va < DIRECT + 8 * BLOCK) {
		*ret_pa = va - DIRECT;
		return true;
	}
	if (va < AREAS || va >= AREAS + (1ull << 30) || page == 4)
		return false;
	*ret_pa = page % 2 * 2 * BLOCK + page;
	return true;
}

static bool find_page(void *arg, uint64_t page, uint64_t *ret_pa)
{
	(void)arg;
	*ret_pa = (page - PAGES) / 64 * 4096;
	return page >= PAGES && page < PAGES + (1ull << 30);
}

static const struct drvmem_numa_reader reader = { find_address, find_page, NULL };

/* A site with one object on a CPU. */
static uint32_t object(struct drvmem_snapshot *s, uint16_t allocator, uint64_t key, uint32_t asked, uint16_t cpu)
{
	uint32_t t = fix_site(s, 0, 0, "f+0x1", 1, 0, asked);

	s->sites[t].allocator = allocator;
	fix_object(s, FIX_S, asked, 0);
	s->objects[s->nr_objects - 1].inverted = ~key;
	s->objects[s->nr_objects - 1].cpu = cpu;
	return t;
}

static void expect(const struct drvmem_numa *n, uint32_t site, uint64_t on0, uint64_t on2, uint64_t unknown)
{
	assert_int_equal(n->site[site].known, on0 + on2);
	assert_int_equal(n->site[site].unknown, unknown);
	assert_int_equal(n->on[site * 3], on0);
	assert_int_equal(n->on[site * 3 + 1], 0);
	assert_int_equal(n->on[site * 3 + 2], on2);
}

static void objects(void **state)
{
	struct drvmem_snapshot *s = fix_new();
	struct drvmem_nodes *nodes;
	struct drvmem_numa *n;
	struct faketree t;

	(void)state;
	machine(&t);
	nodes = nodes_of(&t);
	fix_cache(s, "x", 64, false);
	object(s, DRVMEM_ALLOC_SLAB, DIRECT + 2 * BLOCK, 100, 1);
	object(s, DRVMEM_ALLOC_SLAB, DIRECT + 3 * BLOCK, 100, 1);	/* a block of two nodes */
	object(s, DRVMEM_ALLOC_SLAB, DIRECT + 9 * BLOCK, 100, 1);	/* not mapped */
	object(s, DRVMEM_ALLOC_PAGE, PAGES + 2 * BLOCK / 4096 * 64 + 3, 32768, 2);	/* of order 3 */
	object(s, DRVMEM_ALLOC_PAGE, DIRECT, 32768, 2);
	object(s, DRVMEM_ALLOC_VMALLOC, AREAS, 6 * 4096 - 96, 7);	/* a CPU of no node */
	object(s, DRVMEM_ALLOC_VMALLOC, AREAS + 8 * 4096, 1000 * 4096, 0);
	object(s, DRVMEM_ALLOC_DMA, DRVMEM_ADDR_DMA(DIRECT + 2 * BLOCK), 8192, 0);
	object(s, DRVMEM_ALLOC_DMA, DRVMEM_ADDR_SGT(DIRECT + 2 * BLOCK), 8192, 0);
	object(s, DRVMEM_ALLOC_DMA, DRVMEM_ADDR_DMA(0x1234000), 8192, 0);
	object(s, DRVMEM_ALLOC_PERCPU, DRVMEM_ADDR_PERCPU(0x1234000), 64, 0);
	object(s, DRVMEM_MAP_DMA, DRVMEM_ADDR_MAPPED(0x1234000, 0), 64, 0);
	object(s, DRVMEM_ALLOC_SLAB, DIRECT, 100, 1);
	s->objects[s->nr_objects - 1].flags = DRVMEM_F_RCU_PENDING;
	assert_int_equal(drvmem_numa__read(s, nodes, &reader, t.root, &n), 0);
	assert_int_equal(n->nr_nodes, 3);
	expect(n, 0, 0, 100, 0);
	assert_int_equal(n->by[0], 100);
	expect(n, 1, 0, 0, 100);
	assert_int_equal(n->by[3], 0);
	expect(n, 2, 0, 0, 100);
	expect(n, 3, 0, 32768, 0);
	assert_int_equal(n->by[3 * 3 + 2], 32768);
	expect(n, 4, 0, 0, 32768);
	expect(n, 5, 2 * 4096, 3 * 4096 - 96, 4096);
	assert_int_equal(n->by[5 * 3] + n->by[5 * 3 + 1] + n->by[5 * 3 + 2], 0);
	assert_int_equal(n->site[6].known, 1000 * 4096);	/* of some pages, for all */
	expect(n, 7, 0, 8192, 0);
	expect(n, 8, 0, 0, 8192);
	expect(n, 9, 0, 0, 8192);
	expect(n, 10, 0, 0, 0);
	expect(n, 11, 0, 0, 0);
	expect(n, 12, 0, 0, 0);
	assert_int_equal(n->free_bytes[2].v, 1000 * 1024);
	assert_int_equal(n->free_bytes[1].st, DRVMEM_ABSENT);
	drvmem_numa__free(n);
	drvmem_snapshot__free(s);
	release(nodes);
	end(&t);
}

static void nodes_of_owners(void **state)
{
	struct drvmem_snapshot *s = fix_new();
	uint32_t at = fix_module(s, "drv", 1, 0), gone = fix_module(s, "drv", 2, 0), other = fix_module(s, "other", 3, 0);
	struct drvmem_nodes *nodes;
	struct drvmem_numa *n;
	struct faketree t;

	(void)state;
	machine(&t);
	nodes = nodes_of(&t);
	tree_dir(&t, "devices/card");
	tree_write(&t, "devices/card/numa_node", "2\n");
	tree_dir(&t, "bus/pci/drivers/drv");
	tree_dir(&t, "module/drv/drivers");
	link_to(&t, "module/drv/drivers/pci:drv", "bus/pci/drivers/drv");
	link_to(&t, "bus/pci/drivers/drv/card", "devices/card");
	s->instances[gone].unloaded = true;
	assert_int_equal(drvmem_numa__read(s, nodes, &reader, t.root, &n), 0);
	assert_int_equal(n->device_node[at], 2);
	assert_int_equal(n->device_node[gone], DRVMEM_NUMA_NO_NODE);
	assert_int_equal(n->device_node[other], DRVMEM_NUMA_NO_NODE);
	assert_int_equal(n->device_node[DRVMEM_MOD_KERNEL], DRVMEM_NUMA_NO_NODE);
	drvmem_numa__free(n);
	drvmem_snapshot__free(s);
	release(nodes);
	end(&t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(cpus_and_memory),
		cmocka_unit_test(no_such_machine),
		cmocka_unit_test(devices_of_modules),
		cmocka_unit_test(objects),
		cmocka_unit_test(nodes_of_owners),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
