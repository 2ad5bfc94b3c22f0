// SPDX-License-Identifier: GPL-2.0-or-later
#include "session/use.h"

/*
 * An event that saw the old number raises the old peak a moment after it was read: that counts in the lap
 * after the next, where it is no more than what was live.
 */
void drvmem_use__lap(volatile struct drvmem_ctl *ctl, struct drvmem_use *use, uint32_t nr_sites,
		     void (*fn)(void *arg, uint32_t site, uint64_t most), void *arg)
{
	uint32_t over = ctl->lap % 2, i;

	ctl->lap = ctl->lap + 1;
	for (i = 0; i < nr_sites; i++) {
		volatile struct drvmem_use *u = &use[i];
		uint64_t most = u->lap_peak[over];
		int64_t live = u->live;

		if (most)
			u->lap_peak[over] = 0;
		if (live > 0 && (uint64_t)live > most)
			most = (uint64_t)live;
		if (most)
			fn(arg, i, most);
	}
}
