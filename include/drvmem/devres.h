/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What bpf/devres.bpf.c and user/session/devres.c say to each other: where the walk over all
 * devices and their devres lists is, and what it found of each device that has any.
 */
#ifndef DRVMEM_DEVRES_H
#define DRVMEM_DEVRES_H

#ifdef __bpf__
#include "vmlinux.h"
#else
#include <linux/types.h>
#endif

#define DRVMEM_DEVRES_DEVICES	4096	/* devices with a list that is not empty */
#define DRVMEM_DEVRES_NODES	65536	/* of one device; a list without an end is none */
#define DRVMEM_DEVRES_SIZE_MAX	(1u << 30)	/* of one node; no kmalloc is larger */
#define DRVMEM_DEVRES_STEPS	512	/* of one run: devices and nodes */
#define DRVMEM_DEVRES_RUNS	4096	/* of one walk */

enum drvmem_devres_state {
	DRVMEM_DEVRES_WALKING = 0,
	DRVMEM_DEVRES_DONE,
	DRVMEM_DEVRES_CHANGED,		/* the list is another one by now */
	/* another walk would say the same */
	DRVMEM_DEVRES_NO_LIST,		/* no way to the list of devices */
	DRVMEM_DEVRES_NO_TYPE,		/* BTF does not tell what a node is */
};

struct drvmem_devres_walk {
	/* set by user space; functions a node's kind is known by, 0 = this kernel has none such */
	__u64 group_open, group_close, plain;
	/* where it is; all 0 at the start */
	__u64 list;		/* head of the list of devices */
	__u64 device;		/* its node there; the head itself before the first */
	__u64 head, node;	/* of the device's devres list; node 0: not begun */
	__u64 nodes, bytes;	/* of this device so far */
	/* what it found */
	__u64 devices, all_nodes, all_bytes;
	__u64 listed;		/* records in dm_devices */
	__u64 left_out, left_nodes, left_bytes;	/* devices that did not fit there, and theirs */
	__u32 state;		/* enum drvmem_devres_state */
	__u32 sized;		/* nodes have their size here: bytes are known */
};

struct drvmem_devres_dev {
	__u64 nodes, bytes;
	__u32 bound;		/* it has a driver; without a module's name that is built in */
	__u32 reserved;
	char device[64];
	char driver[64];
	char module[64];
};

_Static_assert(sizeof(struct drvmem_devres_walk) == 136, "the same for both compilers");
_Static_assert(sizeof(struct drvmem_devres_dev) == 216, "the same for both compilers");

#endif /* DRVMEM_DEVRES_H */
