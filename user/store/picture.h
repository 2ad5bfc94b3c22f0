/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A snapshot as the streams of a session and the rows that its things have in tables, and back. A snapshot
 * that was shown again is equal to the one taken, but for what a session does not keep: see __show().
 */
#ifndef DRVMEM_STORE_PICTURE_H
#define DRVMEM_STORE_PICTURE_H

#include "model/arena.h"
#include "store/stream.h"
#include "store/tables.h"

struct drvmem_picture {
	struct drvmem_stream s[DRVMEM_NR_STREAMS];
};

void drvmem_picture__init(struct drvmem_picture *p);
void drvmem_picture__deinit(struct drvmem_picture *p);
void drvmem_picture__reset(struct drvmem_picture *p);

/*
 * Called for each thing of a snapshot: keeps its fixed fields, in a row of its own where they are new. *id is
 * the row; of instances, caches and sites it is given, of the others it is to be set. 0 or -errno.
 */
typedef int (*drvmem_fixed_fn)(void *arg, enum drvmem_thing t, const void *thing, uint64_t *id);

/* Of a snapshot into p, which was reset. hide: no addresses. 0, what fn gave, or -ENOMEM. */
DRVMEM_MUST_CHECK int drvmem_picture__take(struct drvmem_picture *p, const struct drvmem_snapshot *s, bool hide,
					   drvmem_fixed_fn fn, void *arg);
/* Pools beside a snapshot, into p. 0, what fn gave, or -ENOMEM. */
DRVMEM_MUST_CHECK int drvmem_picture__pools(struct drvmem_picture *p, const struct drvmem_pools *pools, drvmem_fixed_fn fn,
					    void *arg);
/* The objects alone, as a stream of keys and drvmem_object_fields: with hide the keys are numbers. 0 or -ENOMEM. */
DRVMEM_MUST_CHECK int drvmem_picture__objects(const struct drvmem_snapshot *s, bool hide, struct drvmem_stream *ret);

/* All streams, as the difference from prev; NULL = whole. */
void drvmem_picture__encode(const struct drvmem_picture *prev, const struct drvmem_picture *cur, struct drvmem_pack *to);
/* 0, -ENOMEM, or -EBADMSG: damaged. */
DRVMEM_MUST_CHECK int drvmem_picture__decode(struct drvmem_picture *p, const struct drvmem_pack *from);

/* Rows of tables, by id. */
struct drvmem_fixed {
	struct {
		uint64_t *id;		/* ascending */
		char *row;		/* [nr] structs of the thing, their strings in arena */
		uint32_t nr, cap;
	} t[DRVMEM_NR_THINGS];
	struct drvmem_arena *arena;
};

void drvmem_fixed__deinit(struct drvmem_fixed *f);
/* Room for a row, zeroed; ids must come in ascending order. NULL on ENOMEM. */
void *drvmem_fixed__add(struct drvmem_fixed *f, enum drvmem_thing t, uint64_t id);
const void *drvmem_fixed__find(const struct drvmem_fixed *f, enum drvmem_thing t, uint64_t id);

/*
 * The snapshot of a moment; objects may be NULL. Without: baseline, usage, the symbols that BPF had no place for.
 * 0, -ENOMEM, or -EBADMSG: the streams name rows that are not there, or places outside of their tables.
 */
DRVMEM_MUST_CHECK int drvmem_picture__show(const struct drvmem_picture *p, const struct drvmem_stream *objects,
					   const struct drvmem_fixed *f, const struct drvmem_meta *meta,
					   const struct drvmem_moment *m, struct drvmem_snapshot **ret);

/* The pools of a moment; *ret is empty where none were kept. 0, -ENOMEM, -EBADMSG. */
DRVMEM_MUST_CHECK int drvmem_picture__show_pools(const struct drvmem_picture *p, const struct drvmem_fixed *f,
						 struct drvmem_pools **ret);

#endif /* DRVMEM_STORE_PICTURE_H */
