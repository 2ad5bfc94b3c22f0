// SPDX-License-Identifier: GPL-2.0-or-later
#include "session/session.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "base/clock.h"
#include "drvmem/config.h"
#include "drvmem.skel.h"
#include "session/bpflog.h"
#include "session/asked.h"
#include "session/cost.h"
#include "session/hashed.h"
#include "session/homes.h"
#include "session/hooks.h"
#include "session/modbtf.h"
#include "session/only.h"
#include "session/orc.h"
#include "session/sampling.h"
#include "session/size.h"
#include "session/use.h"
#include "session/window.h"

#define EXACT_LEFT_NS 1000000000ull	/* events that began in the epoch before are over then */
#define MISSED_MAX 16			/* frees of a session, before they are looked at again */
#define EXACT_LEFT_POLLS 50		/* the whole table is looked at this rarely */

struct mapping {
	void *addr;
	size_t len;
};

enum map_id { M_TABLE, M_SPILL, M_SITES, M_SITE_CPU, M_CLASSES, M_RANGES, M_PAGES,
	      M_STACKS, M_STATS, M_ORC, M_GENS, M_USES, NR_MAPS };

static const char *const map_names[NR_MAPS] = {
	"dm_table", "dm_spill", "dm_sites", "dm_site_cpu", "dm_classes", "dm_ranges",
	"dm_pages", "dm_stacks", "dm_stats", "dm_orc", "dm_gens", "dm_uses",
};

struct drvmem_session {
	struct drvmem_session_opts opts;
	struct drvmem_session_info info;
	struct drvmem_probe probe;
	struct drvmem_hooks hooks;
	struct drvmem_size size;
	struct drvmem_only only;
	struct drvmem_window window;
	struct drvmem_bpf *skel;
	struct mapping map[NR_MAPS];
	struct drvmem_cost cost;
	struct drvmem_homes homes;
	uint32_t polls;
	int run_self, run_seed, run_peek;	/* fds of the programs that are run, not attached; -1 */
};

struct drvmem_session *drvmem_session__new(const struct drvmem_session_opts *o, struct drvmem_err *err)
{
	struct drvmem_session *s = calloc(1, sizeof(*s));

	if (!s) {
		drvmem_err__set(err, -ENOMEM, DRVMEM_EXIT_INTERNAL, "out of memory");
		return NULL;
	}
	s->opts = *o;
	s->opts.may_sample |= o->sample_bytes != 0;
	s->info.opts = s->opts;
	drvmem_only__make(o->owners, &s->only);
	s->info.only = s->only.bits != 0;
	s->run_self = s->run_seed = s->run_peek = -1;
	s->info.walk_why = "";
	drvmem_cost__init(&s->cost);
	return s;
}

static void unmap_all(struct drvmem_session *s)
{
	int i;

	for (i = 0; i < NR_MAPS; i++) {
		if (s->map[i].addr)
			munmap(s->map[i].addr, s->map[i].len);
		s->map[i].addr = NULL;
	}
}

void drvmem_session__free(struct drvmem_session *s)
{
	if (!s)
		return;
	drvmem_session__activate(s, false);
	drvmem_cost__poll(&s->cost, NULL, 0, true, NULL);
	drvmem_hooks__detach(&s->hooks);
	unmap_all(s);
	drvmem_bpf__destroy(s->skel);
	free(s);
}

static int set_entries(struct drvmem_session *s, const char *name, uint64_t n, struct drvmem_err *err)
{
	struct bpf_map *m = bpf_object__find_map_by_name(s->skel->obj, name);
	int r;

	if (!m || n > UINT32_MAX)
		return drvmem_err__set(err, -EINVAL, DRVMEM_EXIT_INTERNAL, "no map '%s'", name);
	r = bpf_map__set_max_entries(m, (uint32_t)n);
	if (r)
		drvmem_err__set(err, r, DRVMEM_EXIT_INTERNAL, "cannot size map '%s' (%s)", name,
				drvmem_errno_name(r));
	return r;
}

static bool own_walk(const struct drvmem_session *s)
{
	return s->opts.walk != DRVMEM_WALK_KERNEL &&
	       s->probe.f[DRVMEM_FEAT_ORC].st == DRVMEM_FEAT_YES;
}

static int size_maps(struct drvmem_session *s, struct drvmem_err *err)
{
	const struct drvmem_size *z = &s->size;
	const struct { const char *name; uint64_t n; } want[] = {
		{ "dm_table", z->nr_buckets }, { "dm_spill", z->nr_spill },
		{ "dm_sites", z->nr_sites },
		{ "dm_site_cpu", (uint64_t)z->nr_sites * z->nr_site_rows },
		{ "dm_stacks", z->nr_stacks }, { "dm_stats", z->nr_cpus },
		{ "dm_scratch", (uint64_t)z->nr_cpus * DRVMEM_SCRATCH_SLOTS },
		{ "dm_pages", s->window.pages / DRVMEM_PAGES_CHUNK },
		{ "dm_table_hash", z->nr_hash }, { "dm_claims", z->nr_claims },
		{ "dm_mempools", z->nr_mempools }, { "dm_gens", z->nr_gens },
		{ "dm_uses", z->nr_uses }, { "dm_use_lasts", z->nr_uses > 1 ? z->nr_cpus : 1 },
		{ "dm_sizes", z->nr_sizes }, { "dm_pairs", z->nr_pairs }, { "dm_remaps", z->nr_remaps },
	};
	size_t i;
	int r;

	for (i = 0; i < sizeof(want) / sizeof(want[0]); i++) {
		r = set_entries(s, want[i].name, want[i].n, err);
		if (r)
			return r;
	}
	return 0;
}

static void set_config(struct drvmem_session *s)
{
	/* read-only for the programs, writable here until load: libbpf declares it const */
	struct drvmem_config *c = (struct drvmem_config *)&s->skel->rodata->cfg;
	long page = sysconf(_SC_PAGESIZE);

	c->window_base = s->window.base;
	c->window_pages = s->window.pages;
	c->text_base = s->opts.ksyms.stext;
	c->text_bytes = s->opts.ksyms.etext - s->opts.ksyms.stext;
	c->page_shift = (uint32_t)__builtin_ctzl((unsigned long)page);
	c->nr_cpus = s->size.nr_cpus;
	c->site_mask = s->size.nr_sites - 1;
	c->nr_buckets = s->size.nr_buckets;
	c->nr_regions = s->size.nr_regions;
	c->nr_rules = own_walk(s) ? DRVMEM_RULES_SETS : 0;
	c->stack_mask = s->size.nr_stacks - 1;
	c->min_size_bytes = s->opts.min_size;
	c->max_size_bytes = s->opts.max_size ? s->opts.max_size : UINT64_MAX;
	c->policy = s->opts.owner_policy;
	c->kmalloc_max_cache_bytes = 2 * (uint32_t)page; /* mm/slab.h: KMALLOC_MAX_CACHE_SIZE */
	c->gfp_user = s->probe.gfp_movable | s->probe.gfp_hardwall | s->probe.gfp_fs;
	c->gfp_nomemalloc = s->probe.gfp_nomemalloc;
	c->dma = s->probe.f[DRVMEM_FEAT_DMA].st == DRVMEM_FEAT_YES ||
		 s->probe.f[DRVMEM_FEAT_DMA_HOOKS].st == DRVMEM_FEAT_YES;
	c->gfp_comp = s->probe.gfp_comp;
	c->gfp_reclaim = s->probe.gfp_reclaim;
	c->gfp_account = s->probe.gfp_account;
	c->use = s->opts.use;
	c->sample_stacks = s->opts.stacks == DRVMEM_STACKS_SAMPLED;
	c->full_stacks = s->opts.stacks == DRVMEM_STACKS_FULL;
	c->sampling = s->opts.may_sample;
	c->marks = s->opts.marks;
	c->only = s->only.bits;
	c->preempt_off = s->probe.preempt_off;
	c->sized = s->opts.min_size || s->opts.max_size;
	c->bulk_bool = s->probe.bulk_bool;
	c->pages_bulk_args = s->probe.pages_bulk_args;
	c->use_rdonly_cast = s->probe.f[DRVMEM_FEAT_RDONLY_CAST].st == DRVMEM_FEAT_YES;
}

/* Before 5.11 maps count against RLIMIT_MEMLOCK, and libbpf raises it where it may. */
static bool memlock_refuses(int r, const char *said)
{
	struct rlimit limit;

	return r == -EPERM && strstr(said, "failed to create") && !getrlimit(RLIMIT_MEMLOCK, &limit) &&
	       limit.rlim_cur != RLIM_INFINITY;
}

static int load(struct drvmem_session *s, struct drvmem_err *err)
{
	char tail[200];
	int r;

	drvmem_bpflog__start(s->opts.verbose);
	s->skel = drvmem_bpf__open();
	if (!s->skel)
		return drvmem_err__set(err, -errno, DRVMEM_EXIT_INTERNAL, "cannot open the BPF object");
	r = size_maps(s, err);
	if (r)
		return r;
	set_config(s);
	drvmem_hooks__choose(&s->hooks, s->skel->obj);
	drvmem_modbtf__forgo(s->skel->obj);
	r = drvmem_bpf__load(s->skel);
	if (!r)
		return 0;
	/* no fault of the programs: their log tells nothing */
	if (r == -EMFILE || r == -ENFILE)
		return drvmem_err__set(err, r, DRVMEM_EXIT_CANNOT_RUN, "cannot load the BPF programs (%s)",
				       drvmem_errno_name(r));
	drvmem_err__set(err, r, DRVMEM_EXIT_CANNOT_RUN, "cannot load the BPF programs (%s): %s",
			drvmem_errno_name(r), drvmem_bpflog__tail(tail, sizeof(tail)));
	if (memlock_refuses(r, tail))
		drvmem_err__remedy(err, "raise the limit of locked memory, against which BPF maps count before Linux 5.11: "
				   "LimitMEMLOCK=infinity of a unit, 'ulimit -l unlimited' of a shell");
	else if (r == -ENOMEM || r == -E2BIG)
		drvmem_err__remedy(err, "lower --track-max or --max-sites, or raise the memory limit");
	else if (r == -ESRCH)	/* libbpf, of BTF that the probes could read just before */
		drvmem_err__remedy(err, "let it have more memory: ulimit -v, MemoryMax= of a unit, the limit of a container");
	else
		drvmem_err__remedy(err, "run 'drvmem doctor', or again with --verbose");
	return r;
}

static int map_one(struct drvmem_session *s, int i, struct drvmem_err *err)
{
	struct bpf_map *m = bpf_object__find_map_by_name(s->skel->obj, map_names[i]);
	bool write = i == M_SPILL || i == M_RANGES || i == M_PAGES || i == M_ORC || i == M_GENS ||
		     i == M_USES;
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	void *p;

	if (!m)
		return drvmem_err__set(err, -ENOENT, DRVMEM_EXIT_INTERNAL, "no map '%s'", map_names[i]);
	s->map[i].len = ((size_t)bpf_map__value_size(m) * bpf_map__max_entries(m) + page - 1) /
			page * page;
	p = mmap(NULL, s->map[i].len, PROT_READ | (write ? PROT_WRITE : 0), MAP_SHARED,
		 bpf_map__fd(m), 0);
	if (p == MAP_FAILED)
		return drvmem_err__set(err, -errno, DRVMEM_EXIT_INTERNAL, "cannot map '%s' (%s)",
				       map_names[i], drvmem_errno_name(errno));
	s->map[i].addr = p;
	return 0;
}

/* Runs one of our programs in this task with two arguments, as if its event had fired. */
static int run_prog(int fd, uint64_t a0, uint64_t a1)
{
	uint64_t args[2] = { a0, a1 };
	LIBBPF_OPTS(bpf_test_run_opts, o, .ctx_in = args, .ctx_size_in = sizeof(args));
	int r = bpf_prog_test_run_opts(fd, &o);

	return r < 0 ? -errno : 0;
}

static volatile struct drvmem_ctl *ctl_of(const struct drvmem_session *s)
{
	return s->skel && s->skel->bss ? &s->skel->bss->dm_ctl : NULL;
}

static int add_name(int map, const char *name, uint32_t flag)
{
	uint64_t h = drvmem_library_hash(name);
	uint32_t flags = 0;

	if (bpf_map_lookup_elem(map, &h, &flags))
		flags = 0;
	flags |= flag;
	return bpf_map_update_elem(map, &h, &flags, BPF_ANY);
}

/* The library list, and whose objects are wanted: as the programs know a module when it loads. */
static int names_to_map(struct drvmem_session *s, struct drvmem_err *err)
{
	int map = bpf_map__fd(bpf_object__find_map_by_name(s->skel->obj, "dm_names"));
	const char *const *names = drvmem_library_default();
	uint32_t i;
	int r = 0;

	for (i = 0; s->opts.library && i < s->opts.library->n && !r; i++)
		r = add_name(map, s->opts.library->v[i], DRVMEM_NAME_LIBRARY);
	for (i = 0; !s->opts.library && names[i] && !r; i++)
		r = add_name(map, names[i], DRVMEM_NAME_LIBRARY);
	for (i = 0; i < s->only.n && !r; i++)
		r = add_name(map, s->only.name[i], DRVMEM_NAME_WANTED);
	if (r)
		drvmem_err__set(err, -errno, DRVMEM_EXIT_INTERNAL, "cannot store the names of modules (%s)",
				drvmem_errno_name(errno));
	return r ? -errno : 0;
}

/* One pass over the kernel's list of modules; -EAGAIN when it changed under the walk. */
static int seed_pass(struct drvmem_session *s)
{
	volatile struct drvmem_ctl *ctl = ctl_of(s);
	uint64_t head = s->opts.ksyms.modules, node = head;
	int i, r;

	for (i = 0; i < (int)DRVMEM_MAX_MODULES; i++) {
		r = run_prog(s->run_seed, node, head);
		if (r)
			return r;
		if (!ctl->seed_next || ctl->seed_prev != node)
			return -EAGAIN;
		if (ctl->seed_next == head)
			return 0;
		node = ctl->seed_next;
	}
	return -EAGAIN;
}

static int seed_modules(struct drvmem_session *s, struct drvmem_err *err)
{
	int i, r = -EAGAIN;

	s->run_seed = drvmem_hooks__runner(&s->hooks, "dm_mod_seed");
	s->info.modules_supported = s->probe.f[DRVMEM_FEAT_MODULES].st == DRVMEM_FEAT_YES;
	if (s->run_seed < 0 || !s->opts.ksyms.modules)
		return 0;	/* said in the report: modules loaded before are not known */
	for (i = 0; i < 10 && r == -EAGAIN; i++)
		r = seed_pass(s);
	if (r)
		return drvmem_err__set(err, r, DRVMEM_EXIT_INTERNAL,
				       "cannot read the list of modules (%s)", drvmem_errno_name(r));
	s->info.modules_seeded = true;
	return 0;
}

static void reserved_owners(struct drvmem_session *s)
{
	volatile struct drvmem_ctl *ctl = ctl_of(s);

	ctl->next_module = DRVMEM_MOD_FIRST;
	if (s->hooks.plan.hash)
		return;
	s->homes = (struct drvmem_homes){ .ctl = ctl, .table = s->map[M_TABLE].addr,
					  .spill = s->map[M_SPILL].addr,
					  .nr_regions = s->size.nr_regions };
	drvmem_homes__start(&s->homes);
}

static int peek(void *arg, uint64_t addr, uint64_t *ret)
{
	struct drvmem_session *s = arg;
	int r = s->run_peek < 0 ? -ENOENT : run_prog(s->run_peek, addr, 0);

	if (!r)
		*ret = ctl_of(s)->seed_next;
	return r;
}

/* What our own walk needs. Without it the kernel's unwinder is asked, and the report says so. */
static int find_orc(struct drvmem_session *s, struct drvmem_err *err)
{
	s->info.walk_why = s->opts.walk == DRVMEM_WALK_KERNEL ? "--walk kernel" :
							       s->probe.f[DRVMEM_FEAT_ORC].why;
	s->info.own_walk = own_walk(s) && !drvmem_orc__make(&s->opts.ksyms, s->probe.orc_form, peek, s,
							    s->map[M_ORC].addr, &s->info.walk_why);
	if (!s->info.own_walk)
		return s->opts.walk == DRVMEM_WALK_VERIFY ? drvmem_orc__cannot_verify(s->info.walk_why, err) : 0;
	ctl_of(s)->walker = s->opts.walk == DRVMEM_WALK_VERIFY ? DRVMEM_WALKER_VERIFY :
								 DRVMEM_WALKER_ORC;
	return 0;
}

/* 5.10 events do not name the cache: the base addresses to find it come from two variables. */
static int peek_bases(struct drvmem_session *s, struct drvmem_err *err)
{
	volatile struct drvmem_ctl *ctl = ctl_of(s);
	const struct drvmem_ksyms *k = &s->opts.ksyms;
	uint64_t vmemmap = 0, offset = 0;
	int r;

	if (!s->hooks.plan.hash || s->run_peek < 0 || !k->vmemmap_base || !k->page_offset_base)
		return 0;
	r = peek(s, k->vmemmap_base, &vmemmap);
	if (!r)
		r = peek(s, k->page_offset_base, &offset);
	ctl->vmemmap_base = vmemmap;
	ctl->page_offset_base = offset;
	if (r)
		drvmem_err__set(err, r, DRVMEM_EXIT_INTERNAL, "cannot read vmemmap_base (%s)",
				drvmem_errno_name(r));
	return r;
}

static bool needs_walks(const struct drvmem_session *s)
{
	return s->probe.f[DRVMEM_FEAT_MODULES].st != DRVMEM_FEAT_NO ||
	       s->opts.stacks == DRVMEM_STACKS_FULL || s->opts.walk == DRVMEM_WALK_VERIFY;
}

static unsigned int form_of(const struct drvmem_session *s)
{
	unsigned int form = drvmem_asked__form(s->opts.allocators) |
			    (s->opts.may_sample || s->only.bits ? DRVMEM_PLAN_GATED :
			     needs_walks(s) && !s->opts.light ? DRVMEM_PLAN_WALKS : DRVMEM_PLAN_LIGHT);

	return s->opts.mempools ? form | DRVMEM_PLAN_POOLS : form;
}

static int prepare(struct drvmem_session *s, struct drvmem_err *err)
{
	int r;

	drvmem_probe__run(s->opts.ksyms.modules ? DRVMEM_SEEN_THERE :
			  s->opts.ksyms.stext ? DRVMEM_SEEN_MISSING : DRVMEM_NOT_READ, &s->probe);
	r = drvmem_probe__can_trace(&s->probe, err);
	if (r)
		return r;
	drvmem_asked__apply(s->opts.allocators, s->opts.max_size, (uint64_t)sysconf(_SC_PAGESIZE), &s->probe);
	r = drvmem_plan__make(&s->probe, form_of(s), &s->hooks.plan, err);
	if (r)
		return r;
	if (s->hooks.plan.hash && s->opts.stacks == DRVMEM_STACKS_FULL) {
		drvmem_err__set(err, -ENOTSUP, DRVMEM_EXIT_CANNOT_RUN,
				"--stacks full needs BPF with compare-and-swap (a kernel from 6.1 on)");
		drvmem_err__remedy(err, "leave it out: stacks are sampled then");
		return -ENOTSUP;
	}
	r = drvmem_window__make(s->probe.arch, s->opts.ksyms.stext, &s->window);
	if (r)
		return drvmem_err__set(err, r, DRVMEM_EXIT_CANNOT_RUN,
				       "the kernel's text addresses are hidden (kptr_restrict or CAP_SYSLOG)");
	return drvmem_size__make(&s->opts, s->probe.nr_cpus, s->window.pages, s->hooks.plan.hash, &s->size,
				 err);
}

int drvmem_session__start(struct drvmem_session *s, struct drvmem_err *err)
{
	uint64_t t0;
	int i, r;

	r = prepare(s, err);
	if (r)
		return r;
	t0 = drvmem_now_ns();
	r = load(s, err);
	for (i = 0; i < NR_MAPS && !r; i++)
		r = map_one(s, i, err);
	if (r)
		return r;
	reserved_owners(s);
	drvmem_window__fill(&s->window, s->opts.ranges, s->opts.nr_ranges, s->map[M_RANGES].addr,
			    s->map[M_PAGES].addr);
	s->run_self = drvmem_hooks__runner(&s->hooks, "dm_self");
	s->run_peek = drvmem_hooks__runner(&s->hooks, "dm_peek");
	r = find_orc(s, err);
	if (r)
		return r;
	r = drvmem_session__clock(s, &s->info.first_jiffies, &s->info.first_ns);
	if (r)
		return drvmem_err__set(err, r, DRVMEM_EXIT_INTERNAL, "cannot run a BPF program (%s)",
				       drvmem_errno_name(r));
	r = names_to_map(s, err);
	if (!r)
		r = peek_bases(s, err);
	if (!r)
		r = drvmem_hooks__attach(&s->hooks, &s->cost, err);
	if (!r && s->opts.second_look == DRVMEM_LOOK_ON)
		drvmem_hooks__again(&s->hooks, &s->cost, 0);
	if (!r)
		r = seed_modules(s, err);
	if (r)
		return r;
	s->info.map_bytes = s->size.bytes;
	s->info.rcu_frees_seen = drvmem_hooks__attached(&s->hooks, "_rcu_free");
	s->info.bulk_frees_seen = drvmem_hooks__attached(&s->hooks, "_bulk_free");
	s->info.bulk_allocs_seen = drvmem_hooks__attached(&s->hooks, "_bulk_alloc");
	s->info.krealloc_seen = drvmem_hooks__attached(&s->hooks, "_krealloc");
	s->info.vrealloc_seen = drvmem_hooks__attached(&s->hooks, "_vrealloc");
	s->info.iova_seen = drvmem_hooks__attached(&s->hooks, "_iova_link");
	s->info.moves_seen = drvmem_hooks__attached(&s->hooks, "_moved");
	s->info.mempools_seen = drvmem_hooks__attached(&s->hooks, "_mempool_alloc") &&
				drvmem_hooks__attached(&s->hooks, "_mempool_free");
	s->info.pages_bulk_seen = drvmem_hooks__attached(&s->hooks, "_pages_before") &&
				  drvmem_hooks__attached(&s->hooks, "_pages_bulk");
	s->info.peak_exact = !s->hooks.plan.hash;
	s->info.recursion_counted =
		s->probe.f[DRVMEM_FEAT_RECURSION_COUNT].st == DRVMEM_FEAT_YES;
	s->info.started_jiffies = s->info.first_jiffies;
	s->info.started_ns = s->info.first_ns;
	drvmem_sampling__start(ctl_of(s), &s->info, s->opts.sample_bytes, s->info.first_ns);
	r = drvmem_sampling__seed(s->skel->bss->dm_samplers, DRVMEM_SAMPLER_CPUS * DRVMEM_SAMPLERS);
	if (r)
		return drvmem_err__set(err, r, DRVMEM_EXIT_INTERNAL, "no random numbers (%s)",
				       drvmem_errno_name(r));
	s->info.bpf_ms = (uint32_t)((drvmem_now_ns() - t0) / 1000000u);
	return 0;
}

static void begin_cost(struct drvmem_session *s)
{
	struct drvmem_session_maps m;

	drvmem_session__maps(s, &m);
	drvmem_cost__begin(&s->cost, &m, drvmem_now_ns());
}

static void take_cost(struct drvmem_session *s, bool last)
{
	struct drvmem_session_maps m;

	drvmem_session__maps(s, &m);
	drvmem_cost__poll(&s->cost, &m, drvmem_now_ns(), last, &s->info);
}

void drvmem_session__activate(struct drvmem_session *s, bool on)
{
	volatile struct drvmem_ctl *ctl = ctl_of(s);

	if (!ctl)
		return;
	s->cost.again = s->opts.may_sample;
	if (on && s->opts.own_cost)
		begin_cost(s);
	/* no event may take an object for exact in between */
	s->info.active = on;
	if (on)
		drvmem_sampling__gate(ctl, &s->info);
	ctl->active = on;
	if (!on)
		drvmem_sampling__gate(ctl, &s->info);
	if (on && drvmem_session__clock(s, &s->info.started_jiffies, &s->info.started_ns))
		s->info.started_ns = drvmem_now_ns();
	if (!on)
		take_cost(s, true);
}

void drvmem_session__waiting(struct drvmem_session *s, bool on)
{
	volatile struct drvmem_ctl *ctl = ctl_of(s);

	if (ctl)
		ctl->waiting = on;
}

void drvmem_session__poll(struct drvmem_session *s)
{
	take_cost(s, false);
	if (s->opts.second_look == DRVMEM_LOOK_AUTO)
		drvmem_hooks__again(&s->hooks, &s->cost, MISSED_MAX);
	if (s->hooks.plan.hash || !s->map[M_TABLE].addr)
		return;
	drvmem_homes__poll(&s->homes);
	if (s->info.exact_left && DRVMEM_IS_SAMPLED(s->info.now_epoch) &&
	    drvmem_now_ns() - s->info.epoch[s->info.now_epoch].since_ns > EXACT_LEFT_NS &&
	    !(s->polls++ % EXACT_LEFT_POLLS)) {
		s->info.exact_left =
			drvmem_sampling__exact_left(s->map[M_TABLE].addr, s->size.nr_buckets);
		drvmem_sampling__gate(ctl_of(s), &s->info);
	}
}

int drvmem_session__sample(struct drvmem_session *s, uint64_t bytes)
{
	int r = s->opts.may_sample ?
		drvmem_sampling__next(ctl_of(s), &s->info, bytes, drvmem_now_ns()) : -EINVAL;

	if (!r && s->opts.own_cost && s->cost.fd < 0)	/* what it costs from now on */
		begin_cost(s);
	return r;
}

int drvmem_session__mark(struct drvmem_session *s, uint32_t *ret)
{
	uint32_t next = s->info.mark + 1, at = next % DRVMEM_GENS, i;
	struct drvmem_gens *g = s->map[M_GENS].addr;

	if (!s->opts.marks)
		return -EINVAL;
	if (next > DRVMEM_MARKS_MAX)
		return -ENOSPC;
	/* of a generation that is kept no more: nobody counts there now */
	for (i = 0; next >= DRVMEM_GENS && i < s->size.nr_gens; i++)
		g[i].made[at] = g[i].own[at] = g[i].born[at] = g[i].died[at] = (struct drvmem_gen){ 0 };
	s->info.mark = next;
	ctl_of(s)->mark = next;
	*ret = next;
	return 0;
}

const struct drvmem_probe *drvmem_session__probe(const struct drvmem_session *s)
{
	return &s->probe;
}

const struct drvmem_session_info *drvmem_session__info(const struct drvmem_session *s)
{
	return &s->info;
}

void drvmem_session__maps(const struct drvmem_session *s, struct drvmem_session_maps *ret)
{
	*ret = (struct drvmem_session_maps){
		.ctl = ctl_of(s),
		.table = s->hooks.plan.hash ? NULL : s->map[M_TABLE].addr,
		.nr_buckets = s->size.nr_buckets,
		.sites = s->map[M_SITES].addr,
		.nr_sites = s->size.nr_sites,
		.site_cpu = s->map[M_SITE_CPU].addr,
		.sampled_cpu = s->opts.may_sample ? (const struct drvmem_site_cpu *)
			s->map[M_SITE_CPU].addr + (size_t)s->size.nr_cpus * s->size.nr_sites : NULL,
		.nr_cpus = s->size.nr_cpus,
		.gens = s->opts.marks ? s->map[M_GENS].addr : NULL,
		.uses = s->opts.use ? s->map[M_USES].addr : NULL,
		.modules = s->skel && s->skel->bss ? s->skel->bss->dm_modules : NULL,
		.classes = s->map[M_CLASSES].addr,
		.stacks = s->map[M_STACKS].addr,
		.nr_stacks = s->size.nr_stacks,
		.stats = s->map[M_STATS].addr,
	};
}

const struct drvmem_session_prog *drvmem_session__progs(struct drvmem_session *s, uint32_t *ret_n)
{
	return drvmem_hooks__read(&s->hooks, ret_n);
}

int drvmem_session__clock(struct drvmem_session *s, uint64_t *ret_jiffies, uint64_t *ret_ns)
{
	int r = run_prog(s->run_self, 0, 0);

	if (r)
		return r;
	*ret_jiffies = ctl_of(s)->now_jiffies;
	*ret_ns = drvmem_now_ns();
	return 0;
}

int drvmem_session__each_hashed(struct drvmem_session *s,
		void (*fn)(void *arg, uint64_t key, const struct drvmem_entry *e), void *arg)
{
	struct bpf_map *m = bpf_object__find_map_by_name(s->skel->obj, "dm_table_hash");

	return drvmem_hashed__each(bpf_map__fd(m), fn, arg);
}

int drvmem_session__each_sync(struct drvmem_session *s,
		void (*fn)(void *arg, const struct drvmem_dma_sync *d), void *arg)
{
	struct bpf_map *m = bpf_object__find_map_by_name(s->skel->obj, "dm_syncs");

	return drvmem_hashed__each_sync(bpf_map__fd(m), s->size.nr_cpus, fn, arg);
}

void drvmem_session__each_value(struct drvmem_session *s, enum drvmem_hash which,
				void (*fn)(void *arg, uint64_t key, const void *value), void *arg)
{
	static const char *const names[] = {
		[DRVMEM_HASH_MEMPOOLS] = "dm_mempools", [DRVMEM_HASH_SIZES] = "dm_sizes", [DRVMEM_HASH_PAIRS] = "dm_pairs",
	};
	struct bpf_map *m = bpf_object__find_map_by_name(s->skel->obj, names[which]);
	union {
		struct drvmem_mempool mempool;
		struct drvmem_sized size;
		uint64_t pairs;
	} value;

	drvmem_hashed__each_value(bpf_map__fd(m), bpf_map__max_entries(m), &value, fn, arg);
}

void drvmem_session__lap(struct drvmem_session *s, void (*fn)(void *arg, uint32_t site, uint64_t most), void *arg)
{
	if (s->opts.use && s->map[M_USES].addr)
		drvmem_use__lap(ctl_of(s), s->map[M_USES].addr, s->size.nr_sites, fn, arg);
}

bool drvmem_session__samples_here(uint32_t *ret)
{
	int n = libbpf_num_possible_cpus();

	*ret = n > 0 ? (uint32_t)n : 0;
	return drvmem_sampling__fits(*ret);
}

uint64_t drvmem_session__map_bytes(const struct drvmem_session_opts *o, uint32_t nr_cpus, bool hash)
{
	struct drvmem_size z;

	return drvmem_size__make(o, nr_cpus, DRVMEM_WINDOW_PAGES, hash, &z, NULL) ? 0 : z.bytes;
}

const char *drvmem_session__libbpf_version(void)
{
	return libbpf_version_string();
}
