// SPDX-License-Identifier: GPL-2.0-or-later
#include "source/gens.h"

#include <errno.h>
#include <stdlib.h>

static struct drvmem_gen read_gen(const struct drvmem_gen *in)
{
	const volatile struct drvmem_gen *g = in;

	return (struct drvmem_gen){ g->objects, g->bytes };
}

/* Ends before what was made: a count of ends is never ahead of it. */
static void read_site(const struct drvmem_gens *in, struct drvmem_gens *ret)
{
	uint32_t i;

	for (i = 0; i < DRVMEM_GENS; i++) {
		ret->own[i] = read_gen(&in->own[i]);
		ret->born[i] = read_gen(&in->born[i]);
		ret->died[i] = read_gen(&in->died[i]);
		ret->made[i] = read_gen(&in->made[i]);
	}
}

int drvmem_gens__read(const struct drvmem_session_maps *m, struct drvmem_snapshot *snap)
{
	uint32_t i;

	if (!m->gens)
		return 0;
	snap->meta.mark = m->ctl->mark;
	snap->gens = calloc(snap->nr_sites ? snap->nr_sites : 1, sizeof(*snap->gens));
	if (!snap->gens)
		return -ENOMEM;
	for (i = 0; i < snap->nr_sites; i++)
		read_site(&m->gens[snap->sites[i].id], &snap->gens[i]);
	return 0;
}
