// SPDX-License-Identifier: GPL-2.0-or-later
#include "linelook.h"

#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

#include "symbol/lines.h"

bool drvmem_linelook__wanted(const struct drvmem_linelook_opts *o)
{
	return o->lines || o->debuginfod || o->debug_dir || o->vmlinux;
}

static int refuse_dir(const char *dir, int code, struct drvmem_err *err)
{
	drvmem_err__set(err, code, DRVMEM_EXIT_USAGE, "cannot read --debug-dir '%s' (%s)", dir,
			drvmem_errno_name(code));
	drvmem_err__remedy(err, "name a directory with .ko files or their debug files, or one such file");
	return code;
}

int drvmem_linelook__check(const struct drvmem_linelook_opts *o, struct drvmem_err *err)
{
	struct stat st;

	if (!drvmem_linelook__wanted(o))
		return 0;
	if (!drvmem_lines__supported()) {
		drvmem_err__set(err, -ENOTSUP, DRVMEM_EXIT_CANNOT_RUN,
				"file and line need libdw, and this drvmem was built without it");
		drvmem_err__remedy(err, "build it again with elfutils' headers (Debian: apt-get install libdw-dev), "
					"or leave --lines out: sites are shown as symbol+offset");
		return -ENOTSUP;
	}
	if (o->debug_dir && (stat(o->debug_dir, &st) ||
			     access(o->debug_dir, S_ISDIR(st.st_mode) ? R_OK | X_OK : R_OK)))
		return refuse_dir(o->debug_dir, -errno, err);
	if (o->vmlinux && access(o->vmlinux, R_OK)) {
		drvmem_err__set(err, -errno, DRVMEM_EXIT_USAGE, "cannot read --vmlinux '%s' (%s)", o->vmlinux,
				drvmem_errno_name(-errno));
		drvmem_err__remedy(err, "name a vmlinux with debug information, as the build or a debug package has it");
		return err->code;
	}
	return 0;
}

static int look_up_stacks(struct drvmem_lines *l, const struct drvmem_scope *v, uint32_t site,
			  struct drvmem_places *to)
{
	const struct drvmem_stacksnap *k;
	uint32_t first, nr, i, j;
	int r = 0;

	drvmem_scope__stacks(v, site, &first, &nr);
	for (i = 0; i < nr && !r; i++) {
		k = &v->s->stacks[v->stacks[first + i]];
		for (j = 0; j < k->nr && !r; j++)
			r = drvmem_lines__add(l, v->s, k->ip[j], k->frame[j], NULL, to);
	}
	return r;
}

static int look_up_site(struct drvmem_lines *l, const struct drvmem_scope *v, uint32_t site, struct drvmem_places *to)
{
	const struct drvmem_sitesnap *t = &v->s->sites[site];
	int r = drvmem_lines__add(l, v->s, t->call_site, t->site, t->module, to);

	return r ? r : look_up_stacks(l, v, site, to);
}

/* k NULL: of all sites. */
static int look_up(struct drvmem_lines *l, const struct drvmem_scope *v, const struct drvmem_outstanding *k,
		   struct drvmem_places *to)
{
	uint32_t i, n = k ? k->nr_sites : v->nr_kept;
	int r = 0;

	for (i = 0; i < n && !r; i++)
		r = look_up_site(l, v, k ? k->site[i].site : v->by_owner[i], to);
	return r;
}

/* Without addresses nothing says where in the sources a site is. */
static int check_addresses(const struct drvmem_scope *v, struct drvmem_err *err)
{
	uint32_t i;

	for (i = 0; i < v->nr_kept; i++)
		if (v->s->sites[v->by_owner[i]].call_site)
			return 0;
	if (!v->nr_kept)
		return 0;
	drvmem_err__set(err, -ENODATA, DRVMEM_EXIT_USAGE, "the session has no addresses of its call sites to look up");
	drvmem_err__remedy(err, "record without --redact, or leave --lines out");
	return -ENODATA;
}

static int look(const struct drvmem_linelook_opts *o, bool recorded, const struct drvmem_scope *v,
		const struct drvmem_outstanding *k, struct drvmem_places **ret, struct drvmem_err *err)
{
	const struct drvmem_debugsearch_opts opts = {
		.root = "", .dir = o->debug_dir, .vmlinux = o->vmlinux, .release = v->s->meta.kernel,
		.debuginfod = o->debuginfod, .elsewhere = recorded,
	};
	struct drvmem_places *p = NULL;
	struct drvmem_lines *l = NULL;
	int r = recorded ? check_addresses(v, err) : 0;

	if (r)
		return r;
	r = drvmem_lines__new(&opts, &l);
	if (r && r != -ENOMEM)
		return refuse_dir(o->debug_dir, r, err);
	if (!r)
		p = drvmem_places__new();
	if (!r)
		r = p ? look_up(l, v, k, p) : -ENOMEM;
	drvmem_lines__free(l);
	if (r) {
		drvmem_places__free(p);
		return drvmem_err__set(err, r, DRVMEM_EXIT_INTERNAL, "out of memory");
	}
	*ret = p;
	return 0;
}

int drvmem_linelook__outstanding(const struct drvmem_linelook_opts *o, bool recorded, const struct drvmem_scope *v,
				 struct drvmem_outstanding *k, struct drvmem_places **ret,
				 struct drvmem_err *err)
{
	int r = look(o, recorded, v, k, ret, err);

	if (!r)
		k->places = *ret;
	return r;
}

int drvmem_linelook__scope(const struct drvmem_linelook_opts *o, bool recorded, struct drvmem_scope *v,
			   struct drvmem_err *err)
{
	return drvmem_linelook__wanted(o) ? look(o, recorded, v, NULL, &v->places, err) : 0;
}
