// SPDX-License-Identifier: GPL-2.0-or-later
#ifndef _GNU_SOURCE
#define _GNU_SOURCE	/* vasprintf */
#endif
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "model/arena.h"

#define CHUNK_BYTES	(64u * 1024)
#define FIRST_SLOTS	256u

struct chunk {
	struct chunk *next;
	char text[];
};

struct drvmem_arena {
	struct chunk *chunks;	/* the first one is the one being filled */
	size_t used, room;	/* bytes of the first chunk */
	const char **slot;	/* open addressing, NULL = free, at most half full */
	size_t nr_slots, nr_used;
};

struct drvmem_arena *drvmem_arena__new(void)
{
	struct drvmem_arena *a = calloc(1, sizeof(*a));

	if (!a)
		return NULL;
	a->slot = calloc(FIRST_SLOTS, sizeof(*a->slot));
	if (!a->slot) {
		free(a);
		return NULL;
	}
	a->nr_slots = FIRST_SLOTS;
	return a;
}

void drvmem_arena__free(struct drvmem_arena *a)
{
	struct chunk *c, *next;

	if (!a)
		return;
	for (c = a->chunks; c; c = next) {
		next = c->next;
		free(c);
	}
	free(a->slot);
	free(a);
}

/* FNV-1a; well mixed in the low bits for short names. */
static uint64_t hash_text(const char *text)
{
	uint64_t h = 0xcbf29ce484222325ULL;

	for (; *text; text++)
		h = (h ^ (unsigned char)*text) * 0x100000001b3ULL;
	return h ^ (h >> 32);
}

/* The slot that holds text, or the free one where it belongs. */
static const char **find_slot(const char **slot, size_t nr_slots, const char *text)
{
	size_t i = hash_text(text) & (nr_slots - 1);

	while (slot[i] && strcmp(slot[i], text))
		i = (i + 1) & (nr_slots - 1);
	return &slot[i];
}

static bool grow_slots(struct drvmem_arena *a)
{
	size_t nr = a->nr_slots * 2, i;
	const char **slot = calloc(nr, sizeof(*slot));

	if (!slot)
		return false;
	for (i = 0; i < a->nr_slots; i++)
		if (a->slot[i])
			*find_slot(slot, nr, a->slot[i]) = a->slot[i];
	free(a->slot);
	a->slot = slot;
	a->nr_slots = nr;
	return true;
}

/* Room for len bytes; long texts get a chunk of their own size. */
static char *take_room(struct drvmem_arena *a, size_t len)
{
	struct chunk *c;
	size_t room;
	char *p;

	if (!a->chunks || a->room - a->used < len) {
		room = len > CHUNK_BYTES ? len : CHUNK_BYTES;
		c = malloc(sizeof(*c) + room);
		if (!c)
			return NULL;
		c->next = a->chunks;
		a->chunks = c;
		a->used = 0;
		a->room = room;
	}
	p = a->chunks->text + a->used;
	a->used += len;
	return p;
}

const char *drvmem_arena__str(struct drvmem_arena *a, const char *text)
{
	const char **slot;
	size_t len;
	char *copy;

	if (!text)
		return NULL;
	if (a->nr_used * 2 >= a->nr_slots && !grow_slots(a))
		return NULL;
	slot = find_slot(a->slot, a->nr_slots, text);
	if (*slot)
		return *slot;
	len = strlen(text) + 1;
	copy = take_room(a, len);
	if (!copy)
		return NULL;
	memcpy(copy, text, len);
	*slot = copy;
	a->nr_used++;
	return copy;
}

const char *drvmem_arena__printf(struct drvmem_arena *a, const char *fmt, ...)
{
	const char *ret;
	char *text;
	va_list ap;
	int len;

	va_start(ap, fmt);
	len = vasprintf(&text, fmt, ap);
	va_end(ap);
	if (len < 0)
		return NULL;
	ret = drvmem_arena__str(a, text);
	free(text);
	return ret;
}
