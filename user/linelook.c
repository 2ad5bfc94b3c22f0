// SPDX-License-Identifier: GPL-2.0-or-later
#include "linelook.h"

#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

#include "symbol/lines.h"

bool drvmem_linelook__wanted(const struct drvmem_linelook_opts *o)
{
	return o->lines || o->debuginfod || o->debug_dir;
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

static int look_up(struct drvmem_lines *l, const struct drvmem_scope *v, const struct drvmem_outstanding *k,
		   struct drvmem_places *to)
{
	const struct drvmem_sitesnap *t;
	uint32_t i;
	int r = 0;

	for (i = 0; i < k->nr_sites && !r; i++) {
		t = &v->s->sites[k->site[i].site];
		r = drvmem_lines__add(l, v->s, t->call_site, t->site, t->module, to);
		if (!r)
			r = look_up_stacks(l, v, k->site[i].site, to);
	}
	return r;
}

int drvmem_linelook__outstanding(const struct drvmem_linelook_opts *o, const struct drvmem_scope *v,
				 struct drvmem_outstanding *k, struct drvmem_places **ret,
				 struct drvmem_err *err)
{
	const struct drvmem_debugsearch_opts opts = {
		.root = "", .dir = o->debug_dir, .release = v->s->meta.kernel, .debuginfod = o->debuginfod,
	};
	struct drvmem_places *p = NULL;
	struct drvmem_lines *l = NULL;
	int r = drvmem_lines__new(&opts, &l);

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
	k->places = p;
	*ret = p;
	return 0;
}
