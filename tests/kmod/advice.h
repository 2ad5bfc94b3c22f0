/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the parts of drvmem_advice share: a rule, of which one variant at a time holds memory, and
 * what the control file (advice.c) was asked for. advice_objects.c and advice_places.c have the rules
 * that hold so many objects, advice_timed.c those that do something over and over, and pools.
 */
#ifndef DRVMEM_ADVICE_H
#define DRVMEM_ADVICE_H

#include <linux/compiler.h>
#include <linux/types.h>

#define MAX_ARGS	8

/*
 * A call site that is found by its function's name: neither inlined nor renamed, as the compiler
 * does with a copy for one caller.
 */
#define SITE		static noinline __noclone

/* Of caches. */
#define NAME(what)	KBUILD_MODNAME "_" what

struct device;
struct timed;

struct request {
	bool after;
	unsigned long count;
	unsigned int nr_args;
	unsigned long args[MAX_ARGS];
};

/* How a variant allocates. The i-th object's size is a function of i alone. */
struct way {
	unsigned int per_count;			/* objects for one of N; 0 means one */
	int (*prepare)(const struct request *req);
	void (*finish)(void);			/* undoes prepare; all objects are freed */
	void *(*alloc)(size_t i);
	void (*free)(void *ptr, size_t i);
	size_t (*size)(size_t i);
	bool (*keep)(size_t i);			/* free the others again when all are there */
};

struct rule {
	const char *name;
	/* on error it holds what it did before: nothing, unless may_grow */
	int (*run)(struct rule *rule, const struct request *req);
	void (*stop)(struct rule *rule);
	/* how many arguments may follow the count: before, after */
	unsigned int max_args[2];
	bool in_writer;			/* runs in who writes the command, not in a work item */
	bool may_grow;			/* another run adds to what is held */

	const struct way *ways;		/* advice_objects.c: before, after */
	void **held;
	size_t max;			/* entries of held */
	struct timed *timed;		/* advice_timed.c */

	bool live, after;
	size_t nr_held;			/* entries of held in use, of which some may be NULL */
	/* loops, failed and running also change in a work item while commands are taken */
	unsigned long objects, bytes, loops, failed;
	bool running;
};

/* The pointers are in .bss, not allocated: the driver owns what it is told to, no more. */
#define OBJECTS(rule)	\
	.name = #rule, .ways = rule##_ways, .held = rule##_held, .max = ARRAY_SIZE(rule##_held), \
	.stop = release_objects

/* For the tables of rules that hold objects: all of them or none; advice_objects.c. */
int run_objects(struct rule *rule, const struct request *req);
void release_objects(struct rule *rule);
void free_kmalloc(void *ptr, size_t i);

extern struct rule object_rules[], place_rules[], timed_rules[];
extern const unsigned int nr_object_rules, nr_place_rules, nr_timed_rules;

/* The module's device, which can do DMA to all memory. */
extern struct device *advice_dev;

/* In module init: so many MiB in one vmalloc, so many in kmallocs of 1 MiB. */
int preinit_run(unsigned long vmalloc_mb, unsigned long kmalloc_mb);

int timed_init(void);
/* Ends what runs; returns when the rule's time is over. */
void timed_wait(struct rule *rule);
void timed_exit(void);

#endif
