// SPDX-License-Identifier: GPL-2.0-or-later
#include "doctor.h"

#include <inttypes.h>
#include <string.h>

#include "render/json.h"
#include "render/json_writer.h"

static const char *const state_names[] = {
	[DRVMEM_FEAT_YES] = "yes",
	[DRVMEM_FEAT_NO] = "no",
	[DRVMEM_FEAT_DENIED] = "denied",
	[DRVMEM_FEAT_UNKNOWN] = "unknown",
};

static const char *form_name(enum drvmem_slab_form form)
{
	switch (form) {
	case DRVMEM_SLAB_5_10:
		return "5.10";
	case DRVMEM_SLAB_6_1:
		return "6.1 and later";
	case DRVMEM_SLAB_UNKNOWN:
		break;
	}
	return "not known";
}

static const char *lockdown_name(int lockdown)
{
	return lockdown == 2 ? "confidentiality" : lockdown == 1 ? "integrity" : "none";
}

static const char *seccomp_name(int seccomp)
{
	return seccomp == 2 ? "filter" : seccomp == 1 ? "strict" : "off";
}

static const char *or_null(const char *text)
{
	return text && text[0] ? text : NULL;
}

static void put_detail(const char *what, const char *text, const struct drvmem_text_opts *o, FILE *out)
{
	if (!or_null(text))
		return;
	fprintf(out, "%27s %-5s", "", what);
	drvmem_text__put(text, o, out);
	putc('\n', out);
}

/* What could not be tried for lack of rights needs rights, whatever else it may need. */
static const char *remedy_of(const struct drvmem_probe *p, unsigned int feat)
{
	bool no_rights = p->f[DRVMEM_FEAT_BPF].st == DRVMEM_FEAT_DENIED &&
			 p->f[feat].st == DRVMEM_FEAT_UNKNOWN;

	return drvmem_feat_descs[no_rights ? DRVMEM_FEAT_BPF : feat].remedy;
}

static void put_feature(const struct drvmem_probe *p, unsigned int feat,
			const struct drvmem_text_opts *o, FILE *out)
{
	const struct drvmem_feat_desc *d = &drvmem_feat_descs[feat];
	const struct drvmem_feat_result *f = &p->f[feat];

	fprintf(out, "%-8s %-17s %s\n", state_names[f->st], d->name, d->what);
	if (f->st == DRVMEM_FEAT_YES)
		return;
	put_detail("why", f->why, o, out);
	put_detail("cost", d->cost, o, out);
	put_detail("fix", remedy_of(p, feat), o, out);
}

static void put_machine(const struct drvmem_probe *p, const struct drvmem_text_opts *o, FILE *out)
{
	fputs("kernel    ", out);
	drvmem_text__put(p->kernel, o, out);
	putc(' ', out);
	drvmem_text__put(p->arch, o, out);
	fprintf(out, ", %" PRIu32 " CPUs", p->nr_cpus);
	putc('\n', out);
	fprintf(out, "form      slab tracepoints as of %s\n", form_name(p->form));
	fprintf(out, "confined  container %s, user namespace %s, seccomp %s, lockdown %s\n",
		p->in_container ? "yes" : "no", p->in_userns ? "yes" : "no",
		seccomp_name(p->seccomp), lockdown_name(p->lockdown));
	fprintf(out, "checkers  KFENCE ");
	if (p->kfence_ms > 0)
		fprintf(out, "every %" PRId64 " ms", p->kfence_ms);
	else
		fputs(!p->kfence_ms ? "off" : p->kfence_ms == -1 ? "not built in" : "unreadable", out);
	fprintf(out, ", KASAN %s, SLUB checks %" PRIu32 " caches\n", state_names[p->f[DRVMEM_FEAT_KASAN].st],
		p->slub_caches);
	fprintf(out, "rights    effective capabilities %#" PRIx64 ", kptr_restrict ",
		p->caps_effective);
	if (p->kptr_restrict < 0)
		fputs("unreadable\n\n", out);
	else
		fprintf(out, "%d\n\n", p->kptr_restrict);
}

void drvmem_doctor__text(const struct drvmem_probe *p, const struct drvmem_err *err,
			 const struct drvmem_text_opts *o, FILE *out)
{
	unsigned int i, missing = 0;

	put_machine(p, o, out);
	for (i = 0; i < DRVMEM_NR_FEATS; i++) {
		if (!drvmem_feat_descs[i].name)
			continue;
		put_feature(p, i, o, out);
		missing += p->f[i].st != DRVMEM_FEAT_YES;
	}
	if (!err->code) {
		fprintf(out, "\ntracing works here, %u of the features above are missing\n", missing);
		return;
	}
	fputs("\ntracing does not work here: ", out);
	drvmem_text__put(err->what, o, out);
	putc('\n', out);
}

static void put_json_machine(struct drvmem_json *w, const struct drvmem_probe *p)
{
	drvmem_json__key(w, "machine");
	drvmem_json__begin_object(w);
	drvmem_json__kv_str(w, "kernel", p->kernel);
	drvmem_json__kv_str(w, "arch", p->arch);
	drvmem_json__kv_u64(w, "nr_cpus", p->nr_cpus);
	drvmem_json__kv_str(w, "slab_form", form_name(p->form));
	drvmem_json__kv_bool(w, "container", p->in_container);
	drvmem_json__kv_bool(w, "user_namespace", p->in_userns);
	drvmem_json__kv_str(w, "seccomp", seccomp_name(p->seccomp));
	drvmem_json__kv_str(w, "lockdown", lockdown_name(p->lockdown));
	if (p->kptr_restrict < 0)
		drvmem_json__kv_missing(w, "kptr_restrict", "cannot be read");
	else
		drvmem_json__kv_i64(w, "kptr_restrict", p->kptr_restrict);
	drvmem_json__kv_u64(w, "caps_effective", p->caps_effective);
	if (p->kfence_ms < 0)
		drvmem_json__kv_missing(w, "kfence_interval_ms", p->kfence_ms == -1 ? "no KFENCE" : "cannot be read");
	else
		drvmem_json__kv_i64(w, "kfence_interval_ms", p->kfence_ms);
	drvmem_json__kv_u64(w, "slub_checked_caches", p->slub_caches);
	drvmem_json__end_object(w);
}

static void put_json_feature(struct drvmem_json *w, const struct drvmem_probe *p, unsigned int feat)
{
	const struct drvmem_feat_desc *d = &drvmem_feat_descs[feat];
	const struct drvmem_feat_result *f = &p->f[feat];
	bool yes = f->st == DRVMEM_FEAT_YES;

	drvmem_json__begin_object(w);
	drvmem_json__kv_str(w, "name", d->name);
	drvmem_json__kv_str(w, "state", state_names[f->st]);
	drvmem_json__kv_str(w, "what", d->what);
	drvmem_json__kv_str(w, "why", yes ? NULL : or_null(f->why));
	drvmem_json__kv_str(w, "cost", yes ? NULL : or_null(d->cost));
	drvmem_json__kv_str(w, "remedy", yes ? NULL : or_null(remedy_of(p, feat)));
	drvmem_json__end_object(w);
}

void drvmem_doctor__json(const struct drvmem_probe *p, const struct drvmem_err *err, FILE *out)
{
	struct drvmem_json w;
	unsigned int i;

	drvmem_json__init(&w, out);
	drvmem_json__begin_object(&w);
	drvmem_json__kv_u64(&w, "schema_version", DRVMEM_JSON_SCHEMA_VERSION);
	drvmem_json__kv_bool(&w, "can_trace", !err->code);
	drvmem_json__kv_str(&w, "error", err->code ? err->what : NULL);
	drvmem_json__kv_str(&w, "remedy", err->code ? or_null(err->remedy) : NULL);
	put_json_machine(&w, p);
	drvmem_json__key(&w, "features");
	drvmem_json__begin_array(&w);
	for (i = 0; i < DRVMEM_NR_FEATS; i++)
		if (drvmem_feat_descs[i].name)
			put_json_feature(&w, p, i);
	drvmem_json__end_array(&w);
	drvmem_json__end_object(&w);
	putc('\n', out);
}
