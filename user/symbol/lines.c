// SPDX-License-Identifier: GPL-2.0-or-later
#include "symbol/lines.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "base/table.h"
#include "base/text.h"
#include "base/vec.h"

#define SECTION_LEN 64u
#define SYMBOL_LEN 256u

/* Where a section of a loaded module is, and where its file has it. */
struct section {
	uint64_t at, file, size;
};

/* The kernel, or one build of a module. */
struct image {
	char *name;
	char build_id[41];
	struct drvmem_debugfile *file;	/* NULL = has no lines here */
	uint64_t stext;			/* of the kernel's file */
	DRVMEM_VEC(struct section) sections;
};

struct drvmem_lines {
	char *root;
	bool elsewhere;
	struct drvmem_debugsearch *search;
	DRVMEM_VEC(struct image *) images;
	struct drvmem_table done;	/* by address: was looked up */
};

/* "name+0x1f [module]". */
struct symbol {
	char name[SYMBOL_LEN], module[DRVMEM_NAME_LEN + 1];	/* module "" = it does not say */
	uint64_t offset;
	bool known;
};

bool drvmem_lines__supported(void)
{
	return drvmem_debugfile__supported();
}

int drvmem_lines__new(const struct drvmem_debugsearch_opts *opts, struct drvmem_lines **ret)
{
	struct drvmem_lines *l = calloc(1, sizeof(*l));
	int r;

	if (!l)
		return -ENOMEM;
	l->root = strdup(opts->root);
	l->elsewhere = opts->elsewhere;
	r = l->root ? drvmem_debugsearch__new(opts, &l->search) : -ENOMEM;
	if (r) {
		drvmem_lines__free(l);
		return r;
	}
	*ret = l;
	return 0;
}

static void free_image(struct image *g)
{
	drvmem_debugfile__free(g->file);
	drvmem_vec__deinit(&g->sections);
	free(g->name);
	free(g);
}

void drvmem_lines__free(struct drvmem_lines *l)
{
	size_t i;

	if (!l)
		return;
	for (i = 0; i < l->images.n; i++)
		free_image(l->images.v[i]);
	drvmem_vec__deinit(&l->images);
	drvmem_table__deinit(&l->done);
	drvmem_debugsearch__free(l->search);
	free(l->root);
	free(l);
}

static struct symbol parse_symbol(const char *text)
{
	struct drvmem_span rest = { text, text ? strlen(text) : 0 }, name, module;
	struct symbol s = {};
	const char *plus;

	if (!drvmem_span__word(&rest, &name))
		return s;
	if (drvmem_span__word(&rest, &module) && module.n > 2 && *module.s == '[' &&
	    drvmem_span__copy((struct drvmem_span){ module.s + 1, module.n - 2 }, s.module, sizeof(s.module)))
		s.module[0] = 0;
	plus = memrchr(name.s, '+', name.n);
	if (!plus || *name.s == '[')	/* "[module]+0x12": no symbol */
		return s;
	s.known = !drvmem_span__copy((struct drvmem_span){ name.s, (size_t)(plus - name.s) }, s.name,
				     sizeof(s.name)) &&
		  !drvmem_span__hex((struct drvmem_span){ plus + 1, name.n - (size_t)(plus + 1 - name.s) },
				    &s.offset) && s.offset;
	return s;
}

static bool covers(const struct drvmem_instance *i, uint64_t addr)
{
	return i->type == DRVMEM_OWNER_MODULE && addr >= i->text_lo && addr < i->text_hi;
}

/*
 * The module at addr. NULL when there is none; *ret_several: different builds, or modules, were there
 * in this session, and nobody can tell. Text that only ran at load is in no range: then by name.
 */
static const struct drvmem_instance *find_instance(const struct drvmem_snapshot *s, uint64_t addr,
						   const char *module, bool *ret_several)
{
	const struct drvmem_instance *in, *best = NULL;
	bool by_range = false;
	uint32_t i;

	*ret_several = false;
	for (i = DRVMEM_MOD_FIRST; i < s->nr_instances; i++)
		by_range |= covers(&s->instances[i], addr);
	for (i = DRVMEM_MOD_FIRST; i < s->nr_instances; i++) {
		in = &s->instances[i];
		if (in->type != DRVMEM_OWNER_MODULE || (by_range && !covers(in, addr)) ||
		    (module && strcmp(module, in->name)) || (!by_range && !module))
			continue;
		*ret_several |= best && (strcmp(best->name, in->name) || strcmp(best->build_id, in->build_id));
		best = in;
	}
	return best;
}

static int add_section(struct image *g, const char *dir, const char *name)
{
	_cleanup_free_ char *text = NULL;
	char path[PATH_MAX];
	struct section s;
	size_t len;
	int n;

	n = snprintf(path, sizeof(path), "%s/%s", dir, name);
	if (n < 0 || (size_t)n >= sizeof(path) || drvmem_file__read(path, DRVMEM_FILE_SMALL, &text, &len))
		return 0;
	if (drvmem_span__hex(drvmem_span__trim((struct drvmem_span){ text, strcspn(text, "\n") }), &s.at) ||
	    !s.at || drvmem_debugfile__section(g->file, name, &s.file, &s.size))
		return 0;
	return drvmem_vec__push(&g->sections, s);
}

/* Addresses that are hidden, or of a module that has gone, leave no sections. */
static int read_sections(const struct drvmem_lines *l, struct image *g)
{
	_cleanup_closedir_ DIR *h = NULL;
	char dir[PATH_MAX];
	struct dirent *e;
	int r = 0, n;

	n = snprintf(dir, sizeof(dir), "%s/sys/module/%s/sections", l->root, g->name);
	if (l->elsewhere || n < 0 || (size_t)n >= sizeof(dir))
		return 0;
	h = opendir(dir);
	while (h && !r && (e = readdir(h)))
		if (strstr(e->d_name, "text"))
			r = add_section(g, dir, e->d_name);
	return r;
}

/* Takes what the image needs of its file; tells `to` what became of it. */
static int open_image(struct drvmem_lines *l, struct image *g, struct drvmem_places *to)
{
	_cleanup_strbuf_ struct drvmem_strbuf path = {}, why = {};
	uint64_t size;
	int r = -ENOENT;

	if (!g->build_id[0])
		drvmem_strbuf__printf(&why, "%s has no build id: nothing tells which debug file is its", g->name);
	else
		r = drvmem_debugsearch__find(l->search, g->name, g->build_id, &g->file, &path, &why);
	if (!r && strcmp(g->name, DRVMEM_DEBUG_KERNEL)) {
		r = read_sections(l, g);
	} else if (!r && drvmem_debugfile__symbol(g->file, "_stext", &g->stext, &size)) {
		drvmem_strbuf__printf(&why, "debug file %s has no symbol _stext", drvmem_strbuf__str(&path));
		drvmem_debugfile__free(g->file);
		g->file = NULL;
	}
	if ((r && r != -ENOENT) || drvmem_strbuf__error(&why))
		return -ENOMEM;
	return drvmem_places__used(to, g->name, g->build_id, g->file ? drvmem_strbuf__str(&path) : NULL,
				   g->file ? NULL : drvmem_strbuf__str(&why));
}

static int image_of(struct drvmem_lines *l, const char *name, const char *build_id, struct drvmem_places *to,
		    struct image **ret)
{
	struct image *g;
	size_t i;

	for (i = 0; i < l->images.n; i++) {
		g = l->images.v[i];
		if (!strcmp(g->name, name) && !strcmp(g->build_id, build_id)) {
			*ret = g;
			return 0;
		}
	}
	g = calloc(1, sizeof(*g));
	if (!g)
		return -ENOMEM;
	snprintf(g->build_id, sizeof(g->build_id), "%s", build_id);
	g->name = strdup(name);
	if (!g->name || drvmem_vec__push(&l->images, g)) {
		free_image(g);
		return -ENOMEM;
	}
	*ret = g;
	return open_image(l, g, to);
}

static bool by_section(const struct image *g, uint64_t addr, uint64_t *ret)
{
	size_t i;

	for (i = 0; i < g->sections.n; i++) {
		if (addr < g->sections.v[i].at || addr - g->sections.v[i].at >= g->sections.v[i].size)
			continue;
		*ret = g->sections.v[i].file + (addr - g->sections.v[i].at);
		return true;
	}
	return false;
}

static bool by_symbol(const struct image *g, const struct symbol *sym, uint64_t *ret)
{
	uint64_t at, size;

	if (!sym->known || drvmem_debugfile__symbol(g->file, sym->name, &at, &size) ||
	    (size && sym->offset > size))
		return false;
	*ret = at + sym->offset - 1;
	return true;
}

/* The address in the file of image g. in: the module's instance, NULL for the kernel. */
static bool to_file(const struct image *g, const struct drvmem_snapshot *s, const struct drvmem_instance *in,
		    const struct symbol *sym, uint64_t addr, uint64_t *ret)
{
	if (!in && s->meta.stext && addr >= s->meta.stext) {
		*ret = g->stext + (addr - s->meta.stext);
		return true;
	}
	/* sections are those of the instance that is there now */
	if (in && !in->unloaded && covers(in, addr) && by_section(g, addr, ret))
		return true;
	return by_symbol(g, sym, ret);
}

static int look_up(struct drvmem_lines *l, const struct drvmem_snapshot *s, uint64_t ip,
		   const struct symbol *sym, const char *module, struct drvmem_places *to)
{
	struct drvmem_place place[DRVMEM_PLACES_INLINES];
	const struct drvmem_instance *in;
	uint64_t addr = ip - 1, at;
	struct image *g;
	bool several;
	uint32_t n;
	int r;

	in = find_instance(s, addr, module, &several);
	/* a symbol of no module is the kernel's; without one nothing is known but what the ranges say */
	if (several || (!in && (module || !sym->known)) || (in && !module && sym->known))
		return 0;
	if (in)
		r = image_of(l, in->name, in->build_id, to, &g);
	else
		r = image_of(l, DRVMEM_DEBUG_KERNEL, s->meta.build_id, to, &g);
	if (r || !g->file || !to_file(g, s, in, sym, addr, &at))
		return r;
	n = drvmem_debugfile__places(g->file, at, place);
	return n ? drvmem_places__add(to, ip, place, n) : 0;
}

int drvmem_lines__add(struct drvmem_lines *l, const struct drvmem_snapshot *s, uint64_t ip,
		      const char *symbol, const char *module, struct drvmem_places *to)
{
	struct symbol sym = parse_symbol(symbol);
	int r;

	if (!ip || drvmem_table__get(&l->done, ip, NULL))
		return 0;
	r = drvmem_table__put(&l->done, ip, 1);
	if (r)
		return r;
	return look_up(l, s, ip, &sym, sym.module[0] ? sym.module : module, to);
}
