// SPDX-License-Identifier: GPL-2.0-or-later
#include "base/table.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct drvmem_table_slot {
	uint64_t key, value;
};

#define MIN_CAP 16u

/* Finaliser of MurmurHash3 (Appleby, public domain): addresses and ids differ in few low bits. */
static uint64_t mix(uint64_t k)
{
	k ^= k >> 33;
	k *= 0xff51afd7ed558ccdull;
	k ^= k >> 33;
	k *= 0xc4ceb9fe1a85ec53ull;
	k ^= k >> 33;
	return k;
}

void drvmem_table__deinit(struct drvmem_table *t)
{
	free(t->slot);
	memset(t, 0, sizeof(*t));
}

size_t drvmem_table__count(const struct drvmem_table *t)
{
	return t->nr + t->has_zero;
}

/* Slot of key, or the free slot where it belongs. Needs cap > nr. */
static struct drvmem_table_slot *find_slot(const struct drvmem_table *t, uint64_t key)
{
	size_t mask = t->cap - 1;
	size_t i = (size_t)mix(key) & mask;

	while (t->slot[i].key && t->slot[i].key != key)
		i = (i + 1) & mask;
	return &t->slot[i];
}

/* Keeps at least a quarter free, so that probes stay short and always end. */
static int grow(struct drvmem_table *t)
{
	struct drvmem_table bigger = *t;

	if (t->cap && t->nr + 1 <= t->cap / 4 * 3)
		return 0;
	bigger.cap = t->cap ? t->cap * 2 : MIN_CAP;
	if (bigger.cap < t->cap)
		return -ENOMEM;
	bigger.slot = calloc(bigger.cap, sizeof(*bigger.slot));
	if (!bigger.slot)
		return -ENOMEM;
	for (size_t i = 0; i < t->cap; i++) {
		if (t->slot[i].key)
			*find_slot(&bigger, t->slot[i].key) = t->slot[i];
	}
	free(t->slot);
	*t = bigger;
	return 0;
}

uint64_t *drvmem_table__ref(struct drvmem_table *t, uint64_t key)
{
	struct drvmem_table_slot *s;

	if (!key) {
		if (!t->has_zero)
			t->zero_value = 0;
		t->has_zero = true;
		return &t->zero_value;
	}
	if (grow(t))
		return NULL;
	s = find_slot(t, key);
	if (!s->key) {
		s->key = key;
		s->value = 0;
		t->nr++;
	}
	return &s->value;
}

int drvmem_table__put(struct drvmem_table *t, uint64_t key, uint64_t value)
{
	uint64_t *v = drvmem_table__ref(t, key);

	if (!v)
		return -ENOMEM;
	*v = value;
	return 0;
}

bool drvmem_table__get(const struct drvmem_table *t, uint64_t key, uint64_t *ret_value)
{
	const uint64_t *v = NULL;

	if (!key) {
		if (t->has_zero)
			v = &t->zero_value;
	} else if (t->cap) {
		const struct drvmem_table_slot *s = find_slot(t, key);

		if (s->key)
			v = &s->value;
	}
	if (!v)
		return false;
	if (ret_value)
		*ret_value = *v;
	return true;
}

/* Moves later members of the probe run into the hole, so that every key stays reachable. */
static void close_hole(struct drvmem_table *t, size_t hole)
{
	size_t mask = t->cap - 1;
	size_t i = hole;

	for (;;) {
		size_t home;

		i = (i + 1) & mask;
		if (!t->slot[i].key)
			break;
		home = (size_t)mix(t->slot[i].key) & mask;
		/* may move when its home is not cyclically within (hole, i] */
		if (((i - home) & mask) < ((i - hole) & mask))
			continue;
		t->slot[hole] = t->slot[i];
		hole = i;
	}
	t->slot[hole].key = 0;
}

bool drvmem_table__del(struct drvmem_table *t, uint64_t key)
{
	struct drvmem_table_slot *s;

	if (!key) {
		bool had = t->has_zero;

		t->has_zero = false;
		return had;
	}
	if (!t->cap)
		return false;
	s = find_slot(t, key);
	if (!s->key)
		return false;
	close_hole(t, (size_t)(s - t->slot));
	t->nr--;
	return true;
}

bool drvmem_table__next(const struct drvmem_table *t, size_t *it, uint64_t *ret_key,
			uint64_t *ret_value)
{
	for (; *it < t->cap; (*it)++) {
		const struct drvmem_table_slot *s = &t->slot[*it];

		if (!s->key)
			continue;
		*ret_key = s->key;
		*ret_value = s->value;
		(*it)++;
		return true;
	}
	if (*it == t->cap && t->has_zero) {
		*ret_key = 0;
		*ret_value = t->zero_value;
		(*it)++;
		return true;
	}
	return false;
}
