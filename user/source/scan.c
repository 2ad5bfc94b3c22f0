// SPDX-License-Identifier: GPL-2.0-or-later
#include "source/scan.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/sparse.h"
#include "source/scan_parts.h"

#define PIECE		8192u		/* page frames that a thread takes at a time: 32 MiB */
#define MAX_THREADS	16u
#define WORDS		(DRVMEM_KPAGE / 8)
#define FIRST_PID_NS	0xEFFFFFFCu	/* include/linux/proc_ns.h: PROC_PID_INIT_INO */
#define PROGRESS_NS	100000000L

struct worker {
	struct drvmem_scan *s;
	struct drvmem_kmem_port *port;
	pthread_t thread;
	uint64_t bytes, unreadable;
	uint64_t last[WORDS];		/* the page that was read before */
	bool last_plain;		/* it has no object's */
};

/* The first extent that ends behind lo. */
static size_t first_extent(const struct drvmem_scan *s, uint64_t lo)
{
	size_t a = 0, b = s->nr_extents, mid;

	while (a < b) {
		mid = a + (b - a) / 2;
		if (s->extent[mid].hi <= lo)
			a = mid + 1;
		else
			b = mid;
	}
	return a;
}

static void search_words(struct drvmem_scan *s, uint64_t pa, const uint64_t *w, size_t from, size_t to,
			 uint32_t object)
{
	uint16_t hit[WORDS];
	size_t i, n = drvmem_search__words(&s->search, w + from, to - from, hit);

	for (i = 0; i < n; i++)
		drvmem_hits__word(s, pa, w, from + hit[i], object);
}

/* An object that somebody writes to is used, even if it is not seen how. */
static void add_sum(struct drvmem_scan *s, const uint64_t *w, size_t from, size_t to, uint32_t object)
{
	uint64_t sum = 0;
	size_t i;

	for (i = from; i < to; i++)
		sum += (w[i] ^ i << 48) * 0x9E3779B97F4A7C15ull;
	__atomic_fetch_add(&s->pass->target[object].sum, sum, __ATOMIC_RELAXED);
}

/* Cuts the page where bodies of objects begin and end. */
static void search_page(struct drvmem_scan *s, uint64_t pa, const uint64_t *w)
{
	size_t x = first_extent(s, pa), at = 0, from, to;
	const struct drvmem_extent *e;

	for (; x < s->nr_extents && s->extent[x].lo < pa + DRVMEM_KPAGE; x++) {
		e = &s->extent[x];
		from = e->lo > pa ? (size_t)(e->lo - pa) / 8 : 0;
		to = e->hi - pa < DRVMEM_KPAGE ? (size_t)(e->hi - pa + 7) / 8 : WORDS;
		if (from < at)
			from = at;
		if (to <= from)
			continue;
		search_words(s, pa, w, at, from, UINT32_MAX);
		if (e->object == DRVMEM_EXTENT_ROOT) {
			search_words(s, pa, w, from, to, UINT32_MAX);
		} else if (e->object != DRVMEM_EXTENT_MASKED) {
			search_words(s, pa, w, from, to, e->object);
			add_sum(s, w, from, to, e->object);
		}
		at = to;
	}
	search_words(s, pa, w, at, WORDS, UINT32_MAX);
}

static bool has_extent(const struct drvmem_scan *s, uint64_t pa)
{
	size_t x = first_extent(s, pa);

	return x < s->nr_extents && s->extent[x].lo < pa + DRVMEM_KPAGE;
}

/* /proc/kcore has a page of its own per reader, which is a copy of the page read last. No object's is. */
static bool is_copy(const struct worker *k, uint64_t pa, const uint64_t *w)
{
	return !k->s->k->bpf && k->last_plain && !memcmp(k->last, w, DRVMEM_KPAGE) && !has_extent(k->s, pa);
}

static int search_run(struct worker *k, uint64_t pfn, uint32_t n)
{
	struct drvmem_scan *s = k->s;
	const uint64_t *w;
	int failed = drvmem_kmem_port__pages(k->port, pfn, n, &w);
	uint32_t i;

	if (failed < 0)
		return failed;
	k->bytes += (uint64_t)n * DRVMEM_KPAGE;
	k->unreadable += (uint64_t)failed * DRVMEM_KPAGE;
	for (i = 0; i < n; i++, w += WORDS) {
		if (!is_copy(k, (pfn + i) << DRVMEM_KPAGE_SHIFT, w))
			search_page(s, (pfn + i) << DRVMEM_KPAGE_SHIFT, w);
		if (!s->k->bpf) {
			memcpy(k->last, w, DRVMEM_KPAGE);
			k->last_plain = !has_extent(s, (pfn + i) << DRVMEM_KPAGE_SHIFT);
		}
	}
	__atomic_fetch_add(&s->done_pages, n, __ATOMIC_RELAXED);
	return 0;
}

/* What is to be scanned by kind[], which is the scan's or what came late. */
static int search_piece(struct worker *k, const uint8_t *kind, uint64_t from, uint64_t to)
{
	struct drvmem_scan *s = k->s;
	uint64_t at = drvmem_kmem__next_ram(s->k, from), end;
	int e = 0;

	while (!e && at < to && !__atomic_load_n(&s->error, __ATOMIC_RELAXED)) {
		if (!drvmem_kpage__is_scanned(kind[at])) {
			at++;
			continue;
		}
		for (end = at; end < to && end - at < DRVMEM_KMEM_CHUNK && drvmem_kpage__is_scanned(kind[end]); end++)
			;
		e = search_run(k, at, (uint32_t)(end - at));
		at = end;
	}
	return e;
}

static void *work(void *arg)
{
	struct worker *k = arg;
	struct drvmem_scan *s = k->s;
	uint64_t at;
	int e = 0;

	while (!e && (at = __atomic_fetch_add(&s->next_pfn, PIECE, __ATOMIC_RELAXED)) < s->k->nr_pfn)
		e = search_piece(k, s->kind, at, at + PIECE < s->k->nr_pfn ? at + PIECE : s->k->nr_pfn);
	if (e)
		__atomic_store_n(&s->error, e, __ATOMIC_RELAXED);
	__atomic_fetch_sub(&s->running, 1, __ATOMIC_RELEASE);
	pthread_mutex_lock(&s->gate);
	while (!s->open)
		pthread_cond_wait(&s->opened, &s->gate);
	pthread_mutex_unlock(&s->gate);
	return NULL;
}

static void open_gate(struct drvmem_scan *s, bool open)
{
	pthread_mutex_lock(&s->gate);
	s->open = open;
	pthread_cond_broadcast(&s->opened);
	pthread_mutex_unlock(&s->gate);
}

static uint32_t nr_threads(const struct drvmem_scan *s)
{
	long n = s->o->threads ? (long)s->o->threads : sysconf(_SC_NPROCESSORS_ONLN);

	return n < 1 ? 1 : n > (long)MAX_THREADS ? MAX_THREADS : (uint32_t)n;
}

/* The pages that a reader reads into are the kernel's as well. */
static int mask_buffer(struct drvmem_scan *s, const struct drvmem_kmem_port *p)
{
	uint64_t entry[DRVMEM_KMEM_CHUNK + 2];
	size_t len, n, i;
	const void *buf = drvmem_kmem_port__buffer(p, &len);
	ssize_t got;
	int fd;

	if (!buf)
		return 0;
	fd = open("/proc/self/pagemap", O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	n = ((uintptr_t)buf % DRVMEM_KPAGE + len + DRVMEM_KPAGE - 1) / DRVMEM_KPAGE;
	n = n < DRVMEM_KMEM_CHUNK + 2 ? n : DRVMEM_KMEM_CHUNK + 2;
	got = pread(fd, entry, n * 8, (off_t)((uintptr_t)buf / DRVMEM_KPAGE * 8));
	close(fd);
	for (i = 0; got > 0 && i < (size_t)got / 8; i++) {
		uint64_t pfn = entry[i] & ((1ull << 55) - 1);

		if (pfn && pfn < s->k->nr_pfn)
			s->kind[pfn] = DRVMEM_KPAGE_OWN;
	}
	return 0;
}

static void wait_for_workers(struct drvmem_scan *s)
{
	const struct timespec step = { .tv_nsec = PROGRESS_NS / 10 };
	uint64_t told = drvmem_now_ns();

	while (__atomic_load_n(&s->running, __ATOMIC_ACQUIRE)) {
		nanosleep(&step, NULL);
		if (s->o->stop && s->o->stop(s->o->arg))
			__atomic_store_n(&s->error, -EINTR, __ATOMIC_RELAXED);
		if (!s->o->progress || drvmem_now_ns() - told < (uint64_t)PROGRESS_NS)
			continue;
		told = drvmem_now_ns();
		s->o->progress(s->o->arg, __atomic_load_n(&s->done_pages, __ATOMIC_RELAXED) * DRVMEM_KPAGE,
			       s->all_pages * DRVMEM_KPAGE);
	}
}

/* ---- what the kernel came to use while the pass ran: holders may have moved there from what was not read yet */

/* Pages of a stack, [from, end): kind as they are now, 0 = not to be read. */
static void leave_stack(struct drvmem_scan *s, uint64_t from, uint64_t end)
{
	uint64_t pa;

	for (; from < end; from += DRVMEM_KPAGE)
		if (drvmem_kmem_port__pa(s->port, from, &pa))
			s->late[pa >> DRVMEM_KPAGE_SHIFT] = DRVMEM_KPAGE_NONE;
}

/* All of a stack that is used now: it may have been used to another place when it was read. */
static int search_stack(struct worker *k, const struct drvmem_ktask *t)
{
	uint64_t va = t->sp & ~(uint64_t)7, end = t->stack + t->bytes, next, pa;
	const uint64_t *w;
	int r = 0;

	for (; r >= 0 && va < end; va = next) {
		next = (va & ~(uint64_t)(DRVMEM_KPAGE - 1)) + DRVMEM_KPAGE;
		if (!drvmem_kmem_port__pa(k->s->port, va, &pa))
			continue;
		r = drvmem_kmem_port__pages(k->port, pa >> DRVMEM_KPAGE_SHIFT, 1, &w);
		if (r < 0)
			break;
		k->bytes += DRVMEM_KPAGE;
		k->unreadable += (uint64_t)r * DRVMEM_KPAGE;
		search_words(k->s, pa & ~(uint64_t)(DRVMEM_KPAGE - 1), w, va % DRVMEM_KPAGE / 8, WORDS, UINT32_MAX);
	}
	return r < 0 ? r : 0;
}

/* Stacks of tasks that ran meanwhile, or are new; of the others what was dead still is. */
static int search_stacks(struct worker *k, const struct drvmem_ktasks *now)
{
	struct drvmem_scan *s = k->s;
	const struct drvmem_ktask *t, *was;
	uint32_t i;
	int e = 0;

	for (i = 0; !e && i < now->nr; i++) {
		t = &now->v[i];
		was = drvmem_ktasks__find(&s->tasks, t->stack);
		if (drvmem_targets__is_own(s, t))
			leave_stack(s, t->stack, t->stack + t->bytes);
		else	/* also one that sleeps where it slept: it may have run, and hold something else now */
			e = search_stack(k, t);
		if (was && was->addr == t->addr && was->sp == t->sp)
			leave_stack(s, t->stack, t->sp);
	}
	return e;
}

/* Pages that were free, or others', when the pass began, and are the kernel's now. */
static void choose_late(struct drvmem_scan *s)
{
	uint64_t pfn, end;
	uint32_t i;

	for (i = 0; i < s->k->nr_seg; i++) {
		for (end = drvmem_kmem_seg__pages(&s->k->seg[i], &pfn); pfn < end; pfn++) {
			if (drvmem_kpage__is_scanned(s->kind[pfn]) || !drvmem_kpage__is_scanned(s->late[pfn]) ||
			    drvmem_kpage__kind(s->kind[pfn]) == DRVMEM_KPAGE_OWN) {
				s->late[pfn] = DRVMEM_KPAGE_NONE;
				continue;
			}
			s->kind[pfn] = s->late[pfn];
		}
	}
}

static int search_late(struct worker *k)
{
	struct drvmem_scan *s = k->s;
	struct drvmem_ktasks now = { 0 };
	uint64_t from, end;
	uint32_t i;
	int e = drvmem_kpages__read_changed(s->k, s->port, s->sums, s->late);

	if (!e)
		e = drvmem_ktasks__read(s->k, s->port, &now);
	if (!e)
		e = search_stacks(k, &now);
	drvmem_ktasks__deinit(&now);
	if (e)
		return e;
	choose_late(s);
	for (i = 0; !e && i < s->k->nr_seg; i++) {
		end = drvmem_kmem_seg__pages(&s->k->seg[i], &from);
		e = search_piece(k, s->late, from, end);
	}
	return e;
}

static int run_workers(struct drvmem_scan *s, struct worker *k, uint32_t n)
{
	uint32_t i, started = 0;
	int e = 0;

	open_gate(s, false);
	s->running = n;
	for (i = 0; i < n; i++) {
		e = -pthread_create(&k[i].thread, NULL, work, &k[i]);
		if (e)
			break;
		started++;
	}
	__atomic_fetch_sub(&s->running, n - started, __ATOMIC_RELEASE);
	if (!started)
		return e;
	wait_for_workers(s);	/* fewer threads do the same work */
	if (!s->error)
		s->error = search_late(&k[0]);
	open_gate(s, true);
	for (i = 0; i < started; i++) {
		pthread_join(k[i].thread, NULL);
		s->pass->bytes += k[i].bytes;
		s->pass->unreadable += k[i].unreadable;
	}
	return s->error;
}

static int search_all(struct drvmem_scan *s)
{
	uint32_t n = nr_threads(s), i;
	struct worker *k = calloc(n, sizeof(*k));
	uint64_t pfn, end;
	int e = k ? 0 : -ENOMEM;

	for (i = 0; !e && i < n; i++) {
		k[i].s = s;
		e = drvmem_kmem_port__new(s->k, &k[i].port);
		if (!e)
			e = mask_buffer(s, k[i].port);
	}
	s->all_pages = s->done_pages = s->next_pfn = 0;
	s->error = 0;
	for (i = 0; i < s->k->nr_seg; i++)
		for (end = drvmem_kmem_seg__pages(&s->k->seg[i], &pfn); pfn < end; pfn++)
			s->all_pages += drvmem_kpage__is_scanned(s->kind[pfn]);
	if (!e)
		e = run_workers(s, k, n);
	for (i = 0; k && i < n; i++)
		drvmem_kmem_port__free(k[i].port);
	if (k)
		explicit_bzero(k, n * sizeof(*k));
	free(k);
	return e;
}

/* Flags are read last, when what we need ourselves is ours already. */
static int prepare(struct drvmem_scan *s)
{
	uint64_t missing = 0;
	int e = drvmem_kmem__walk(s->k);

	drvmem_kmem_port__forget(s->port);
	if (!e)
		e = drvmem_kpages__read(s->k, s->port, s->kind, s->sums, &missing);
	s->pass->unreadable = missing * DRVMEM_KPAGE;
	s->pass->edges_cut = missing;
	if (!e)
		e = drvmem_ktasks__read(s->k, s->port, &s->tasks);
	if (!e)
		e = drvmem_targets__prepare(s);
	if (!e)
		e = mask_buffer(s, s->port);
	return e;
}

/* Before the pass gives it back. */
static void note_size(struct drvmem_scan *s)
{
	uint64_t n = s->search.cap * sizeof(*s->search.key) + DRVMEM_SEARCH_BITS_BYTES +
		     s->cap_extents * sizeof(*s->extent) + s->tasks.nr * sizeof(*s->tasks.v) +
		     s->slab.nr * sizeof(struct drvmem_kcache) + s->slab.slots * sizeof(*s->slab.cache) +
		     drvmem_ksheaf__bytes(&s->sheaves) +
		     /* of both passes */
		     2 * (s->o->nr * sizeof(*s->pass->target) + s->pass->cap_edges * sizeof(*s->pass->edge));

	if (n > s->pass_bytes)
		s->pass_bytes = n;
}

int drvmem_scan__pass(struct drvmem_scan *s, struct drvmem_reach_pass *ret)
{
	struct drvmem_reach_pass pass = { .nr = s->o->nr };
	uint64_t start = drvmem_now_ns();
	int e;

	pass.target = calloc(s->o->nr ? s->o->nr : 1, sizeof(*pass.target));
	if (!pass.target)
		return -ENOMEM;
	s->pass = &pass;
	e = prepare(s);
	if (!e) {
		pass.tasks = s->tasks.nr;
		pass.tasks_whole = s->tasks.whole;
		e = search_all(s);
	}
	if (!e)
		drvmem_targets__find_free(s);
	note_size(s);
	drvmem_targets__deinit(s);
	drvmem_ktasks__deinit(&s->tasks);
	s->pass = NULL;
	if (e) {
		drvmem_reach_pass__deinit(&pass);
		return e;
	}
	pass.ns = drvmem_now_ns() - start;
	pass.ram_changed = !drvmem_kmem__same_ram(s->k);
	/* words that nobody read may be some object's */
	pass.edges_cut |= pass.unreadable > pass.bytes / 1000;
	*ret = pass;
	return 0;
}

void drvmem_reach_pass__deinit(struct drvmem_reach_pass *p)
{
	free(p->target);
	free(p->edge);
	*p = (struct drvmem_reach_pass){ 0 };
}

static size_t nr_sums(const struct drvmem_scan *s)
{
	return s->k->nr_pfn / DRVMEM_KPAGES_PIECE + 1;
}

/*
 * In a PID namespace getpid() is another number than the kernel's, and that of somebody else, whose stack
 * must not be taken for ours. By BPF the kernel has told our task; else only the first namespace is sure.
 */
static uint32_t own_tgid(const struct drvmem_scan *s)
{
	struct stat st;

	if (s->k->bpf && s->k->l.task_tgid >= 0)
		return drvmem_kmem_port__u32(s->port, s->k->task + (uint64_t)s->k->l.task_tgid);
	return !stat("/proc/self/ns/pid", &st) && st.st_ino == FIRST_PID_NS ? (uint32_t)getpid() : 0;
}

int drvmem_scan__new(const struct drvmem_scan_opts *o, struct drvmem_scan **ret, struct drvmem_err *err)
{
	struct drvmem_scan *s = calloc(1, sizeof(*s));
	int e;

	if (!s)
		return drvmem_err__set(err, -ENOMEM, DRVMEM_EXIT_INTERNAL, "out of memory");
	s->o = o;
	pthread_mutex_init(&s->lock, NULL);
	pthread_mutex_init(&s->gate, NULL);
	pthread_cond_init(&s->opened, NULL);
	e = drvmem_kmem__new(&o->syms, &s->k, err);
	if (!e) {
		s->kind = drvmem_sparse__new(s->k->nr_pfn);
		s->late = drvmem_sparse__new(s->k->nr_pfn);
		s->sums = drvmem_sparse__new(nr_sums(s) * sizeof(*s->sums));
		s->place = calloc(o->nr ? o->nr : 1, sizeof(*s->place));
		e = s->kind && s->late && s->sums && s->place ? drvmem_kmem_port__new(s->k, &s->port) : -ENOMEM;
		if (e)
			drvmem_err__set(err, e, DRVMEM_EXIT_INTERNAL, "cannot prepare the scan (%s)",
					drvmem_errno_name(e));
	}
	if (e) {
		drvmem_scan__free(s);
		return e;
	}
	/* mm/slub.c: slab_want_init_on_alloc() */
	s->zeroed = o->syms.init_on_alloc && (int32_t)drvmem_kmem_port__u32(s->port, o->syms.init_on_alloc) > 0;
	s->own_tgid = own_tgid(s);
	*ret = s;
	return 0;
}

bool drvmem_scan__is_zeroed(const struct drvmem_scan *s)
{
	return s->zeroed;
}

void drvmem_scan__free(struct drvmem_scan *s)
{
	if (!s)
		return;
	drvmem_kmem_port__free(s->port);
	drvmem_sparse__free(s->kind, s->k ? s->k->nr_pfn : 0);
	drvmem_sparse__free(s->late, s->k ? s->k->nr_pfn : 0);
	drvmem_sparse__free(s->sums, s->k ? nr_sums(s) * sizeof(*s->sums) : 0);
	drvmem_kmem__free(s->k);
	free(s->place);
	pthread_mutex_destroy(&s->lock);
	pthread_mutex_destroy(&s->gate);
	pthread_cond_destroy(&s->opened);
	free(s);
}

const char *drvmem_scan__reader(const struct drvmem_scan *s)
{
	return s->k->bpf ? "BPF" : "/proc/kcore";
}

uint64_t drvmem_scan__own_bytes(const struct drvmem_scan *s)
{
	/* kind, late and alias of each page of RAM, sums of 64, a reader with its buffer for each thread, places, a pass's own */
	return drvmem_kmem__nr_ram(s->k) * (2 * sizeof(*s->kind) + sizeof(*s->k->alias)) +
	       drvmem_kmem__nr_ram(s->k) / DRVMEM_KPAGES_PIECE * sizeof(*s->sums) +
	       (nr_threads(s) + 1ull) * (DRVMEM_KMEM_CHUNK * DRVMEM_KPAGE + sizeof(struct worker)) +
	       s->o->nr * sizeof(*s->place) + s->pass_bytes;
}
