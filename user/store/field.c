// SPDX-License-Identifier: GPL-2.0-or-later
#include "store/field.h"

#include <string.h>

#include "model/avail.h"

static size_t size_of(uint8_t type)
{
	switch (type) {
	case DRVMEM_FIELD_U32:
	case DRVMEM_FIELD_I32:
		return 4;
	case DRVMEM_FIELD_U16:
		return 2;
	case DRVMEM_FIELD_U8:
	case DRVMEM_FIELD_BOOL:
		return 1;
	case DRVMEM_FIELD_MAYBE:
		return sizeof(struct drvmem_u64);
	default:
		return 8;
	}
}

uint32_t drvmem_fields__width(const struct drvmem_field *f)
{
	uint32_t n = 0;

	for (; f->name; f++)
		n += f->n * (f->type == DRVMEM_FIELD_MAYBE ? 2u : 1u);
	return n;
}

static uint64_t read_as(uint8_t type, const char *p)
{
	uint64_t v;

	switch (type) {
	case DRVMEM_FIELD_U32:
		return *(const uint32_t *)p;
	case DRVMEM_FIELD_I32:
		return (uint64_t)(int64_t)*(const int32_t *)p;
	case DRVMEM_FIELD_U16:
		return *(const uint16_t *)p;
	case DRVMEM_FIELD_U8:
		return *(const uint8_t *)p;
	case DRVMEM_FIELD_BOOL:
		return *(const bool *)p;
	default:	/* doubles by their bits */
		memcpy(&v, p, sizeof(v));
		return v;
	}
}

static uint64_t *gather_one(uint8_t type, const char *p, uint64_t *w)
{
	const struct drvmem_u64 *maybe = (const void *)p;

	if (type == DRVMEM_FIELD_MAYBE) {
		*w++ = maybe->st;
		*w++ = maybe->st == DRVMEM_OK ? maybe->v : 0;
		return w;
	}
	*w++ = read_as(type, p);
	return w;
}

void drvmem_fields__gather(const struct drvmem_field *f, const void *obj, bool hide, uint64_t *w)
{
	const char *base = obj;
	uint16_t i;

	for (; f->name; f++)
		for (i = 0; i < f->n; i++) {
			w = gather_one(f->type, base + f->offset + i * size_of(f->type), w);
			if (hide && f->hide & DRVMEM_HIDE_ADDRESS)
				w[-1] = 0;
		}
}

static void write_as(uint8_t type, uint64_t v, char *p)
{
	switch (type) {
	case DRVMEM_FIELD_U32:
	case DRVMEM_FIELD_I32:
		*(uint32_t *)p = (uint32_t)v;
		break;
	case DRVMEM_FIELD_U16:
		*(uint16_t *)p = (uint16_t)v;
		break;
	case DRVMEM_FIELD_U8:
		*(uint8_t *)p = (uint8_t)v;
		break;
	case DRVMEM_FIELD_BOOL:
		*(bool *)p = v != 0;
		break;
	default:
		memcpy(p, &v, sizeof(v));
	}
}

static const uint64_t *scatter_one(uint8_t type, const uint64_t *w, char *p)
{
	struct drvmem_u64 *maybe = (void *)p;

	if (type != DRVMEM_FIELD_MAYBE) {
		write_as(type, *w, p);
		return w + 1;
	}
	maybe->st = w[0] <= DRVMEM_LOST ? (enum drvmem_avail)w[0] : DRVMEM_ABSENT;
	maybe->v = w[1];
	return w + 2;
}

void drvmem_fields__scatter(const struct drvmem_field *f, const uint64_t *w, void *obj)
{
	char *base = obj;
	uint16_t i;

	for (; f->name; f++)
		for (i = 0; i < f->n; i++)
			w = scatter_one(f->type, w, base + f->offset + i * size_of(f->type));
}
