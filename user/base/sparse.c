// SPDX-License-Identifier: GPL-2.0-or-later
#include "base/sparse.h"

#include <stdint.h>
#include <sys/mman.h>

void *drvmem_sparse__new(size_t bytes)
{
	void *p = mmap(NULL, bytes ? bytes : 1, PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	if (p == MAP_FAILED)
		return NULL;
	/* a huge page for one word would be no hole; where there are none this fails, and nothing is lost */
	(void)madvise(p, bytes, MADV_NOHUGEPAGE);
	return p;
}

void drvmem_sparse__wipe(void *p, size_t bytes)
{
	volatile uint64_t *w = p;
	size_t i;

	for (i = 0; i < bytes / sizeof(*w); i++)
		if (w[i])
			w[i] = 0;
}

void drvmem_sparse__free(void *p, size_t bytes)
{
	if (p)
		munmap(p, bytes ? bytes : 1);
}
