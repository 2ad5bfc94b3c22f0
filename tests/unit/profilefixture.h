/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * fixture.h's machine with what profiles are about: stacks that differ further out, addresses,
 * a DMA buffer, a mapping, and a site whose live figures were caught between two CPUs.
 */
#ifndef DRVMEM_TESTS_PROFILEFIXTURE_H
#define DRVMEM_TESTS_PROFILEFIXTURE_H

#include "fixture.h"

#include "view/profile.h"

#define FIX_STEXT	0xffffffff81000000ull
#define FIX_E1000	0xffffffffc0400000ull	/* text of the second e1000e */

/* Frames innermost first: pairs of a text and an address. */
static inline void fix_frames(struct drvmem_snapshot *s, uint32_t site, uint64_t count, uint32_t nr,
			      const char *const *text, const uint64_t *ip)
{
	struct drvmem_stacksnap k = { .site = site, .nr = nr, .count = count };
	uint32_t i;

	for (i = 0; i < nr; i++) {
		k.frame[i] = drvmem_snapshot__str(s, text[i]);
		k.ip[i] = ip[i];
	}
	fix_push(s->stacks, s->nr_stacks, k);
}

static inline struct drvmem_snapshot *fix_profiled(void)
{
	static const char *const probe[] = { "e1000_probe+0x10 [e1000e]", "pci_device_probe+0x99",
					     "really_probe+0x11", "driver_attach+0x1c" };
	static const char *const rebind[] = { "e1000_probe+0x10 [e1000e]", "pci_device_probe+0x99",
					      "really_probe+0x11", "bind_store+0x77" };
	static const uint64_t probe_ip[] = { FIX_E1000 + 0x110, FIX_STEXT + 0x2099, FIX_STEXT + 0x3011,
					     FIX_STEXT + 0x401c };
	static const uint64_t rebind_ip[] = { FIX_E1000 + 0x110, FIX_STEXT + 0x2099, FIX_STEXT + 0x3011,
					      FIX_STEXT + 0x5077 };
	struct drvmem_snapshot *s = fix_machine();
	uint32_t t = fix_find(s, "e1000_probe+0x10"), e2 = s->sites[t].owner, dev, k64 = 0;

	s->meta.stext = FIX_STEXT;
	strcpy(s->meta.build_id, "fedcba9876543210fedcba9876543210fedcba98");
	s->instances[e2].text_lo = FIX_E1000;
	s->instances[e2].text_hi = FIX_E1000 + 0x8000;
	s->sites[t].call_site = probe_ip[0];
	s->sites[t].module = drvmem_snapshot__str(s, "e1000e");
	fix_frames(s, t, 5, 4, probe, probe_ip);
	fix_frames(s, t, 2, 4, rebind, rebind_ip);
	dev = fix_cache(s, "0000:00:1f.6", 0, false);
	t = fix_site(s, e2, dev, "e1000_setup_tx+0x33", 4, 1, 4096);
	s->sites[t].allocator = DRVMEM_ALLOC_DMA;
	t = fix_site(s, e2, dev, "e1000_tx_map+0x5", 100, 40, 1500);
	s->sites[t].allocator = DRVMEM_MAP_DMA;
	s->meta.traced = 1u << DRVMEM_ALLOC_SLAB | 1u << DRVMEM_ALLOC_DMA | 1u << DRVMEM_MAP_DMA;
	fix_site(s, 2, k64, "semi;colon\n+0x8", 10, 11, 32);
	return s;
}

/* As if debug information of one call site had been found: a call that was inlined. And none of the kernel's. */
static inline void fix_places(struct drvmem_scope *v)
{
	static const struct drvmem_place probe[] = {
		{ "kzalloc", "include/linux/slab.h", "/build", 41 }, { "e1000_probe", "drivers/net/netdev.c", "/build", 7301 },
	};
	static const char id[] = "fedcba9876543210fedcba9876543210fedcba98";

	v->places = drvmem_places__new();
	assert_non_null(v->places);
	assert_int_equal(drvmem_places__add(v->places, FIX_E1000 + 0x110, probe, UNIT_NR(probe)), 0);
	assert_int_equal(drvmem_places__used(v->places, "e1000e", "ab", "/usr/lib/debug/e1000e.ko", NULL), 0);
	assert_int_equal(drvmem_places__used(v->places, "vmlinux", id, NULL, "debug file x is of another build"), 0);
}

static inline struct drvmem_profile *fix_profile(const struct drvmem_scope *v, enum drvmem_callers callers)
{
	struct drvmem_profile *p = NULL;

	assert_int_equal(drvmem_profile__new(v, callers, &p), 0);
	assert_non_null(p);
	return p;
}

#endif /* DRVMEM_TESTS_PROFILEFIXTURE_H */
