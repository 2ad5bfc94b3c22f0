// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * One array of symbols sorted by address, one pool of names in file order, one
 * hash index over names. Everything is allocated by upper bounds of the text, of
 * which only what is used becomes resident.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "base/fnv.h"
#include "base/table.h"
#include "base/text.h"
#include "base/vec.h"
#include "symbol/symbol.h"

#define NAME_MAX_LEN 1023u	/* KSYM_NAME_LEN is 128, since 6.1 512 */
#define END_BOUND 4096u
#define END_BOUND_BPF 65536u
#define END_BOUND_DATA (16u << 20)	/* arrays in .bss are large */
/* .text and .init.text of a module are apart: a larger gap is no function. */
#define END_BOUND_SAME (1u << 20)

struct name_ref {
	uint32_t hash;	/* high half of the FNV hash */
	uint32_t index;	/* into sym, plus one; 0 = free */
};

struct drvmem_symtab {
	DRVMEM_VEC(struct drvmem_sym) sym;
	DRVMEM_VEC(char *) modules;	/* each once, unless their hashes collide */
	struct drvmem_table module_ids;	/* hash of name -> index in modules */
	char *names;
	size_t names_used;
	struct name_ref *ref;
	size_t ref_mask;
	size_t skipped, zero;
	bool data;			/* symbols of any type are kept */
};

/* One line of the text, not terminated. */
struct line {
	uint64_t addr;
	char type;
	const char *name, *module;
	size_t name_len, module_len;	/* module_len 0 = vmlinux */
};

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

static const char *skip_blank(const char *s, const char *end)
{
	while (s < end && is_blank(*s))
		s++;
	return s;
}

static const char *skip_word(const char *s, const char *end)
{
	while (s < end && !is_blank(*s))
		s++;
	return s;
}

/* "[name]" up to the end of the line; s stands at '['. */
static bool parse_module(const char *s, const char *end, struct line *l)
{
	const char *close = memchr(s, ']', (size_t)(end - s));

	if (*s != '[' || !close || close == s + 1 || skip_blank(close + 1, end) != end)
		return false;
	l->module = s + 1;
	l->module_len = (size_t)(close - s - 1);
	return l->module_len <= NAME_MAX_LEN && !memchr(l->module, '\0', l->module_len);
}

/* "ffffffff81000000 T name" or "... name\t[module]" (kernel/kallsyms.c:s_show). */
static bool parse_line(const char *s, const char *end, struct line *ret)
{
	struct line l = {0};
	unsigned int digits = 0;
	int d;

	for (; s < end && (d = hex_digit(*s)) >= 0; s++) {
		l.addr = l.addr << 4 | (uint64_t)d;
		if (++digits > 16)
			return false;
	}
	if (!digits || end - s < 4 || *s != ' ' || s[2] != ' ' || is_blank(s[1]))
		return false;
	l.type = s[1];
	l.name = s + 3;
	s = skip_word(l.name, end);
	l.name_len = (size_t)(s - l.name);
	if (!l.name_len || l.name_len > NAME_MAX_LEN || memchr(l.name, '\0', l.name_len))
		return false;
	s = skip_blank(s, end);
	if (s < end && !parse_module(s, end, &l))
		return false;
	*ret = l;
	return true;
}

static bool is_text(char type)
{
	return type == 't' || type == 'T' || type == 'w' || type == 'W';
}

static bool is_padding(const struct line *l)
{
	return l->name_len > 6 && (!memcmp(l->name, "__pfx_", 6) || !memcmp(l->name, "__cfi_", 6));
}

static bool is_pseudo(const char *module)
{
	return !strcmp(module, "bpf") || !strncmp(module, "__builtin__", 11);
}

static bool same_text(const char *s, const char *text, size_t len)
{
	return !strncmp(s, text, len) && !s[len];
}

/* The one copy of a module name; lines of a module follow each other, so try the last first. */
static const char *intern_module(struct drvmem_symtab *t, const struct line *l)
{
	uint64_t id, hash;
	char *copy;

	if (t->modules.n && same_text(t->modules.v[t->modules.n - 1], l->module, l->module_len))
		return t->modules.v[t->modules.n - 1];
	hash = drvmem_fnv1a_more(DRVMEM_FNV_INIT, l->module, l->module_len);
	if (drvmem_table__get(&t->module_ids, hash, &id) &&
	    same_text(t->modules.v[id], l->module, l->module_len))
		return t->modules.v[id];
	copy = strndup(l->module, l->module_len);
	if (!copy || drvmem_vec__push(&t->modules, copy)) {
		free(copy);
		return NULL;
	}
	if (drvmem_table__put(&t->module_ids, hash, t->modules.n - 1))
		return NULL;
	return copy;
}

static int add_symbol(struct drvmem_symtab *t, const struct line *l)
{
	struct drvmem_sym s = { .addr = l->addr, .type = l->type };
	char *name = t->names + t->names_used;

	if (l->module_len) {
		s.module = intern_module(t, l);
		if (!s.module)
			return -ENOMEM;
		s.pseudo = is_pseudo(s.module);
	}
	memcpy(name, l->name, l->name_len);
	name[l->name_len] = '\0';
	s.name = name;
	t->names_used += l->name_len + 1;
	return drvmem_vec__push(&t->sym, s);
}

static int add_lines(struct drvmem_symtab *t, const char *text, size_t len)
{
	struct drvmem_span rest = { text, len }, line;
	int ret = 0;

	while (!ret && drvmem_span__line(&rest, &line)) {
		struct line l;

		if (!line.n)
			continue;
		if (!parse_line(line.s, line.s + line.n, &l))
			t->skipped++;
		else if ((!is_text(l.type) && !t->data) || is_padding(&l))
			continue;
		else if (!l.addr)
			t->zero++;
		else
			ret = add_symbol(t, &l);
	}
	return ret;
}

/* By address; names of one address in file order, which is the order of the pool. */
static int compare_sym(const void *a, const void *b)
{
	const struct drvmem_sym *x = a, *y = b;

	if (x->addr != y->addr)
		return x->addr < y->addr ? -1 : 1;
	return (x->name > y->name) - (x->name < y->name);
}

static void sort_symbols(struct drvmem_symtab *t)
{
	size_t i = 1;

	while (i < t->sym.n && t->sym.v[i - 1].addr <= t->sym.v[i].addr)
		i++;
	if (i < t->sym.n)	/* vmlinux alone comes sorted */
		qsort(t->sym.v, t->sym.n, sizeof(t->sym.v[0]), compare_sym);
}

static bool same_module(const char *a, const char *b)
{
	return a == b || (a && b && !strcmp(a, b));
}

/* The entry of name in module, or the free one where it belongs. */
static struct name_ref *find_ref(const struct drvmem_symtab *t, uint64_t hash, const char *name,
				 const char *module)
{
	size_t i = (size_t)hash & t->ref_mask;

	for (; t->ref[i].index; i = (i + 1) & t->ref_mask) {
		const struct drvmem_sym *s = &t->sym.v[t->ref[i].index - 1];

		if (t->ref[i].hash == (uint32_t)(hash >> 32) && !strcmp(s->name, name) &&
		    same_module(s->module, module))
			break;
	}
	return &t->ref[i];
}

/* A name in two modules hashes apart, a second symbol of the same name in one image is left out. */
static uint64_t name_hash(const char *name, const char *module)
{
	uint64_t h = drvmem_fnv1a(name);

	return module ? drvmem_fnv1a_more(h, module, strlen(module)) : h;
}

static int index_names(struct drvmem_symtab *t)
{
	size_t cap = 16;

	if (t->sym.n >= UINT32_MAX)
		return -EFBIG;
	while (cap < t->sym.n * 2)
		cap *= 2;
	t->ref = calloc(cap, sizeof(*t->ref));
	if (!t->ref)
		return -ENOMEM;
	t->ref_mask = cap - 1;
	for (size_t i = 0; i < t->sym.n; i++) {
		uint64_t hash = name_hash(t->sym.v[i].name, t->sym.v[i].module);
		struct name_ref *r = find_ref(t, hash, t->sym.v[i].name, t->sym.v[i].module);

		if (r->index)
			continue;
		r->index = (uint32_t)i + 1;
		r->hash = (uint32_t)(hash >> 32);
	}
	return 0;
}

static int fill_symtab(struct drvmem_symtab *t, const char *text, size_t len)
{
	int ret;

	/* every name is followed by at least a newline or the end of the text */
	t->names = malloc(len + 1);
	if (!t->names)
		return -ENOMEM;
	ret = add_lines(t, text, len);
	if (ret)
		return ret;
	if (!t->sym.n && t->zero)
		return -EACCES;
	sort_symbols(t);
	return index_names(t);
}

static int parse(const char *text, size_t len, bool data, struct drvmem_symtab **ret)
{
	struct drvmem_symtab *t = calloc(1, sizeof(*t));
	int err;

	if (!t)
		return -ENOMEM;
	t->data = data;
	err = fill_symtab(t, text, len);
	if (err) {
		drvmem_symtab__free(t);
		return err;
	}
	*ret = t;
	return 0;
}

int drvmem_symtab__parse(const char *text, size_t len, struct drvmem_symtab **ret)
{
	return parse(text, len, false, ret);
}

int drvmem_symtab__parse_data(const char *text, size_t len, struct drvmem_symtab **ret)
{
	return parse(text, len, true, ret);
}

int drvmem_symtab__load(struct drvmem_symtab **ret)
{
	_cleanup_free_ char *text = NULL;
	size_t len;
	int err;

	err = drvmem_file__read("/proc/kallsyms", DRVMEM_FILE_HUGE, &text, &len);
	if (err)
		return err;
	return drvmem_symtab__parse(text, len, ret);
}

void drvmem_symtab__free(struct drvmem_symtab *t)
{
	if (!t)
		return;
	for (size_t i = 0; i < t->modules.n; i++)
		free(t->modules.v[i]);
	drvmem_vec__deinit(&t->modules);
	drvmem_vec__deinit(&t->sym);
	drvmem_table__deinit(&t->module_ids);
	free(t->names);
	free(t->ref);
	free(t);
}

size_t drvmem_symtab__count(const struct drvmem_symtab *t)
{
	return t->sym.n;
}

size_t drvmem_symtab__skipped(const struct drvmem_symtab *t)
{
	return t->skipped;
}

const struct drvmem_sym *drvmem_symtab__at(const struct drvmem_symtab *t, size_t i)
{
	return i < t->sym.n ? &t->sym.v[i] : NULL;
}

/* Number of symbols with address <= addr. */
static size_t upper_bound(const struct drvmem_symtab *t, uint64_t addr)
{
	size_t lo = 0, hi = t->sym.n;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (t->sym.v[mid].addr <= addr)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

static bool is_end_marker(const struct drvmem_sym *s)
{
	return !s->module && (!strcmp(s->name, "_etext") || !strcmp(s->name, "_einittext"));
}

uint64_t drvmem_symtab__end(const struct drvmem_symtab *t, const struct drvmem_sym *s)
{
	size_t i = upper_bound(t, s->addr);
	uint64_t bound = t->data ? END_BOUND_DATA : s->module && !strcmp(s->module, "bpf") ? END_BOUND_BPF : END_BOUND;
	uint64_t next = i < t->sym.n ? t->sym.v[i].addr : UINT64_MAX;

	/* what lies between vmlinux symbols is code; between those of a module it may be a gap */
	if (i < t->sym.n && same_module(t->sym.v[i].module, s->module) &&
	    (!s->module || t->data || next - s->addr <= END_BOUND_SAME))
		return next;
	if (bound > UINT64_MAX - s->addr)
		bound = UINT64_MAX - s->addr;
	return next - s->addr < bound ? next : s->addr + bound;
}

const struct drvmem_sym *drvmem_symtab__find(const struct drvmem_symtab *t, uint64_t addr)
{
	const struct drvmem_sym *s;
	size_t i, first;

	if (!t)
		return NULL;
	i = upper_bound(t, addr);
	if (!i)
		return NULL;
	for (first = i - 1; first && t->sym.v[first - 1].addr == t->sym.v[i - 1].addr; )
		first--;
	while (first < i && is_end_marker(&t->sym.v[first]))
		first++;
	if (first == i)
		return NULL;
	s = &t->sym.v[first];
	return addr < drvmem_symtab__end(t, s) ? s : NULL;
}

const struct drvmem_sym *drvmem_symtab__by_name(const struct drvmem_symtab *t, const char *name,
						const char *module)
{
	const struct name_ref *r;

	if (!t)
		return NULL;
	r = find_ref(t, name_hash(name, module), name, module);
	return r->index ? &t->sym.v[r->index - 1] : NULL;
}

#define MAX_WANTED 16u

/* First vmlinux symbol of the line's name among those still wanted. */
static void match_wanted(struct drvmem_span line, const char *const names[], const size_t len[],
			 size_t n, uint64_t *addr)
{
	struct line l;
	size_t i;

	for (i = 0; i < n; i++) {
		/* cheap test first: the name ends the line, a blank before it */
		if (addr[i] || line.n <= len[i] || line.s[line.n - len[i] - 1] != ' ' ||
		    memcmp(line.s + line.n - len[i], names[i], len[i]))
			continue;
		if (parse_line(line.s, line.s + line.n, &l) && !l.module_len && l.name_len == len[i])
			addr[i] = l.addr;
	}
}

void drvmem_kallsyms_lookup(const char *text, size_t len, const char *const names[], size_t n,
			    uint64_t *ret)
{
	struct drvmem_span rest = { text, len }, line;
	size_t i, lens[MAX_WANTED];

	memset(ret, 0, n * sizeof(*ret));
	if (n > MAX_WANTED)
		n = MAX_WANTED;
	for (i = 0; i < n; i++)
		lens[i] = strlen(names[i]);
	while (drvmem_span__line(&rest, &line))
		match_wanted(line, names, lens, n, ret);
}

void drvmem_symtab__format(const struct drvmem_symtab *t, uint64_t addr, bool with_module,
			   char *buf, size_t size)
{
	const struct drvmem_sym *s = drvmem_symtab__find(t, addr);

	if (!s)
		snprintf(buf, size, "0x%" PRIx64, addr);
	else if (s->module && with_module)
		snprintf(buf, size, "%s+0x%" PRIx64 " [%s]", s->name, addr - s->addr, s->module);
	else
		snprintf(buf, size, "%s+0x%" PRIx64, s->name, addr - s->addr);
}
