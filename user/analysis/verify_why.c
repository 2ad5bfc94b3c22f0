// SPDX-License-Identifier: GPL-2.0-or-later
#include <inttypes.h>
#include <stdio.h>

#include "analysis/verify.h"
#include "base/units.h"

const char *drvmem_verify_verdict__name(enum drvmem_verify_verdict v, bool device)
{
	static const char *const names[] = {
		[DRVMEM_VERIFY_IS_NOT_UNLOADED] = "not unloaded",
		[DRVMEM_VERIFY_IS_CLEAN] = "clean",
		[DRVMEM_VERIFY_IS_CUSTODY] = "in custody",
		[DRVMEM_VERIFY_IS_INCOMPLETE] = "incomplete",
		[DRVMEM_VERIFY_IS_ERROR] = "memory error",
		[DRVMEM_VERIFY_IS_LEAK] = "leak",
	};

	return device && v == DRVMEM_VERIFY_IS_NOT_UNLOADED ? "not unbound" : names[v];
}

const char *drvmem_leftover__name(enum drvmem_leftover_class c)
{
	static const char *const names[] = {
		[DRVMEM_LEFTOVER_LEAK] = "leak",
		[DRVMEM_LEFTOVER_HELD] = "held",
		[DRVMEM_LEFTOVER_CUSTODY] = "in custody",
	};

	return names[c];
}

const char *drvmem_verify__time(const struct drvmem_meta *m, uint64_t when_ns, char *buf, size_t size)
{
	uint64_t ago = m->taken_ns > when_ns ? (m->taken_ns - when_ns) / 1000000000u : 0;
	uint64_t s = m->taken_unix > ago ? (m->taken_unix - ago) % 86400 : 0;

	snprintf(buf, size, "%02u:%02u:%02u UTC", (unsigned int)(s / 3600), (unsigned int)(s / 60 % 60),
		 (unsigned int)(s % 60));
	return buf;
}

static void say_sum(const struct drvmem_verify_sum *m, struct drvmem_strbuf *out)
{
	char bytes[DRVMEM_UNIT_LEN];

	if (m->objects || !m->mappings)
		drvmem_strbuf__printf(out, "%" PRIu64 " object%s, %sB", m->objects, m->objects == 1 ? "" : "s",
				      drvmem_fmt_bytes(m->bytes, bytes, sizeof(bytes)));
	if (m->mappings)
		drvmem_strbuf__printf(out, "%s%" PRIu64 " mapping%s of %sB", m->objects ? " and " : "", m->mappings,
				      m->mappings == 1 ? "" : "s",
				      drvmem_fmt_bytes(m->mapped_bytes, bytes, sizeof(bytes)));
}

static uint64_t taken_of(const struct drvmem_verify_subject *k)
{
	uint64_t n = 0;
	uint32_t i;

	for (i = 0; i < DRVMEM_NR_USES; i++)
		n += k->kind[i].succeeded;
	return n;
}

static void say_left(const struct drvmem_verify *v, const struct drvmem_verify_subject *k,
		     struct drvmem_strbuf *out)
{
	uint64_t left = k->leak.objects + k->leak.mappings;
	char age[DRVMEM_UNIT_LEN];

	say_sum(&k->leak, out);
	drvmem_strbuf__printf(out, " %s left %s after it was %s", left == 1 ? "is" : "are",
			      drvmem_fmt_duration(k->settled_ns, age, sizeof(age)),
			      k->device ? "unbound" : "unloaded");
	if (k->verdict == DRVMEM_VERIFY_IS_LEAK && k->sure < left)
		drvmem_strbuf__printf(out, ", of which %" PRIu64 " may have been freed unseen", left - k->sure);
	if (k->against & DRVMEM_VERIFY_LOST)
		drvmem_strbuf__printf(out, ", but as many frees may be among the %" PRIu64 " events that were lost",
				      v->lost_frees);
	if (k->against & DRVMEM_VERIFY_UNSEEN)
		drvmem_strbuf__append(out, ", but the ends of such objects cannot all be seen here");
}

static void say_loaded(const struct drvmem_verify_subject *k, struct drvmem_strbuf *out)
{
	const struct drvmem_verify_sum live = {
		.objects = k->live_objects > 0 ? (uint64_t)k->live_objects : 0,
		.bytes = k->live_bytes > 0 ? (uint64_t)k->live_bytes : 0,
		.mappings = k->live_mappings > 0 ? (uint64_t)k->live_mappings : 0,
		.mapped_bytes = k->mapped_bytes > 0 ? (uint64_t)k->mapped_bytes : 0,
	};

	drvmem_strbuf__append(out, k->device ? "still bound, and has " : "still loaded, and holds ");
	say_sum(&live, out);
}

/* When that began is known of what began while drvmem did. */
static void say_before(const struct drvmem_verify *v, const struct drvmem_verify_subject *k,
		       struct drvmem_strbuf *out)
{
	uint64_t started = v->s->meta.started_ns;
	char text[DRVMEM_UNIT_LEN];

	drvmem_strbuf__printf(out, "; covered since %s",
			      drvmem_verify__time(&v->s->meta, started, text, sizeof(text)));
	if (k->begun_ns)
		drvmem_strbuf__printf(out, ", %s after it was %s",
				      drvmem_fmt_duration(started - k->begun_ns, text, sizeof(text)),
				      k->device ? "bound" : "loaded");
	drvmem_strbuf__printf(out, ": what it took before is not, %s it while drvmem runs",
			      k->device ? "bind" : "load");
}

static void say_notes(const struct drvmem_verify *v, const struct drvmem_verify_subject *k,
		      struct drvmem_strbuf *out)
{
	char age[DRVMEM_UNIT_LEN];

	if (k->against & DRVMEM_VERIFY_GRACE)
		drvmem_strbuf__printf(out, "; it had less than %s to settle (--grace)",
				      drvmem_fmt_duration_exact(v->grace_ns, age, sizeof(age)));
	if (k->held.objects || k->held.mappings) {
		drvmem_strbuf__append(out, "; its module took ");
		say_sum(&k->held, out);
		drvmem_strbuf__append(out, " meanwhile and has it still, perhaps for itself: its unload will tell");
	}
	if (k->custody.objects && k->verdict != DRVMEM_VERIFY_IS_CUSTODY) {
		drvmem_strbuf__append(out, "; others may hold ");
		say_sum(&k->custody, out);
	}
	if (k->against & DRVMEM_VERIFY_BEFORE)
		say_before(v, k, out);
	if (k->against & DRVMEM_VERIFY_OTHERS)
		drvmem_strbuf__append(out, "; its module drives other devices too: only DMA buffers and DMA mappings are told by device");
	if (k->against & DRVMEM_VERIFY_BUILTIN)
		drvmem_strbuf__append(out, "; its driver is no module that was seen: only DMA buffers and DMA mappings are told");
}

/* Somebody looked, and something holds each of them. */
static bool all_held(const struct drvmem_verify *v, const struct drvmem_verify_subject *k)
{
	uint32_t i;

	for (i = k->first_site; i < k->first_site + k->nr_sites; i++)
		if (v->leftover[i].held != v->leftover[i].objects)
			return false;
	return v->verdicts && v->verdicts->reader;
}

void drvmem_verify__why(const struct drvmem_verify *v, const struct drvmem_verify_subject *k,
			struct drvmem_strbuf *out)
{
	if (!k->ended_ns) {
		say_loaded(k, out);
	} else if (k->leak.objects || k->leak.mappings) {
		say_left(v, k, out);
	} else if (k->verdict == DRVMEM_VERIFY_IS_CUSTODY) {
		say_sum(&k->custody, out);
		drvmem_strbuf__append(out, all_held(v, k) ? " are left, and others hold them" :
				      " are left of kinds that others may hold: that they are forgotten is not proven");
	} else {
		drvmem_strbuf__printf(out, "nothing %sis left of %" PRIu64 " that it took",
				      k->held.objects || k->custody.objects ? "else " : "", taken_of(k));
	}
	say_notes(v, k, out);
}
