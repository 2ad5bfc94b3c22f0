// SPDX-License-Identifier: GPL-2.0-or-later
#include "render/devices_json.h"

void drvmem_json__syncs(struct drvmem_json *w, const struct drvmem_snapshot *s)
{
	uint32_t i;

	if (!(s->meta.traced & 1u << DRVMEM_MAP_DMA)) {
		drvmem_json__kv_missing(w, "device_syncs", "DMA mappings are not traced here");
		return;
	}
	drvmem_json__key(w, "device_syncs");
	drvmem_json__begin_array(w);
	for (i = 0; i < s->nr_syncs; i++) {
		drvmem_json__begin_object(w);
		drvmem_json__kv_str(w, "device", s->syncs[i].device);
		drvmem_json__kv_u64(w, "for_cpu", s->syncs[i].for_cpu);
		drvmem_json__kv_u64(w, "for_device", s->syncs[i].for_device);
		drvmem_json__end_object(w);
	}
	drvmem_json__end_array(w);
}
