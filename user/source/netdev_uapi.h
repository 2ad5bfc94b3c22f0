/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Numbers of the generic netlink family "netdev", which headers older than 6.8 lack. Source:
 * include/uapi/linux/netdev.h of Linux 6.8 and later; the kernel never changes them.
 */
#ifndef DRVMEM_SOURCE_NETDEV_UAPI_H
#define DRVMEM_SOURCE_NETDEV_UAPI_H

#define DRVMEM_NETDEV_FAMILY			"netdev"
#define DRVMEM_NETDEV_VERSION			1

#define DRVMEM_NETDEV_CMD_PAGE_POOL_GET		5
#define DRVMEM_NETDEV_CMD_PAGE_POOL_STATS_GET	9

#define DRVMEM_NETDEV_A_PAGE_POOL_ID		1
#define DRVMEM_NETDEV_A_PAGE_POOL_IFINDEX	2
#define DRVMEM_NETDEV_A_PAGE_POOL_NAPI_ID	3
#define DRVMEM_NETDEV_A_PAGE_POOL_INFLIGHT	4
#define DRVMEM_NETDEV_A_PAGE_POOL_INFLIGHT_MEM	5
#define DRVMEM_NETDEV_A_PAGE_POOL_DETACH_TIME	6

#define DRVMEM_NETDEV_A_PAGE_POOL_STATS_INFO	1	/* nested: the pool's ID and IFINDEX */
#define DRVMEM_NETDEV_A_PAGE_POOL_STATS_FIRST	8	/* ALLOC_FAST; eleven in a row */

#endif /* DRVMEM_SOURCE_NETDEV_UAPI_H */
