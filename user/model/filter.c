// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/glob.h"
#include "model/filter.h"
#include "model/owners.h"

#define NAME_MAX_LEN	256

static bool fits(const char *glob, const char *text)
{
	return text && drvmem_glob__match(glob, text);
}

/* Module names: '-' and '_' are alike, as in the kernel. */
static bool fits_module(const char *glob, const char *text)
{
	return text && drvmem_glob__match_module(glob, text);
}

static bool owner_fits(const char *glob, const struct drvmem_snapshot *s, const char *const *names,
		       uint32_t owner)
{
	return fits_module(glob, s->instances[owner].name) || fits_module(glob, names[owner]);
}

static bool site_owner_fits(const char *glob, const struct drvmem_snapshot *s,
			    const char *const *names, const struct drvmem_sitesnap *site)
{
	char part[NAME_MAX_LEN];

	if (site->owner >= s->nr_instances)
		return false;
	if (owner_fits(glob, s, names, site->owner))
		return true;
	if (!site->component)
		return false;
	snprintf(part, sizeof(part), "%s:%s", names[site->owner], site->component);
	return fits(glob, part);
}

/* Any of the comma separated names. */
static bool alias_fits(const char *glob, const char *aliases)
{
	char one[NAME_MAX_LEN];
	size_t len;

	while (aliases && *aliases) {
		len = strcspn(aliases, ",");
		snprintf(one, sizeof(one), "%.*s", (int)len, aliases);
		if (fits(glob, one))
			return true;
		aliases += len;
		aliases += strspn(aliases, ", ");
	}
	return false;
}

static bool cache_fits(const char *glob, const struct drvmem_snapshot *s, uint32_t cache)
{
	if (cache >= s->nr_caches)
		return false;
	return fits(glob, s->caches[cache].name) || alias_fits(glob, s->caches[cache].aliases);
}

static bool symbol_fits(const char *glob, const struct drvmem_sitesnap *site)
{
	char name[NAME_MAX_LEN];

	if (!site->site)
		return false;
	snprintf(name, sizeof(name), "%.*s", (int)strcspn(site->site, "+"), site->site);
	return fits(glob, site->site) || fits(glob, name);
}

static bool empty(const struct drvmem_strlist *l)
{
	return !l || !l->n;
}

static bool any_owner(const struct drvmem_strlist *l, const struct drvmem_snapshot *s,
		      const char *const *names, const struct drvmem_sitesnap *site)
{
	uint32_t i;

	for (i = 0; i < l->n; i++)
		if (site_owner_fits(l->v[i], s, names, site))
			return true;
	return false;
}

static bool any_cache(const struct drvmem_strlist *l, const struct drvmem_snapshot *s,
		      const struct drvmem_sitesnap *site)
{
	uint32_t i;

	for (i = 0; i < l->n; i++)
		if (cache_fits(l->v[i], s, site->cache))
			return true;
	return false;
}

static bool any_symbol(const struct drvmem_strlist *l, const struct drvmem_sitesnap *site)
{
	uint32_t i;

	for (i = 0; i < l->n; i++)
		if (symbol_fits(l->v[i], site))
			return true;
	return false;
}

static bool wanted(const struct drvmem_filter *f, const struct drvmem_snapshot *s,
		   const char *const *names, const struct drvmem_sitesnap *site)
{
	return (empty(f->owners) || any_owner(f->owners, s, names, site)) &&
	       (empty(f->caches) || any_cache(f->caches, s, site)) &&
	       (empty(f->sites) || any_symbol(f->sites, site));
}

int drvmem_filter__apply(const struct drvmem_filter *f, const struct drvmem_snapshot *s, bool **ret)
{
	bool *keep = malloc(s->nr_sites ? s->nr_sites : 1);
	struct drvmem_arena *a = drvmem_arena__new();
	const char **names = NULL;
	uint32_t i;
	int err;

	err = keep && a ? drvmem_owner_names(s, a, &names) : -ENOMEM;
	if (!err) {
		for (i = 0; i < s->nr_sites; i++)
			keep[i] = !f || wanted(f, s, names, &s->sites[i]);
		*ret = keep;
		keep = NULL;
	}
	free(names);
	drvmem_arena__free(a);
	free(keep);
	return err;
}

static bool owner_known(const char *glob, const struct drvmem_snapshot *s, const char *const *names)
{
	uint32_t i;

	for (i = 0; i < s->nr_instances; i++)
		if (owner_fits(glob, s, names, i))
			return true;
	for (i = 0; i < s->nr_sites; i++)
		if (site_owner_fits(glob, s, names, &s->sites[i]))
			return true;
	return false;
}

static bool cache_known(const char *glob, const struct drvmem_snapshot *s)
{
	uint32_t i;

	for (i = 0; i < s->nr_caches; i++)
		if (cache_fits(glob, s, i))
			return true;
	return false;
}

static bool symbol_known(const char *glob, const struct drvmem_snapshot *s)
{
	uint32_t i;

	for (i = 0; i < s->nr_sites; i++)
		if (symbol_fits(glob, &s->sites[i]))
			return true;
	return false;
}

static int report_unknown(struct drvmem_err *err, const char *what, const char *glob,
			  const char *remedy)
{
	drvmem_err__set(err, -ENOENT, DRVMEM_EXIT_USAGE, "no %s matches '%s'", what, glob);
	drvmem_err__remedy(err, "%s", remedy);
	return -ENOENT;
}

static int check_lists(const struct drvmem_filter *f, const struct drvmem_snapshot *s,
		       const char *const *names, struct drvmem_err *err)
{
	uint32_t i;

	for (i = 0; f->owners && i < f->owners->n; i++)
		if (!owner_known(f->owners->v[i], s, names))
			return report_unknown(err, "owner", f->owners->v[i],
					      "run without -m to see the owners; a module counts once it is loaded "
					      "(lsmod), built-in code is 'kernel' or 'kernel:COMPONENT'");
	for (i = 0; f->caches && i < f->caches->n; i++)
		if (!cache_known(f->caches->v[i], s))
			return report_unknown(err, "cache", f->caches->v[i],
					      "run with --by cache to see the caches in use");
	for (i = 0; f->sites && i < f->sites->n; i++)
		if (!symbol_known(f->sites->v[i], s))
			return report_unknown(err, "call site", f->sites->v[i],
					      "run with --by site to see the sites that allocated");
	return 0;
}

static int check_patterns(const char *what, const struct drvmem_strlist *l, struct drvmem_err *err)
{
	uint32_t i;

	for (i = 0; l && i < l->n; i++) {
		if (!drvmem_glob__check(l->v[i]))
			continue;
		drvmem_err__set(err, -EINVAL, DRVMEM_EXIT_USAGE, "'%s' is not a pattern for %s",
				l->v[i], what);
		drvmem_err__remedy(err, "a pattern is a name with * ? [abc]; quote it for the shell: "
					"'e1000*'");
		return -EINVAL;
	}
	return 0;
}

int drvmem_filter__parse_check(const struct drvmem_filter *f, struct drvmem_err *err)
{
	int ret = check_patterns("owners", f->owners, err);

	if (!ret)
		ret = check_patterns("caches", f->caches, err);
	return ret ? ret : check_patterns("sites", f->sites, err);
}

int drvmem_filter__check(const struct drvmem_filter *f, const struct drvmem_snapshot *s,
			 struct drvmem_err *err)
{
	struct drvmem_arena *a;
	const char **names = NULL;
	int ret;

	if (!f)
		return 0;
	a = drvmem_arena__new();
	ret = a ? drvmem_owner_names(s, a, &names) : -ENOMEM;
	if (ret)
		drvmem_err__set(err, ret, DRVMEM_EXIT_INTERNAL, "out of memory");
	else
		ret = check_lists(f, s, names, err);
	free(names);
	drvmem_arena__free(a);
	return ret;
}
