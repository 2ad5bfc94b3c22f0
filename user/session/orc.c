// SPDX-License-Identifier: GPL-2.0-or-later
#include "session/orc.h"

#include <errno.h>
#include <string.h>

#include "probe/probe.h"

#define SAMPLES 512u
#define ENTRY_BYTES 6u
#define NR_REGS 16u

struct tally {
	uint32_t sp[NR_REGS], bp[NR_REGS], n;
};

/* How registers are numbered. */
struct numbering {
	uint8_t sp, bp, sp_indirect, bp_indirect, prev_sp;
};

static const struct numbering numberings[] = {
	{ .sp = 5, .bp = 4, .sp_indirect = 9, .bp_indirect = 8, .prev_sp = 1 },
	{ .sp = 3, .bp = 4, .sp_indirect = 9, .bp_indirect = 10, .prev_sp = 8 },
};

static int sample(const struct drvmem_orc *o, drvmem_orc_read_fn read, void *arg, struct tally *t)
{
	uint64_t i, k, at, last = 0, word;
	int r;

	for (k = 0; k < SAMPLES; k++) {
		i = o->n * k / SAMPLES;
		r = read(arg, o->ip + 4 * i, &word);
		if (r)
			return r;
		at = o->ip + 4 * i + (uint64_t)(int64_t)(int32_t)word;
		if (at < last)
			return -ENOTSUP;
		last = at;
		r = read(arg, o->orc + ENTRY_BYTES * i, &word);
		if (r)
			return r;
		t->sp[word >> 32 & 15]++;
		t->bp[word >> 36 & 15]++;
		t->n++;
	}
	return last >= o->stext ? 0 : -ENOTSUP;
}

/* Nearly every rule starts from the stack pointer; many find the frame pointer saved. */
static const struct numbering *tell(const struct tally *t)
{
	uint32_t i, most = 1;

	for (i = 1; i < NR_REGS; i++)
		if (t->sp[i] > t->sp[most])
			most = i;
	for (i = 0; i < sizeof(numberings) / sizeof(numberings[0]); i++)
		if (numberings[i].sp == most && t->sp[most] > t->n / 2 &&
		    t->bp[numberings[i].prev_sp] > t->n / 10)
			return &numberings[i];
	return NULL;
}

static int find_tables(const struct drvmem_ksyms *k, struct drvmem_orc *o, const char **why)
{
	uint32_t i;

	if (!k->orc_ip || !k->orc_ip_end || !k->orc || !k->stext || !k->etext) {
		*why = "this kernel has no ORC tables, or /proc/kallsyms hides them";
		return -ENOENT;
	}
	*o = (struct drvmem_orc){ .stext = k->stext, .etext = k->etext, .ip = k->orc_ip, .orc = k->orc };
	o->n = k->orc_ip_end > k->orc_ip ? (k->orc_ip_end - k->orc_ip) / 4 : 0;
	memcpy(o->replaced, k->replaced, sizeof(o->replaced));
	memcpy(o->trace_run, k->trace_run, sizeof(o->trace_run));
	for (i = 0; i < DRVMEM_TRACE_RUNS && !o->trace_run[i].lo; i++)
		;
	if (o->n >= SAMPLES && o->n < 1u << 24 && i < DRVMEM_TRACE_RUNS)
		return 0;
	*why = "the ORC tables are not where they were expected";
	return -ENOTSUP;
}

int drvmem_orc__make(const struct drvmem_ksyms *k, enum drvmem_orc_form form, drvmem_orc_read_fn read,
		     void *arg, struct drvmem_orc *ret, const char **ret_why)
{
	const struct numbering *n;
	struct tally t = {};
	struct drvmem_orc o;
	int r;

	*ret_why = "";
	r = find_tables(k, &o, ret_why);
	if (r)
		return r;
	*ret_why = "struct orc_entry has a form that is not known";
	if (form != DRVMEM_ORC_END && form != DRVMEM_ORC_SIGNAL)
		return -ENOTSUP;
	r = sample(&o, read, arg, &t);
	if (r) {
		*ret_why = r == -ENOTSUP ? "the ORC tables are not in order" :
					   "the ORC tables cannot be read";
		return r;
	}
	n = tell(&t);
	if (!n)
		return -ENOTSUP;
	o.form = form;
	o.reg_sp = n->sp;
	o.reg_bp = n->bp;
	o.reg_sp_indirect = n->sp_indirect;
	o.reg_bp_indirect = n->bp_indirect;
	o.reg_prev_sp = n->prev_sp;
	*ret = o;
	*ret_why = "";
	return 0;
}

int drvmem_orc__cannot_verify(const char *why, struct drvmem_err *err)
{
	drvmem_err__set(err, -ENOTSUP, DRVMEM_EXIT_CANNOT_RUN,
			"--walk verify has nothing to compare with the kernel's unwinder: %s", why);
	drvmem_err__remedy(err, "leave it out: the kernel's unwinder alone is asked then. Our own walk needs %s",
			   drvmem_feat_descs[DRVMEM_FEAT_ORC].remedy);
	return -ENOTSUP;
}
