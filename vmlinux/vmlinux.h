/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The kernel types and fields the BPF programs read, and no others, written by
 * hand. Offsets here mean nothing: preserve_access_index makes libbpf relocate
 * every access against the running kernel. A `___suffix` is a flavour: the same
 * type as another kernel version has it. Nothing here depends on the architecture.
 */
#ifndef DRVMEM_VMLINUX_H
#define DRVMEM_VMLINUX_H

typedef unsigned char __u8;
typedef signed char __s8;
typedef unsigned short __u16;
typedef short __s16;
typedef unsigned int __u32;
typedef int __s32;
typedef unsigned long long __u64;
typedef long long __s64;
typedef __u8 u8;
typedef __u16 u16;
typedef __u32 u32;
typedef __u64 u64;
typedef __s32 s32;
typedef __s64 s64;
typedef __u16 __le16;
typedef __u16 __be16;
typedef __u32 __be32;
typedef __u64 __be64;
typedef __u32 __wsum;
typedef _Bool bool;
#define true 1
#define false 0
#ifndef NULL
#define NULL ((void *)0)
#endif

/* include/uapi/linux/bpf.h: the few values our maps and helpers need */
enum bpf_map_type {
	BPF_MAP_TYPE_UNSPEC = 0,
	BPF_MAP_TYPE_HASH = 1,
	BPF_MAP_TYPE_ARRAY = 2,
	BPF_MAP_TYPE_PERCPU_HASH = 5,
	BPF_MAP_TYPE_PERCPU_ARRAY = 6,
};

enum {
	BPF_ANY = 0,
	BPF_NOEXIST = 1,
	BPF_EXIST = 2,
};

enum {
	BPF_F_RDONLY_PROG = 128,
	BPF_F_MMAPABLE = 1024,
};

#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)

struct bpf_raw_tracepoint_args {
	__u64 args[0];
};

struct list_head {
	struct list_head *next, *prev;
};

struct kmem_cache {
	unsigned int size;
	unsigned int object_size;
	int refcount;
	const char *name;
};

/* 5.10: the page of a slab object names its cache; struct slab took that over in 5.17 */
struct vmap_area {
	unsigned long va_start;
};

struct kset {
	struct list_head list;
};

struct kobject {
	const char *name;
	struct list_head entry;
	struct kset *kset;
};

struct device_driver {
	const char *name;
	struct module *owner;
};

struct device {
	struct kobject kobj;
	const char *init_name;
	struct device_driver *driver;
	struct list_head devres_head;
};

/* drivers/base/devres.c */
struct devres_node {
	struct list_head entry;
	void *release;
	unsigned long size;	/* on older kernels with CONFIG_DEBUG_DEVRES only */
};

struct devres {
	struct devres_node node;
};

struct devres_group {
	struct devres_node node[2];
};

/* from the running task to a device that every network namespace has */
struct net_device {
	struct device dev;
};

struct net {
	struct net_device *loopback_dev;
};

struct nsproxy {
	struct net *net_ns;
};

struct task_struct {
	unsigned int flags;
	struct nsproxy *nsproxy;
};

struct scatterlist {
	unsigned long page_link;
	unsigned int offset;
	unsigned int length;
};

struct sg_table {
	struct scatterlist *sgl;
	unsigned int orig_nents;
};

struct page {
	unsigned long compound_head;
	struct kmem_cache *slab_cache;
};

enum module_state {
	MODULE_STATE_LIVE,
	MODULE_STATE_COMING,
	MODULE_STATE_GOING,
	MODULE_STATE_UNFORMED,
};

/* ac3b43283923 "module: replace module_layout with module_memory", 6.4 */
enum mod_mem_type {
	MOD_TEXT = 0,
	MOD_INIT_TEXT = 4,
};

struct module_memory {
	void *base;
	unsigned int size;
};

/* x86 with CONFIG_UNWINDER_ORC: the module's unwind tables */
struct mod_arch_specific {
	unsigned int num_orcs;
	int *orc_unwind_ip;
	struct orc_entry *orc_unwind;
};

struct module {
	enum module_state state;
	struct list_head list;
	char name[56];
	struct module_memory mem[7];
	struct mod_arch_specific arch;
};

/* any struct that starts with 64 bits: its type is lent to addresses of words */
struct timespec64 {
	__s64 tv_sec;
};

struct vm_struct {
	void *addr;
};

/* 6.16 */
struct dma_iova_state {
	u64 addr;
	u64 __size;
};

struct mempool_s {
	int min_nr;
	int curr_nr;
	void *pool_data;
	void *alloc;
};

/* what it is called from 6.18 on */
struct mempool {
	int min_nr;
	int curr_nr;
	void *pool_data;
	void *alloc;
};

/* up to 6.3 */
struct module_layout {
	void *base;
	unsigned int size;
	unsigned int text_size;
};

struct module___layout {
	struct module_layout core_layout;
	struct module_layout init_layout;
};

#pragma clang attribute pop

#endif /* DRVMEM_VMLINUX_H */
