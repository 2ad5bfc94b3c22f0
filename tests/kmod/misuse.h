/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DRVMEM_TEST_MISUSE_H
#define DRVMEM_TEST_MISUSE_H

#include <linux/types.h>

/*
 * Use memory wrongly @count times, or, with @guarded, until KFENCE guarded @count of the objects. Nothing
 * that is anybody's is changed. -EINVAL, -ENOMEM, -ETIME: KFENCE guards none.
 */
int misuse(const char *how, unsigned long count, bool guarded);

#endif
