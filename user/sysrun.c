// SPDX-License-Identifier: GPL-2.0-or-later
#include "sysrun.h"

#include <errno.h>

#include "render/system_json.h"
#include "render/system_text.h"
#include "source/sysmem.h"
#include "view/system.h"

void drvmem_sysrun__start(void *arg, struct drvmem_trace *t)
{
	struct drvmem_sysrun *r = arg;

	(void)t;
	/* short of memory: the first snapshot will fail the same way and say so */
	if (r->on && drvmem_sysmem__load_start(&r->read[0]))
		r->read[0] = NULL;
}

void drvmem_sysrun__deinit(struct drvmem_sysrun *r)
{
	drvmem_sysmem__free(r->read[0]);
	drvmem_sysmem__free(r->read[1]);
	r->read[0] = r->read[1] = NULL;
}

static int render(const struct drvmem_sysrun *r, const struct drvmem_sysmem *now, struct drvmem_scope *v,
		  bool json, struct drvmem_out *out)
{
	struct drvmem_text_opts t;
	struct drvmem_system *y;
	int e = drvmem_system__new(r->read[0], now, v, &y);

	if (e)
		return e;
	if (json) {
		drvmem_json__system(y, out->f);
	} else {
		drvmem_out__text_opts(out, &t);
		drvmem_text__header(v, &t, r->again, out->f);
		e = drvmem_text__system(y, &t, out->f);
	}
	drvmem_system__free(y);
	return e;
}

int drvmem_sysrun__render(struct drvmem_sysrun *r, struct drvmem_scope *v, bool json,
			  struct drvmem_out *out, struct drvmem_err *err)
{
	struct drvmem_sysmem *now = NULL;
	int e = !r->read[0] ? -ENOMEM : r->read[1] ? 0 : drvmem_sysmem__load(&now);

	if (!e)
		e = render(r, now ? now : r->read[1], v, json, out);
	drvmem_sysmem__free(now);
	r->again = true;
	return e ? drvmem_err__set(err, e, DRVMEM_EXIT_INTERNAL, "out of memory") : 0;
}
