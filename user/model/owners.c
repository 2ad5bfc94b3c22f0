// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "model/owners.h"

struct name_ref {
	const char *name;
	uint32_t index;
};

static int cmp_name(const void *a, const void *b)
{
	const struct name_ref *x = a, *y = b;
	int c = strcmp(x->name, y->name);

	return c ? c : (x->index > y->index) - (x->index < y->index);
}

static const char *plain_name(const struct drvmem_instance *i)
{
	return i->name && i->name[0] ? i->name : "?";
}

/* refs sorted by name: a name that occurs twice needs the sequence number. */
static int set_names(const struct drvmem_snapshot *s, const struct name_ref *refs, uint32_t nr,
		     struct drvmem_arena *a, const char **names)
{
	uint32_t i, at;
	bool twice;

	for (i = 0; i < nr; i++) {
		twice = (i && !strcmp(refs[i - 1].name, refs[i].name)) ||
			(i + 1 < nr && !strcmp(refs[i + 1].name, refs[i].name));
		at = refs[i].index;
		if (twice && s->instances[at].load_seq)
			names[at] = drvmem_arena__printf(a, "%s#%u", refs[i].name,
							 s->instances[at].load_seq);
		else
			names[at] = drvmem_arena__str(a, refs[i].name);
		if (!names[at])
			return -ENOMEM;
	}
	return 0;
}

int drvmem_owner_names(const struct drvmem_snapshot *s, struct drvmem_arena *a, const char ***ret)
{
	uint32_t i, nr = s->nr_instances;
	struct name_ref *refs = calloc(nr ? nr : 1, sizeof(*refs));
	const char **names = calloc(nr ? nr : 1, sizeof(*names));
	int err = -ENOMEM;

	if (refs && names) {
		for (i = 0; i < nr; i++)
			refs[i] = (struct name_ref){ plain_name(&s->instances[i]), i };
		qsort(refs, nr, sizeof(*refs), cmp_name);
		err = set_names(s, refs, nr, a, names);
	}
	free(refs);
	if (err)
		free(names);
	else
		*ret = names;
	return err;
}

const char *drvmem_owner_type_name(enum drvmem_owner_type type)
{
	switch (type) {
	case DRVMEM_OWNER_KERNEL:
		return "kernel";
	case DRVMEM_OWNER_MODULE:
		return "module";
	case DRVMEM_OWNER_SELF:
		return "drvmem";
	case DRVMEM_OWNER_UNKNOWN:
		break;
	}
	return "unknown";
}

const char *drvmem_owner_policy_name(uint16_t policy)
{
	static const char *const names[] = {
		[DRVMEM_OWNER_DRIVER] = "driver",
		[DRVMEM_OWNER_DIRECT] = "direct",
		[DRVMEM_OWNER_INNERMOST] = "innermost",
		[DRVMEM_OWNER_OUTERMOST] = "outermost",
	};

	return policy < sizeof(names) / sizeof(names[0]) ? names[policy] : "?";
}

const char *drvmem_allocator_name(uint16_t allocator)
{
	static const char *const names[DRVMEM_NR_USES] = {
		[DRVMEM_ALLOC_SLAB] = "slab",
		[DRVMEM_ALLOC_PAGE] = "page",
		[DRVMEM_ALLOC_VMALLOC] = "vmalloc",
		[DRVMEM_ALLOC_PERCPU] = "percpu",
		[DRVMEM_ALLOC_DMA] = "dma",
		[DRVMEM_MAP_DMA] = "dma_map",
		[DRVMEM_MAP_VMAP] = "vmap",
		[DRVMEM_MAP_IOREMAP] = "ioremap",
	};

	return allocator < DRVMEM_NR_USES ? names[allocator] : "?";
}
