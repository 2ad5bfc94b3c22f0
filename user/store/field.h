/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which members of the model's structs a session keeps, as tables: what never changes of a thing goes into a
 * row of SQL, what changes from one moment to the next into words of a stream. One table serves writing,
 * reading and the columns of the schema.
 */
#ifndef DRVMEM_STORE_FIELD_H
#define DRVMEM_STORE_FIELD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum drvmem_field_type {
	DRVMEM_FIELD_U64 = 1, DRVMEM_FIELD_I64, DRVMEM_FIELD_U32, DRVMEM_FIELD_U16, DRVMEM_FIELD_U8, DRVMEM_FIELD_BOOL,
	DRVMEM_FIELD_I32,
	DRVMEM_FIELD_F64,
	DRVMEM_FIELD_MAYBE,	/* struct drvmem_u64 */
	/* of SQL only */
	DRVMEM_FIELD_STR,	/* const char *, may be NULL */
	DRVMEM_FIELD_TEXT,	/* char[n] */
	DRVMEM_FIELD_ADDRS,	/* uint64_t[n] of addresses, 0 from the first unused on: a blob of 8 bytes each */
	DRVMEM_FIELD_LINES,	/* const char *[n], NULL from the first unused on: lines */
};

struct drvmem_field {
	const char *name;	/* the column; NULL ends the table */
	size_t offset;
	uint16_t n;		/* elements of an array */
	uint8_t type;
	uint8_t hide;		/* DRVMEM_HIDE_*: not written to a session without addresses and host */
};

#define DRVMEM_HIDE_ADDRESS	1u
#define DRVMEM_HIDE_HOST	2u

#define DRVMEM_FIELD(s, m, t)		{ #m, offsetof(struct s, m), 1, DRVMEM_FIELD_##t, 0 }
#define DRVMEM_FIELD_ADDRESS(s, m)	{ #m, offsetof(struct s, m), 1, DRVMEM_FIELD_U64, DRVMEM_HIDE_ADDRESS }
#define DRVMEM_FIELD_ARRAY(s, m, t)	\
	{ #m, offsetof(struct s, m), sizeof(((struct s *)0)->m) / sizeof(((struct s *)0)->m[0]), DRVMEM_FIELD_##t, 0 }

/* Words that the fields take in a stream. */
uint32_t drvmem_fields__width(const struct drvmem_field *f);
/* Of obj into w[width], and back; hide: addresses are 0. */
void drvmem_fields__gather(const struct drvmem_field *f, const void *obj, bool hide, uint64_t *w);
void drvmem_fields__scatter(const struct drvmem_field *f, const uint64_t *w, void *obj);

#endif /* DRVMEM_STORE_FIELD_H */
