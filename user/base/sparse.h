/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Large arrays of zeros of which only what is written takes memory: tables by page frame, with holes. */
#ifndef DRVMEM_BASE_SPARSE_H
#define DRVMEM_BASE_SPARSE_H

#include <stddef.h>

/* Zeros, aligned to a page; NULL when there is no room in the address space. Reading takes no memory. */
void *drvmem_sparse__new(size_t bytes);
/* Makes a part of it zeros again, without taking memory for what is zero; p and bytes are multiples of 8. */
void drvmem_sparse__wipe(void *p, size_t bytes);
/* bytes as for __new. NULL is no error. */
void drvmem_sparse__free(void *p, size_t bytes);

#endif /* DRVMEM_BASE_SPARSE_H */
