/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the files of view/profile share: a profile being built, and its frames and images, each of
 * which is kept once. Internal.
 */
#ifndef DRVMEM_VIEW_PROFILE_PARTS_H
#define DRVMEM_VIEW_PROFILE_PARTS_H

#include "base/table.h"
#include "base/vec.h"
#include "view/profile.h"

struct drvmem_profile_build {
	const struct drvmem_scope *v;
	enum drvmem_callers callers;
	struct drvmem_profile *p;
	struct drvmem_table by_text;	/* text of the arena -> index of its last frame + 1 */
	struct drvmem_table by_name;	/* name of a function, so too */
	DRVMEM_VEC(struct drvmem_profile_frame) frames;
	DRVMEM_VEC(struct drvmem_profile_key {
		uint64_t ip;
		uint32_t older;		/* frame with the same text + 1, 0 = none */
	}) keys;			/* in the order of frames */
	DRVMEM_VEC(struct drvmem_profile_function) functions;
	DRVMEM_VEC(uint32_t) older;	/* function of the same name + 1, 0 = none; in their order */
	DRVMEM_VEC(struct drvmem_profile_image) images;
	DRVMEM_VEC(uint32_t) of_image;	/* instance + 1, 0 = none, in the order of images */
	DRVMEM_VEC(uint32_t) path;
	DRVMEM_VEC(struct drvmem_profile_sample) samples;
	int64_t *parts;			/* scratch, [DRVMEM_NR_PROFILE_VALUES][nr_stacks] */
	uint64_t *weights;		/* scratch, [nr_stacks] */
};

/* The kernel, image 0. 0 or -ENOMEM. */
DRVMEM_MUST_CHECK int drvmem_profile_build__kernel(struct drvmem_profile_build *b);
/* Index of the frame that a text such as "func+0x1f [mod]" and a return address (0 = unknown) mean. */
DRVMEM_MUST_CHECK int drvmem_profile_build__frame(struct drvmem_profile_build *b, const char *text,
						  uint64_t ip, uint32_t *ret);
/* What must be said of the profile. 0 or -ENOMEM. */
DRVMEM_MUST_CHECK int drvmem_profile__comment(struct drvmem_profile *p, const struct drvmem_scope *v,
					      enum drvmem_callers callers);

#endif /* DRVMEM_VIEW_PROFILE_PARTS_H */
