// SPDX-License-Identifier: GPL-2.0-or-later
#include "symbol/resolve.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* Instance whose core text holds addr, latest first: text addresses are used again. */
static const struct drvmem_instance *instance_of(const struct drvmem_snapshot *s, uint64_t addr)
{
	uint32_t i;

	for (i = s->nr_instances; i-- > DRVMEM_MOD_FIRST;)
		if (addr >= s->instances[i].text_lo && addr < s->instances[i].text_hi)
			return &s->instances[i];
	return NULL;
}

static bool same_module(const char *a, const char *b)
{
	return a == b || (a && b && !strcmp(a, b));
}

/*
 * The symbol of a return address (its call lies before it). want: the module the BPF side
 * saw there, NULL = not known: a table in which another module sits there does not count.
 */
static const struct drvmem_sym *find(const struct drvmem_symbols *y, uint64_t ip, const char *want)
{
	const struct drvmem_sym *sym;
	uint32_t i;

	for (i = y->n; i-- > 0;) {
		if (!y->tab[i])
			continue;
		sym = drvmem_symtab__find(y->tab[i], ip - 1);
		if (sym && !sym->pseudo && (!want || same_module(sym->module, want)))
			return sym;
	}
	return NULL;
}

static const char *format_addr(struct drvmem_snapshot *s, const struct drvmem_symbols *y, uint64_t ip,
			       const char *want, bool with_module)
{
	const struct drvmem_instance *in;
	const struct drvmem_sym *sym = find(y, ip, want);
	char buf[256];

	if (sym && with_module && sym->module) {
		snprintf(buf, sizeof(buf), "%s+0x%" PRIx64 " [%s]", sym->name, ip - sym->addr,
			 sym->module);
	} else if (sym) {
		snprintf(buf, sizeof(buf), "%s+0x%" PRIx64, sym->name, ip - sym->addr);
	} else {
		in = instance_of(s, ip - 1);
		if (in)
			snprintf(buf, sizeof(buf), "[%s]+0x%" PRIx64, in->name, ip - in->text_lo);
		else
			snprintf(buf, sizeof(buf), "0x%" PRIx64, ip);
	}
	return drvmem_snapshot__str(s, buf);
}

static int resolve_site(const struct drvmem_symbols *y, struct drvmem_snapshot *s,
			struct drvmem_sitesnap *site)
{
	const char *want = NULL, *component = NULL;
	const struct drvmem_sym *sym;

	if (site->id == DRVMEM_SITE_OVERFLOW) {
		site->site = drvmem_snapshot__str(s, "(site table full)");
		return site->site ? 0 : -ENOMEM;
	}
	if (site->direct >= DRVMEM_MOD_FIRST && site->direct < s->nr_instances)
		want = s->instances[site->direct].name;
	site->site = format_addr(s, y, site->call_site, want, false);
	sym = find(y, site->call_site, want);
	if (sym && sym->module)
		site->module = drvmem_snapshot__str(s, sym->module);
	if (sym && !sym->module) {
		component = y->builtin ? drvmem_builtin__find(y->builtin, sym->addr) : NULL;
		site->component_guess = !component;
		if (!component)
			component = drvmem_component_guess(sym->name);
		if (component)
			site->component = drvmem_snapshot__str(s, component);
	}
	sym = site->via_ip ? find(y, site->via_ip, NULL) : NULL;
	if (sym && !sym->module)
		site->via = format_addr(s, y, site->via_ip, NULL, false);
	return site->site && (site->via || !sym || sym->module) ? 0 : -ENOMEM;
}

static int resolve_mempool(const struct drvmem_symbols *y, struct drvmem_snapshot *s,
			   struct drvmem_mempoolsnap *p)
{
	uint32_t i;

	/* no return address: its first byte */
	p->function = format_addr(s, y, p->alloc_fn + 1, NULL, false);
	for (i = 0; i < DRVMEM_MEMPOOL_FRAMES && p->ip[i]; i++) {
		p->frame[i] = format_addr(s, y, p->ip[i], NULL, true);
		if (!p->frame[i])
			return -ENOMEM;
	}
	return p->function ? 0 : -ENOMEM;
}

int drvmem_symbols__resolve(const struct drvmem_symbols *y, struct drvmem_snapshot *s)
{
	uint32_t i, j;
	int r = 0;

	for (i = 0; i < s->nr_sites && !r; i++)
		r = resolve_site(y, s, &s->sites[i]);
	for (i = 0; i < s->nr_stacks && !r; i++) {
		for (j = 0; j < s->stacks[i].nr; j++) {
			s->stacks[i].frame[j] = format_addr(s, y, s->stacks[i].ip[j], NULL, true);
			if (!s->stacks[i].frame[j])
				r = -ENOMEM;
		}
	}
	for (i = 0; i < s->nr_mempools && !r; i++)
		r = resolve_mempool(y, s, &s->mempools[i]);
	return r;
}
