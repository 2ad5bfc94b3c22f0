// SPDX-License-Identifier: GPL-2.0-or-later
#include "model/places.h"

#include <errno.h>
#include <string.h>

#include "base/table.h"
#include "base/vec.h"
#include "model/arena.h"

struct drvmem_places {
	DRVMEM_VEC(struct drvmem_place) place;
	DRVMEM_VEC(struct drvmem_debug_use) use;
	struct drvmem_table by_ip;	/* first place << 8 | how many */
	struct drvmem_arena *arena;
};

struct drvmem_places *drvmem_places__new(void)
{
	struct drvmem_places *p = calloc(1, sizeof(*p));

	if (p)
		p->arena = drvmem_arena__new();
	if (!p || !p->arena) {
		free(p);
		return NULL;
	}
	return p;
}

void drvmem_places__free(struct drvmem_places *p)
{
	if (!p)
		return;
	drvmem_vec__deinit(&p->place);
	drvmem_vec__deinit(&p->use);
	drvmem_table__deinit(&p->by_ip);
	drvmem_arena__free(p->arena);
	free(p);
}

/* Copies text; false when there was one and no memory for it. */
static bool keep(struct drvmem_places *p, const char *text, const char **ret)
{
	*ret = text ? drvmem_arena__str(p->arena, text) : NULL;
	return !text || *ret;
}

int drvmem_places__add(struct drvmem_places *p, uint64_t ip, const struct drvmem_place *place, uint32_t n)
{
	size_t first = p->place.n;
	struct drvmem_place one;
	uint32_t i;

	if (!n || n > DRVMEM_PLACES_INLINES)
		return -EINVAL;
	for (i = 0; i < n; i++) {
		one.line = place[i].line;
		if (!keep(p, place[i].function, &one.function) || !keep(p, place[i].file, &one.file) ||
		    !keep(p, place[i].dir, &one.dir) || drvmem_vec__push(&p->place, one)) {
			p->place.n = first;
			return -ENOMEM;
		}
	}
	return drvmem_table__put(&p->by_ip, ip, (uint64_t)first << 8 | n);
}

const struct drvmem_place *drvmem_places__at(const struct drvmem_places *p, uint64_t ip, uint32_t *ret_n)
{
	uint64_t at;

	*ret_n = 0;
	if (!p || !drvmem_table__get(&p->by_ip, ip, &at))
		return NULL;
	*ret_n = at & 0xff;
	return &p->place.v[at >> 8];
}

static bool is_header(const char *file)
{
	size_t len = file ? strlen(file) : 0;

	return len < 2 || !strcmp(file + len - 2, ".h");
}

const struct drvmem_place *drvmem_places__best(const struct drvmem_place *place, uint32_t n)
{
	uint32_t i;

	for (i = 0; i < n; i++)
		if (!is_header(place[i].file))
			return &place[i];
	return n ? &place[n - 1] : NULL;
}

int drvmem_places__used(struct drvmem_places *p, const char *image, const char *build_id, const char *file,
			const char *why)
{
	struct drvmem_debug_use u;

	if (!keep(p, image, &u.image) || !keep(p, build_id, &u.build_id) || !keep(p, file, &u.file) || !keep(p, why, &u.why))
		return -ENOMEM;
	return drvmem_vec__push(&p->use, u);
}

const struct drvmem_debug_use *drvmem_places__uses(const struct drvmem_places *p, uint32_t *ret_n)
{
	*ret_n = p ? (uint32_t)p->use.n : 0;
	return p ? p->use.v : NULL;
}
