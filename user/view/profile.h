/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a scope holds and took as a profile: samples of frames with four values each, which add
 * up to the report's TOTAL to the byte. Mappings are in no sum and in no sample.
 *
 * Figures are known for each site, and, with --stacks full, for each stack. Else stacks were only
 * looked at now and then: a site's figures are then shown below the callers that all its sampled
 * stacks have in common, and what is further out is not told; or, where that is asked for, divided
 * by how often each stack was sampled, and marked as estimated. Never divided in silence.
 *
 * Frames lie at offsets into the text of the kernel, or of a module; an address of the running
 * kernel is told only where it stands for a symbol that is not known. Owns everything but the scope's snapshot, which must outlive it.
 */
#ifndef DRVMEM_VIEW_PROFILE_H
#define DRVMEM_VIEW_PROFILE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "view/scope.h"

/* Order of Go's heap profiles. */
enum drvmem_profile_value { DRVMEM_PROFILE_ALLOC_OBJECTS = 0, DRVMEM_PROFILE_ALLOC_SPACE,
			    DRVMEM_PROFILE_INUSE_OBJECTS, DRVMEM_PROFILE_INUSE_SPACE,
			    DRVMEM_NR_PROFILE_VALUES };

enum drvmem_callers { DRVMEM_CALLERS_KNOWN = 0, DRVMEM_CALLERS_ESTIMATED };

extern const char *const drvmem_profile_value_names[];	/* "alloc_objects", ...; NULL-terminated */
extern const char *const drvmem_callers_names[];	/* "known", "estimated" */
bool drvmem_profile_value__is_bytes(enum drvmem_profile_value v);	/* else a count */

/* How much is known of the callers of a sample. */
enum drvmem_basis {
	DRVMEM_BASIS_EXACT = 0,	/* every allocation was walked: the figures are of this stack */
	DRVMEM_BASIS_SAMPLED,	/* all stacks that were sampled are this one */
	DRVMEM_BASIS_DIFFER,	/* they have these frames in common, and differ further out */
	DRVMEM_BASIS_ESTIMATED,	/* the stack's share of its site, by the number of samples */
	DRVMEM_BASIS_NONE,	/* no stack was sampled: the call site only */
};

const char *drvmem_basis__name(enum drvmem_basis b);	/* "exact", "sampled", ... */

#define DRVMEM_PROFILE_NONE	UINT32_MAX

/* The kernel (index 0), or a module from one load to its unload. */
struct drvmem_profile_image {
	const char *name;		/* "kernel", "e1000e" */
	const char *build_id;		/* hex, "" = unknown */
	uint64_t text_bytes;		/* length of the text; 0 = not known */
};

struct drvmem_profile_function {
	const char *name;		/* without offset; what is known where no symbol is */
	const char *module;		/* NULL = the kernel, or not known */
	uint32_t image;			/* or DRVMEM_PROFILE_NONE */
	const char *file;		/* of its source, where lines were looked up; NULL = not known */
};

/* A place in a function that calls the next frame. */
struct drvmem_profile_frame {
	uint32_t function;		/* index into functions[] */
	uint64_t offset;		/* of the return address in the image's text; 0 = not known */
	/* where it is in the sources, innermost inlined call first, the function itself last; of the scope. 0 = not known */
	const struct drvmem_place *place;
	uint32_t nr_places;
};

struct drvmem_profile_sample {
	uint32_t first, nr;		/* slice of path[]: frames, outermost first */
	uint32_t at;			/* its call site: index into the snapshot's sites[] */
	enum drvmem_basis basis;
	bool base;			/* of a difference: what is subtracted, values are below 0 */
	bool upper_bound;		/* some frees cannot be seen: in use is at most this */
	const char *owner;		/* as shown: "e1000e#7" where there are two of them */
	const char *owner_name;		/* "e1000e" */
	const char *site;
	const char *allocator;
	const char *cache, *device;	/* one of them, or neither is known */
	int64_t value[DRVMEM_NR_PROFILE_VALUES];	/* in use may be below 0: caught between two CPUs */
};

struct drvmem_profile {
	struct drvmem_profile_image *images;
	uint32_t nr_images;
	struct drvmem_profile_function *functions;
	uint32_t nr_functions;
	struct drvmem_profile_frame *frames;
	uint32_t nr_frames;
	uint32_t *path;			/* indices into frames[] */
	uint32_t nr_path;
	struct drvmem_profile_sample *samples;	/* by owner, then by their frames */
	uint32_t nr_samples;
	int64_t total[DRVMEM_NR_PROFILE_VALUES];
	uint64_t taken_unix;		/* s */
	uint64_t duration_ns, period_bytes;	/* 1: every object; else mean bytes between samples */
	const char *title;		/* of a difference that of b: "drvmem 0.1.0, Linux 6.12.0 x86_64, host h" */
	const char *exporter;		/* "drvmem 0.1.0" */
	const char **comments;		/* what a reader must know, sentences; the title first */
	uint32_t nr_comments;
	struct drvmem_arena *arena;
};

/* 0 or -ENOMEM. */
DRVMEM_MUST_CHECK int drvmem_profile__new(const struct drvmem_scope *v, enum drvmem_callers callers,
					  struct drvmem_profile **ret);
void drvmem_profile__free(struct drvmem_profile *p);
/*
 * The difference, b less a, of any two: samples of a with the sign turned, then those of b; both must outlive it.
 * An image of two builds is two. Of a module several loads are one owner. 0 or -ENOMEM.
 */
DRVMEM_MUST_CHECK int drvmem_profile__subtract(const struct drvmem_profile *a, const struct drvmem_profile *b,
					       struct drvmem_profile **ret);
/* Function of the i-th frame of a sample, outermost first. */
const struct drvmem_profile_function *drvmem_profile__function(const struct drvmem_profile *p,
							       const struct drvmem_profile_sample *k,
							       uint32_t i);
/*
 * The frame that says between owner and stack how much of it is known, for forms without labels:
 * "[callers differ]", "[callers estimated]", "[no stack]"; NULL where nothing need be said.
 */
const char *drvmem_profile__note(const struct drvmem_profile_sample *k);
/*
 * parts[0..n) in proportion to weight[], whole numbers whose sum is value; each is less than 1 from
 * its exact share. Some weight is above 0, and their sum fits 64 bits.
 */
void drvmem_apportion(int64_t value, const uint64_t *weight, uint32_t n, int64_t *parts);

#endif /* DRVMEM_VIEW_PROFILE_H */
