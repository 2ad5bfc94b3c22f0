/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DRVMEM_TESTLIB_H
#define DRVMEM_TESTLIB_H

#include <linux/types.h>

typedef void *(*drvmem_testlib_fn)(size_t size);

void *drvmem_testlib_alloc(size_t size);
void *drvmem_testlib_call(drvmem_testlib_fn fn, size_t size);
void *drvmem_testlib_work(size_t size);
void drvmem_testlib_free(void *ptr);

#endif
