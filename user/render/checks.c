// SPDX-License-Identifier: GPL-2.0-or-later
#include <inttypes.h>
#include <string.h>

#include "render/checks.h"

#define SHOWN	10u	/* of each; json holds all */

static bool is_named(const struct drvmem_verify *k, const struct drvmem_kreport *r)
{
	return r->kind != DRVMEM_KREPORT_INJECTED && k->named_as && drvmem_kreport__names(r, k->named_as);
}

static const struct drvmem_kreports *log_of(const struct drvmem_verify *k)
{
	return k->checks ? k->checks->log : NULL;
}

/* "KFENCE: use-after-free read in func+0x12 [mod]" */
static void put_report(const struct drvmem_verify *k, const struct drvmem_kreport *r,
		       const struct drvmem_text_opts *o, FILE *out)
{
	const char *frame = drvmem_kreport__frame_of(r, k->named_as);

	fprintf(out, "  %s: ", drvmem_kreport_kind__name(r->kind));
	drvmem_text__put(r->what, o, out);
	if (r->where[0]) {
		fputs(" in ", out);
		drvmem_text__put(r->where, o, out);
	}
	/* the title names who stumbled over it, or a cache: the stacks may say more */
	if (frame && strcmp(frame, r->where)) {
		fputs("; its stacks name ", out);
		drvmem_text__put(frame, o, out);
	}
	if (r->count > 1)
		fprintf(out, " (%" PRIu64 " times)", r->count);
	if (r->mixed)
		fputs("; printed line by line with another's, so its stacks may be that one's", out);
	putc('\n', out);
}

void drvmem_text__errors(const struct drvmem_verify *k, const struct drvmem_text_opts *o, FILE *out)
{
	const struct drvmem_kreports *log = log_of(k);
	uint32_t i, n = 0;

	if (k->named) {
		fprintf(out, "the kernel reported %" PRIu64 " memory error%s in the use of ", k->named,
			k->named == 1 ? "" : "s");
		drvmem_text__put(k->named_as, o, out);
		fputs(":\n", out);
	}
	for (i = 0; log && i < log->n && n < SHOWN; i++) {
		if (!is_named(k, &log->v[i]))
			continue;
		put_report(k, &log->v[i], o, out);
		n++;
	}
	if (k->others)
		fprintf(out, "the kernel reported %" PRIu64 " memory error%s that %s not name it: dmesg tells\n", k->others,
			k->others == 1 ? "" : "s", k->others == 1 ? "does" : "do");
	if (log && log->lost_records)
		fprintf(out, "%" PRIu64 " records of the kernel's log were overwritten unread: reports may be among them\n",
			log->lost_records);
	if (k->checks && !log)
		fprintf(out, "the kernel's log cannot be read (%s): memory errors that it reports are not told\n",
			drvmem_errno_name(k->checks->log_error));
}

void drvmem_text__injected(const struct drvmem_verify *k, const struct drvmem_text_opts *o, FILE *out)
{
	const struct drvmem_kreports *log = log_of(k);
	const struct drvmem_kreport *r;
	const char *frame;
	uint32_t i, n = 0;

	if (!k->checks || !k->checks->faults || !log)
		return;
	fprintf(out, "\nfailures injected: %" PRIu64 ", into %" PRIu32 " load%s\n", log->total[DRVMEM_KREPORT_INJECTED],
		k->checks->aimed, k->checks->aimed == 1 ? "" : "s");
	for (i = 0; i < log->n && n < SHOWN; i++) {
		r = &log->v[i];
		if (r->kind != DRVMEM_KREPORT_INJECTED)
			continue;
		frame = drvmem_kreport__frame_of(r, k->named_as);
		fprintf(out, "%8" PRIu64 "  ", r->count);
		drvmem_text__put(r->what, o, out);
		fputs("  ", out);
		drvmem_text__put(frame ? frame : "?", o, out);
		putc('\n', out);
		n++;
	}
	if (!k->checks->aimed)
		fputs("no load was there when they could be switched on: within 20 ms of it, as a rule\n", out);
}

static void put_frames(struct drvmem_json *w, const struct drvmem_kreport *r)
{
	uint32_t i;

	drvmem_json__key(w, "frames");
	drvmem_json__begin_array(w);
	for (i = 0; i < r->nr_frames; i++)
		drvmem_json__str(w, r->frame[i]);
	drvmem_json__end_array(w);
}

static void put_json_report(struct drvmem_json *w, const struct drvmem_verify *k, const struct drvmem_kreport *r)
{
	bool injected = r->kind == DRVMEM_KREPORT_INJECTED;
	uint32_t i;

	drvmem_json__begin_object(w);
	drvmem_json__kv_str(w, "by", injected ? r->what : drvmem_kreport_kind__name(r->kind));
	drvmem_json__kv_u64(w, "count", r->count);
	drvmem_json__kv_str(w, "module_frame", k->named_as ? drvmem_kreport__frame_of(r, k->named_as) : NULL);
	if (!injected) {
		drvmem_json__kv_str(w, "what", r->what);
		drvmem_json__kv_str(w, "where", r->where[0] ? r->where : NULL);
		drvmem_json__kv_bool(w, "names_module", is_named(k, r));
		drvmem_json__kv_bool(w, "mixed", r->mixed);
		drvmem_json__key(w, "modules");
		drvmem_json__begin_array(w);
		for (i = 0; i < r->nr_modules; i++)
			drvmem_json__str(w, r->module[i]);
		drvmem_json__end_array(w);
	}
	put_frames(w, r);
	drvmem_json__end_object(w);
}

static void put_reports(struct drvmem_json *w, const struct drvmem_verify *k, const char *key, bool injected)
{
	const struct drvmem_kreports *log = log_of(k);
	uint32_t i;

	drvmem_json__key(w, key);
	drvmem_json__begin_array(w);
	for (i = 0; i < log->n; i++)
		if ((log->v[i].kind == DRVMEM_KREPORT_INJECTED) == injected)
			put_json_report(w, k, &log->v[i]);
	drvmem_json__end_array(w);
}

static void put_errors(struct drvmem_json *w, const struct drvmem_verify *k)
{
	const struct drvmem_kreports *log = log_of(k);

	if (!log) {
		drvmem_json__kv_missing(w, "memory_errors", k->checks ? "the kernel's log cannot be read" :
					"the kernel's log was not read");
		return;
	}
	drvmem_json__key(w, "memory_errors");
	drvmem_json__begin_object(w);
	drvmem_json__kv_u64(w, "named", k->named);
	drvmem_json__kv_u64(w, "others", k->others);
	drvmem_json__kv_u64(w, "lost_records", log->lost_records);
	put_reports(w, k, "reports", false);
	drvmem_json__end_object(w);
}

void drvmem_json__checks(struct drvmem_json *w, const struct drvmem_verify *k)
{
	const struct drvmem_kreports *log = log_of(k);

	put_errors(w, k);
	if (k->checks && k->checks->kfence_ms)
		drvmem_json__kv_u64(w, "kfence_interval_ms", k->checks->kfence_ms);
	else
		drvmem_json__kv_missing(w, "kfence_interval_ms", "was left as it is");
	if (!k->checks || !k->checks->faults || !log) {
		drvmem_json__kv_missing(w, "faults", k->checks && k->checks->faults ? "the kernel's log cannot be read" :
					"not asked for");
		return;
	}
	drvmem_json__key(w, "faults");
	drvmem_json__begin_object(w);
	drvmem_json__kv_str(w, "asked", k->checks->faults);
	drvmem_json__kv_u64(w, "loads", k->checks->aimed);
	drvmem_json__kv_u64(w, "injected", log->total[DRVMEM_KREPORT_INJECTED]);
	drvmem_json__kv_u64(w, "lost_records", log->lost_records);
	put_reports(w, k, "stacks", true);
	drvmem_json__end_object(w);
}
