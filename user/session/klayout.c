// SPDX-License-Identifier: GPL-2.0-or-later
#include "session/klayout.h"

#include <errno.h>
#include <string.h>

#include <bpf/btf.h>

/* Also of members of unnamed structures and unions inside. */
static int32_t offset_in(const struct btf *btf, uint32_t id, const char *field, int depth)
{
	const struct btf_type *t = btf__type_by_id(btf, id);
	const struct btf_member *m;
	int32_t off, inner;
	const char *name;
	uint32_t i;

	while (t && (btf_is_mod(t) || btf_is_typedef(t)))
		t = btf__type_by_id(btf, t->type);
	if (!t || !btf_is_composite(t) || depth > 8)
		return -1;
	m = btf_members(t);
	for (i = 0; i < btf_vlen(t); i++) {
		name = btf__name_by_offset(btf, m[i].name_off);
		off = (int32_t)(btf_member_bit_offset(t, i) / 8);
		if (name && *name) {
			if (!strcmp(name, field))
				return off;
			continue;
		}
		inner = offset_in(btf, m[i].type, field, depth + 1);
		if (inner >= 0)
			return off + inner;
	}
	return -1;
}

static int32_t offset_of(const struct btf *btf, const char *type, const char *field)
{
	int32_t id = btf__find_by_name_kind(btf, type, BTF_KIND_STRUCT);

	return id < 0 ? -1 : offset_in(btf, (uint32_t)id, field, 0);
}

static int32_t size_of(const struct btf *btf, const char *type)
{
	int32_t id = btf__find_by_name_kind(btf, type, BTF_KIND_STRUCT);

	return id < 0 ? -1 : (int32_t)btf__type_by_id(btf, (uint32_t)id)->size;
}

/* include/linux/slab.h: the flags are bits of an enumeration from 6.9 on, these constants before. */
static uint64_t slab_flag(const struct btf *btf, const char *name, uint64_t before)
{
	int32_t id = btf__find_by_name_kind(btf, "_slab_flag_bits", BTF_KIND_ENUM);
	const struct btf_type *t = id < 0 ? NULL : btf__type_by_id(btf, (uint32_t)id);
	uint32_t i;

	if (!t)
		return before;
	for (i = 0; i < btf_vlen(t); i++)
		if (!strcmp(btf__name_by_offset(btf, btf_enum(t)[i].name_off), name))
			return 1ull << (btf_enum(t)[i].val & 63);
	return 0;
}

static int32_t both(int32_t a, int32_t b)
{
	return a < 0 || b < 0 ? -1 : a + b;
}

/*
 * struct fpu is the last of task_struct, or lies behind it (6.16 and later); what comes before the
 * registers is the kernel's.
 */
static int32_t fpregs_of(const struct btf *btf)
{
	int32_t fpu = both(offset_of(btf, "task_struct", "thread"), offset_of(btf, "thread_struct", "fpu"));
	int32_t regs = both(offset_of(btf, "fpu", "__fpstate"), offset_of(btf, "fpstate", "regs"));

	if (regs < 0)	/* before 5.16 */
		regs = offset_of(btf, "fpu", "state");
	return both(fpu < 0 ? size_of(btf, "task_struct") : fpu, regs);
}

static void read_areas(const struct btf *btf, struct drvmem_klayout *l)
{
	l->area_addr = offset_of(btf, "vm_struct", "addr");
	l->area_size = offset_of(btf, "vm_struct", "size");
	l->area_flags = offset_of(btf, "vm_struct", "flags");
	l->area_pages = offset_of(btf, "vm_struct", "pages");
	l->area_nr_pages = offset_of(btf, "vm_struct", "nr_pages");
	l->vmap_vm = offset_of(btf, "vmap_area", "vm");
	l->vmap_list = offset_of(btf, "vmap_area", "list");
	l->chunk_base = offset_of(btf, "pcpu_chunk", "base_addr");
	l->chunk_data = offset_of(btf, "pcpu_chunk", "data");
	l->area_caller = offset_of(btf, "vm_struct", "caller");
}

static void read_tasks(const struct btf *btf, struct drvmem_klayout *l)
{
	l->task_size = size_of(btf, "task_struct");
	l->task_tasks = offset_of(btf, "task_struct", "tasks");
	l->task_vm_area = offset_of(btf, "task_struct", "stack_vm_area");
	l->task_stack = offset_of(btf, "task_struct", "stack");
	l->task_sp = both(offset_of(btf, "task_struct", "thread"), offset_of(btf, "thread_struct", "sp"));
	l->task_fpregs = fpregs_of(btf);
	l->task_pid = offset_of(btf, "task_struct", "pid");
	l->task_tgid = offset_of(btf, "task_struct", "tgid");
	l->task_comm = offset_of(btf, "task_struct", "comm");
	l->task_on_cpu = offset_of(btf, "task_struct", "on_cpu");
	l->task_signal = offset_of(btf, "task_struct", "signal");
	l->task_thread_node = offset_of(btf, "task_struct", "thread_node");
	l->signal_thread_head = offset_of(btf, "signal_struct", "thread_head");
	l->task_mm = offset_of(btf, "task_struct", "mm");
	l->task_active_mm = offset_of(btf, "task_struct", "active_mm");
	l->mm_pgd = offset_of(btf, "mm_struct", "pgd");
}

/* mm/slub.c, 6.18 and later */
static void read_sheaves(const struct btf *btf, struct drvmem_klayout *l)
{
	l->sheaf_cache = offset_of(btf, "slab_sheaf", "cache");
	l->sheaf_objects = offset_of(btf, "slab_sheaf", "objects");
	l->sheaf_size = offset_of(btf, "slab_sheaf", "size");
	l->sheaf_list = offset_of(btf, "slab_sheaf", "barn_list");
	l->cache_sheaves = offset_of(btf, "kmem_cache", "cpu_sheaves");
	l->sheaves_main = offset_of(btf, "slub_percpu_sheaves", "main");
	l->sheaves_spare = offset_of(btf, "slub_percpu_sheaves", "spare");
	l->sheaves_rcu = offset_of(btf, "slub_percpu_sheaves", "rcu_free");
	l->cache_barns = both(offset_of(btf, "kmem_cache", "per_node"),
			      offset_of(btf, "kmem_cache_per_node_ptrs", "barn"));
	l->barn_stride = size_of(btf, "kmem_cache_per_node_ptrs");
	l->cache_nodes = offset_of(btf, "kmem_cache", "node");
	l->node_barn = offset_of(btf, "kmem_cache_node", "barn");
	l->barn_full = offset_of(btf, "node_barn", "sheaves_full");
	l->barn_empty = offset_of(btf, "node_barn", "sheaves_empty");
}

int drvmem_klayout__read(struct drvmem_klayout *l)
{
	struct btf *btf = btf__load_vmlinux_btf();

	if (!btf)
		return -ENOENT;
	l->page_size = size_of(btf, "page");
	l->page_lru = offset_of(btf, "page", "lru");
	l->page_refcount = offset_of(btf, "page", "_refcount");
	l->slab_cache = offset_of(btf, "slab", "slab_cache");
	if (l->slab_cache < 0)
		l->slab_cache = offset_of(btf, "page", "slab_cache");
	l->slab_freelist = offset_of(btf, "slab", "freelist");
	if (l->slab_freelist < 0)
		l->slab_freelist = offset_of(btf, "page", "freelist");
	l->cache_size = offset_of(btf, "kmem_cache", "size");
	l->cache_object_size = offset_of(btf, "kmem_cache", "object_size");
	l->cache_offset = offset_of(btf, "kmem_cache", "offset");
	l->cache_random = offset_of(btf, "kmem_cache", "random");
	l->cache_ctor = offset_of(btf, "kmem_cache", "ctor");
	l->cache_name = offset_of(btf, "kmem_cache", "name");
	l->cache_flags = offset_of(btf, "kmem_cache", "flags");
	l->cache_red_left_pad = offset_of(btf, "kmem_cache", "red_left_pad");
	/* mm/slab.h: slab_want_init_on_alloc() */
	l->unzeroed_flags = slab_flag(btf, "_SLAB_TYPESAFE_BY_RCU", 0x80000) | slab_flag(btf, "_SLAB_POISON", 0x800);
	read_sheaves(btf, l);
	l->tramp_image_tr = offset_of(btf, "bpf_tramp_image", "tr");
	l->tramp_image_name = both(offset_of(btf, "bpf_tramp_image", "ksym"), offset_of(btf, "bpf_ksym", "name"));
	l->napi_cache_size = size_of(btf, "napi_alloc_cache");
	l->napi_count = offset_of(btf, "napi_alloc_cache", "skb_count");
	l->napi_heads = offset_of(btf, "napi_alloc_cache", "skb_cache");
	read_tasks(btf, l);
	read_areas(btf, l);
	btf__free(btf);
	return l->page_size != 64 || l->slab_cache < 0 || l->cache_size < 0 || l->cache_name < 0 ? -ENODATA : 0;
}
