/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Small growable array, typed by macro:
 *	DRVMEM_VEC(uint64_t) ids = {0};
 *	ret = drvmem_vec__push(&ids, 7);	0 or -ENOMEM, the vector unchanged
 *	ids.v[0], ids.n; drvmem_vec__deinit(&ids);
 * Elements are moved by realloc: keep indices, not pointers.
 */
#ifndef DRVMEM_BASE_VEC_H
#define DRVMEM_BASE_VEC_H

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>

#define DRVMEM_VEC(type)	\
	struct {		\
		type *v;	\
		size_t n;	\
		size_t cap;	\
	}

/* Room for need elements of elem bytes. Returns the (moved) array, or NULL with nothing changed. */
static inline void *drvmem_vec_grown(void *v, size_t *cap, size_t need, size_t elem)
{
	size_t want = *cap;
	void *p;

	if (need <= want && v)
		return v;
	want = want < 8 ? 8 : want + want / 2;
	if (want < need)
		want = need;
	if (want > SIZE_MAX / 2 / elem)
		return NULL;
	p = realloc(v, want * elem);
	if (p)
		*cap = want;
	return p;
}

#define drvmem_vec__reserve(vec, need)								\
	({											\
		__typeof__((vec)->v) vec_p_ = drvmem_vec_grown((vec)->v, &(vec)->cap, (need),	\
							       sizeof(*(vec)->v));		\
		if (vec_p_)									\
			(vec)->v = vec_p_;							\
		vec_p_ ? 0 : -ENOMEM;								\
	})

#define drvmem_vec__push(vec, ...)						\
	({									\
		int vec_ret_ = drvmem_vec__reserve((vec), (vec)->n + 1);	\
		if (!vec_ret_)							\
			(vec)->v[(vec)->n++] = (__VA_ARGS__);			\
		vec_ret_;							\
	})

#define drvmem_vec__deinit(vec)				\
	do {						\
		free((vec)->v);				\
		(vec)->v = NULL;			\
		(vec)->n = (vec)->cap = 0;		\
	} while (0)

#endif /* DRVMEM_BASE_VEC_H */
