// SPDX-License-Identifier: GPL-2.0-or-later
#include "model/phases.h"

void drvmem_phases__look(struct drvmem_phases *p, uint32_t slot, const struct drvmem_module *m, uint64_t now_ns)
{
	const volatile struct drvmem_module *v = m;
	struct drvmem_phase *f;
	int64_t live = v->live_bytes;
	/* events that run meanwhile may take before they give */
	struct drvmem_u64 bytes = { live > 0 ? (uint64_t)live : 0, DRVMEM_OK };

	if (slot >= DRVMEM_MAX_MODULES)
		return;
	f = &p->v[slot];
	if (!f->seen)
		f->init_bytes.st = f->steady_bytes.st = f->after_bytes.st = DRVMEM_ABSENT;
	f->seen = true;
	f->loaded_ns = v->load_ns;
	f->unloaded_ns = v->unload_ns;
	if (f->unloaded_ns) {
		f->after_bytes = bytes;
		return;
	}
	if (f->loaded_ns && now_ns < f->loaded_ns + DRVMEM_PHASE_INIT_NS)
		return;
	if (f->loaded_ns && f->init_bytes.st != DRVMEM_OK)
		f->init_bytes = bytes;
	f->sum += (double)bytes.v;
	f->steady_bytes = drvmem_some((uint64_t)(f->sum / (double)++f->looks));
}
