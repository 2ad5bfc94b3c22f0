// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Errors in the use of memory, for those who report them: KFENCE, KASAN, SLUB's red zones.
 */
#include <linux/delay.h>
#include <linux/errno.h>
#include <linux/slab.h>
#include <linux/string.h>
#if __has_include(<linux/kfence.h>)
#include <linux/kfence.h>
#else
#define is_kfence_address(p) false
#endif

#include "misuse.h"

#define MAX_TRIES	20000

/* 40 bytes come out of kmalloc-64: what is behind them is nobody's, but for a red zone. */
#define SIZE		40

static noinline void read_after_free(char *p)
{
	kfree(p);
	/* the compiler is not to know */
	OPTIMIZER_HIDE_VAR(p);
	READ_ONCE(*p);
}

static noinline void write_beyond(char *p)
{
	WRITE_ONCE(p[SIZE], 1);
	kfree(p);
}

int misuse(const char *how, unsigned long count, bool guarded)
{
	bool after = !strcmp(how, "afterfree");
	unsigned long done = 0, tries;
	char *p;

	if (!after && strcmp(how, "beyond"))
		return -EINVAL;
	for (tries = 0; done < count; tries++) {
		if (guarded && tries == MAX_TRIES)
			return -ETIME;
		p = kmalloc(SIZE, GFP_KERNEL);
		if (!p)
			return -ENOMEM;
		OPTIMIZER_HIDE_VAR(p);
		done += !guarded || is_kfence_address(p);
		if (after)
			read_after_free(p);
		else
			write_beyond(p);
		/* its samples are apart in time */
		if (guarded)
			usleep_range(500, 1000);
	}
	return 0;
}
