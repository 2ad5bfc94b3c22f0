// SPDX-License-Identifier: GPL-2.0-or-later
#include "render/growth_json.h"

void drvmem_json__growth(struct drvmem_json *w, const struct drvmem_growth *g, const char *why)
{
	drvmem_json__kv_str(w, "verdict", drvmem_growth__name(g->class));
	drvmem_json__kv_str(w, "confidence", drvmem_confidence__name(g->confidence));
	drvmem_json__kv_str(w, "why", why);
	drvmem_json__kv_u64(w, "old_ns", g->old_ns);
	drvmem_json__kv_bool(w, "learnt", g->learnt);
	drvmem_json__key(w, "lifetime");
	drvmem_json__begin_object(w);
	drvmem_json__kv_u64(w, "freed", g->life.freed);
	drvmem_json__kv_u64(w, "living", g->life.living);
	if (g->life.old_ns.st == DRVMEM_OK)
		drvmem_json__kv_u64(w, "usual_ns", g->life.old_ns.v);
	else
		drvmem_json__kv_missing(w, "usual_ns", "too few objects were freed");
	drvmem_json__kv_u64(w, "reached", g->life.reached);
	drvmem_json__kv_u64(w, "reached_freed", g->life.reached_freed);
	drvmem_json__kv_double(w, "survive", g->life.survive);
	drvmem_json__kv_double(w, "survive_low", g->life.survive_low);
	drvmem_json__kv_double(w, "survive_high", g->life.survive_high);
	drvmem_json__end_object(w);
	drvmem_json__key(w, "windows");
	drvmem_json__begin_object(w);
	drvmem_json__kv_u64(w, "old", g->windows);
	drvmem_json__kv_u64(w, "with_allocations", g->windows_born);
	drvmem_json__kv_u64(w, "with_survivors", g->windows_left);
	drvmem_json__end_object(w);
	drvmem_json__key(w, "trend");
	drvmem_json__begin_object(w);
	drvmem_json__kv_double(w, "per_s", g->trend.slope);
	drvmem_json__kv_double(w, "low", g->trend.low);
	drvmem_json__kv_double(w, "high", g->trend.high);
	drvmem_json__kv_double(w, "p", g->trend.p);
	drvmem_json__kv_u64(w, "drop", g->drop);
	drvmem_json__end_object(w);
}
