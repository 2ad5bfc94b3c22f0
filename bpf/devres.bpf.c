// SPDX-License-Identifier: GPL-2.0
/*
 * The devres list of every device, before a session: an object of its own, so that none of it
 * is in the session's, and a kernel that refuses it loses nothing else. Not attached: run by
 * user space (BPF_PROG_TEST_RUN) until it says that it is done. No lock is held: each step
 * goes on only where the next node still has this one before it.
 */
#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_core_read.h>
#include "drvmem/devres.h"

char LICENSE[] SEC("license") = "GPL";

struct drvmem_devres_walk dm_walk = {};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, DRVMEM_DEVRES_DEVICES);
	__type(key, __u32);
	__type(value, struct drvmem_devres_dev);
} dm_devices SEC(".maps");

#define DM_GET(to_, from_) bpf_probe_read_kernel(&(to_), sizeof(to_), &(from_))

/* The list's next node; 0 = this node is not on the list any more. */
static __always_inline __u64 dm_next(__u64 at)
{
	struct list_head *node = (struct list_head *)(long)at, *next = NULL, *prev = NULL;

	DM_GET(next, node->next);
	if (next)
		DM_GET(prev, next->prev);
	return next && prev == node ? (__u64)(long)next : 0;
}

/*
 * devices_kset has no address where kallsyms leaves data out. It is the kset of every device;
 * the one of lo is known of each network namespace, so of ours.
 */
static __always_inline __u64 dm_find_list(void)
{
	struct task_struct *task = (struct task_struct *)bpf_get_current_task();
	struct net_device *lo = NULL;
	struct nsproxy *proxy = NULL;
	struct kset *kset = NULL;
	struct net *net = NULL;

	DM_GET(proxy, task->nsproxy);
	DM_GET(net, proxy->net_ns);
	DM_GET(lo, net->loopback_dev);
	DM_GET(kset, lo->dev.kobj.kset);
	return kset ? (__u64)(long)&kset->list : 0;
}

static __always_inline struct device *dm_device_of(__u64 node)
{
	return (struct device *)(node - bpf_core_field_offset(struct kobject, entry) -
				 bpf_core_field_offset(struct device, kobj));
}

static __always_inline void dm_read_driver(struct device *dev, struct drvmem_devres_dev *to)
{
	struct device_driver *driver = NULL;
	struct module *owner = NULL;
	const char *name = NULL;

	to->driver[0] = to->module[0] = 0;
	DM_GET(driver, dev->driver);
	to->bound = driver != NULL;
	if (!driver)
		return;
	DM_GET(name, driver->name);
	bpf_probe_read_kernel_str(to->driver, sizeof(to->driver), name);
	DM_GET(owner, driver->owner);
	if (owner)
		bpf_probe_read_kernel_str(to->module, sizeof(to->module), &owner->name);
}

/* The list of this device has been read to its end. */
static __always_inline void dm_list_device(struct drvmem_devres_walk *w)
{
	struct device *dev = dm_device_of(w->device);
	struct drvmem_devres_dev *to;
	const char *name = NULL;
	__u32 key = w->listed;

	w->all_nodes += w->nodes;
	w->all_bytes += w->bytes;
	to = bpf_map_lookup_elem(&dm_devices, &key);
	if (!to) {
		w->left_out++;
		w->left_nodes += w->nodes;
		w->left_bytes += w->bytes;
		return;
	}
	w->listed++;
	to->nodes = w->nodes;
	to->bytes = w->bytes;
	to->device[0] = 0;
	DM_GET(name, dev->kobj.name);
	bpf_probe_read_kernel_str(to->device, sizeof(to->device), name);
	dm_read_driver(dev, to);
}

/*
 * What the node is part of takes. A group has two nodes and is one object, which the first
 * stands for. Since 7.x a node can be inside of anything, and says the size of all of it; one
 * that is in a struct devres says the size of what follows, as all do before.
 */
static __always_inline __u64 dm_node_bytes(struct drvmem_devres_walk *w, struct devres_node *node,
					   __u64 size)
{
	void *release = NULL;
	__u64 fn;

	DM_GET(release, node->release);
	fn = (__u64)(long)release;
	if (fn && fn == w->group_close)
		return 0;
	if (fn && fn == w->group_open)
		return bpf_core_type_size(struct devres_group);
	if (w->plain && fn != w->plain)
		return size;
	return size + bpf_core_type_size(struct devres);
}

/* DRVMEM_DEVRES_WALKING, or _CHANGED: what was read is no node. */
static __always_inline int dm_add_node(struct drvmem_devres_walk *w, __u64 at)
{
	struct devres_node *node =
		(struct devres_node *)(at - bpf_core_field_offset(struct devres_node, entry));
	unsigned long size = 0;

	w->nodes++;
	if (!bpf_core_field_exists(node->size))
		return DRVMEM_DEVRES_WALKING;
	DM_GET(size, node->size);
	if (size > DRVMEM_DEVRES_SIZE_MAX)
		return DRVMEM_DEVRES_CHANGED;
	w->bytes += dm_node_bytes(w, node, size);
	return DRVMEM_DEVRES_WALKING;
}

static __always_inline int dm_step_device(struct drvmem_devres_walk *w)
{
	__u64 next = dm_next(w->device);

	if (!next || (next == w->device && next != w->list))
		return DRVMEM_DEVRES_CHANGED;
	if (next == w->list)
		return DRVMEM_DEVRES_DONE;
	w->device = next;
	w->devices++;
	w->nodes = w->bytes = 0;
	w->head = w->node = (__u64)(long)&dm_device_of(next)->devres_head;
	return DRVMEM_DEVRES_WALKING;
}

static __always_inline int dm_step_node(struct drvmem_devres_walk *w)
{
	__u64 next = dm_next(w->node);

	if (!next || (next == w->node && next != w->head))
		return DRVMEM_DEVRES_CHANGED;
	if (next == w->head) {
		if (w->nodes)
			dm_list_device(w);
		w->node = 0;
		return DRVMEM_DEVRES_WALKING;
	}
	/* nodes that are released are on another list, which does not come back to this head */
	if (w->nodes >= DRVMEM_DEVRES_NODES)
		return DRVMEM_DEVRES_CHANGED;
	w->node = next;
	return dm_add_node(w, next);
}

/* Verified once, however often it is called. 0 = there is nothing more to do. */
__noinline int drvmem_devres_step(void)
{
	struct drvmem_devres_walk *w = &dm_walk;

	w->state = w->node ? dm_step_node(w) : dm_step_device(w);
	return w->state == DRVMEM_DEVRES_WALKING;
}

SEC("raw_tp/kfree")
int dm_devres(void *ctx)
{
	struct drvmem_devres_walk *w = &dm_walk;
	int i;

	if (!bpf_core_field_exists(struct devres_node, entry)) {
		w->state = DRVMEM_DEVRES_NO_TYPE;
		return 0;
	}
	if (!w->list) {
		w->sized = bpf_core_field_exists(struct devres_node, size);
		w->list = w->device = dm_find_list();
		if (!w->list) {
			w->state = DRVMEM_DEVRES_NO_LIST;
			return 0;
		}
	}
	for (i = 0; i < DRVMEM_DEVRES_STEPS; i++)
		if (!drvmem_devres_step())
			break;
	return 0;
}
