/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where the kernel's memory is: what kmem.h's scan begins with. Parsers take buffers. */
#ifndef DRVMEM_SOURCE_KMEM_MAP_H
#define DRVMEM_SOURCE_KMEM_MAP_H

#include <stddef.h>

#include "source/kmem.h"

/*
 * The head of /proc/kcore, ELF header and program headers (len bytes of the file): RAM, the direct
 * map, the kernel's image. -EINVAL: no such file, cut off, or without RAM. -ENOMEM.
 */
DRVMEM_MUST_CHECK int drvmem_kcore__parse(const void *head, size_t len, struct drvmem_kmem *k);
/* "System RAM" of /proc/iomem, also what drivers added (virtio_mem, kmem). -EACCES: addresses are hidden; -ENOENT: none; -ENOMEM. */
DRVMEM_MUST_CHECK int drvmem_iomem__parse(const char *text, size_t len, struct drvmem_kmem *k);

/*
 * "address sizes" of /proc/cpuinfo: bits of a physical address, which the kernel counts without the one that
 * memory encryption takes. 0 where it is not told.
 */
uint32_t drvmem_cpuinfo__phys_bits(const char *text, size_t len);
/* Of a page table's entry the address, by the bits of one (0 = unknown) and the encryption bit (0 = none). */
uint64_t drvmem_pte__addr_mask(uint32_t phys_bits, uint64_t encrypted);

#endif /* DRVMEM_SOURCE_KMEM_MAP_H */
