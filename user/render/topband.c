// SPDX-License-Identifier: GPL-2.0-or-later
/* What stands above the tabs: the session, all RAM in classes that add up, what is not known. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/strbuf.h"
#include "base/units.h"
#include "render/baseline.h"
#include "render/text.h"
#include "render/topscreen.h"
#include "view/epochs.h"

#define RAM_LINES	3u

/* Classes of reconcile.h that are shown as one; NR ends a list. */
#define END		DRVMEM_NR_RAM
static const struct group {
	const char *name;
	enum drvmem_ram class[8];
	uint32_t look;
} groups[] = {
	{ "user", { DRVMEM_RAM_ANON, DRVMEM_RAM_SHMEM, DRVMEM_RAM_HUGETLB, END }, DRVMEM_LOOK_GOOD },
	{ "cache", { DRVMEM_RAM_FILE, DRVMEM_RAM_WRITEBACK_TMP, END }, DRVMEM_LOOK_WARN },
	{ "slab", { DRVMEM_RAM_SLAB_RECLAIMABLE, DRVMEM_RAM_SLAB_UNRECLAIMABLE, DRVMEM_RAM_KERNEL_RECLAIMABLE,
		    END }, DRVMEM_LOOK_ACCENT },
	{ "vmalloc", { DRVMEM_RAM_VMALLOC, DRVMEM_RAM_MODULE_IMAGE, END }, DRVMEM_LOOK_ACCENT },
	{ "percpu", { DRVMEM_RAM_PERCPU, END }, DRVMEM_LOOK_ACCENT },
	{ "stacks+tables", { DRVMEM_RAM_KERNEL_STACK, DRVMEM_RAM_PAGE_TABLES, DRVMEM_RAM_SEC_PAGE_TABLES, END },
	  DRVMEM_LOOK_ACCENT },
	{ "zram+gpu", { DRVMEM_RAM_ZSPAGES, DRVMEM_RAM_GPU, DRVMEM_RAM_BOUNCE, END }, DRVMEM_LOOK_ACCENT },
	{ "drivers' pages", { DRVMEM_RAM_PAGE_DIRECT, DRVMEM_RAM_DMA, END }, DRVMEM_LOOK_ACCENT },
	{ "free", { DRVMEM_RAM_FREE, DRVMEM_RAM_FREE_PCP, END }, 0 },
};

/* A place where words are put one behind the other, and on the next row where there is no room. */
struct flow {
	struct drvmem_screen *s;
	uint32_t row, col, indent, last_row;
};

static void flow(struct flow *f, const char *text, uint32_t look)
{
	uint32_t n = drvmem_screen__columns(text);

	if (f->col + n > f->s->cols && f->col > f->indent && f->row < f->last_row) {
		f->row++;
		f->col = f->indent;
		text += strspn(text, " ");
	}
	if (f->col < f->s->cols)
		f->col += drvmem_screen__put(f->s, f->row, f->col, f->s->cols - f->col, text, look);
}

/* Some class not known: at least so much; none known: "-". */
static void put_group(struct flow *f, const struct group *g, const struct drvmem_ram_result *ram, const char *sep)
{
	char bytes[DRVMEM_UNIT_LEN], text[64];
	uint32_t i, known = 0, missing = 0;
	uint64_t sum = 0;

	for (i = 0; g->class[i] != END; i++) {
		const struct drvmem_figure *c = &ram->class[g->class[i]];

		known += c->bytes.st == DRVMEM_OK;
		missing += c->bytes.st != DRVMEM_OK;
		sum += c->bytes.st == DRVMEM_OK ? c->bytes.v : 0;
	}
	if (known)
		snprintf(text, sizeof(text), "%s%s %s%s", sep, g->name,
			 !missing ? "" : f->s->utf8 ? "≥" : ">=", drvmem_fmt_bytes(sum, bytes, sizeof(bytes)));
	else
		snprintf(text, sizeof(text), "%s%s -", sep, g->name);
	flow(f, text, g->look);
}

/* "RAM 23.4Gi = user 1.2Gi + ...": to the byte before rounding. */
static uint32_t put_ram(struct drvmem_screen *s, uint32_t row, const struct drvmem_ram_result *ram, bool recorded)
{
	struct flow f = { .s = s, .row = row, .last_row = row + RAM_LINES - 1, .indent = 4 };
	char bytes[DRVMEM_UNIT_LEN], text[64];
	uint32_t i, nr = sizeof(groups) / sizeof(groups[0]);

	if (!ram || ram->total.bytes.st != DRVMEM_OK) {
		drvmem_screen__put(s, row, 0, s->cols, recorded ? "RAM -: a recording has its owners, not the whole machine" :
								  "RAM -: /proc/meminfo was not read", 0);
		return 1;
	}
	snprintf(text, sizeof(text), "RAM %s = ", drvmem_fmt_bytes(ram->total.bytes.v, bytes, sizeof(bytes)));
	flow(&f, text, DRVMEM_LOOK_BOLD);
	for (i = 0; i + 1 < nr; i++)
		put_group(&f, &groups[i], ram, i ? " + " : "");
	if (ram->unaccounted_st == DRVMEM_OK)
		snprintf(text, sizeof(text), " %c UNACCOUNTED %s", ram->unaccounted < 0 ? '-' : '+',
			 drvmem_fmt_bytes((uint64_t)llabs(ram->unaccounted), bytes, sizeof(bytes)));
	else
		snprintf(text, sizeof(text), " + UNACCOUNTED -");
	flow(&f, text, DRVMEM_LOOK_BOLD);
	put_group(&f, &groups[nr - 1], ram, " + ");
	return f.row - row + 1;
}

static double bpf_share(const struct drvmem_snapshot *s)
{
	double all = drvmem_own_cost__of(s);
	uint64_t period = s->meta.taken_ns > s->meta.started_ns ? s->meta.taken_ns - s->meta.started_ns : 0;

	return period && s->cost.why && !s->cost.why[0] ? all * 100 / (double)period : -1;
}

/* Of one CPU: what the programs take, as measured at the start, and what showing it takes. */
static void put_cost(struct drvmem_strbuf *b, const struct drvmem_topscreen *in)
{
	double bpf = bpf_share(in->scope->s);

	if (bpf < 0)
		drvmem_strbuf__append(b, "  CPU: tracing -");
	else
		drvmem_strbuf__printf(b, "  CPU: tracing %.1f%%", bpf);
	if (in->own_cpu >= 0)
		drvmem_strbuf__printf(b, " top %.1f%%", in->own_cpu * 100);
}

static void put_loss(struct drvmem_strbuf *b, const struct drvmem_snapshot *s, bool utf8)
{
	uint64_t lost = drvmem_loss__total(&s->loss);

	if (lost)
		drvmem_strbuf__printf(b, "  LOSS %s%" PRIu64 " (%.3g ppm)", utf8 ? "≥" : ">=", lost,
				      drvmem_loss__ppm(&s->loss));
	else
		drvmem_strbuf__append(b, s->loss.recursion_misses.st == DRVMEM_OK ? "  loss 0" : "  loss 0?");
}

/* Right: what must not be missing; left: which machine, as far as there is room. */
static void put_session(struct drvmem_screen *s, const struct drvmem_top *t, const struct drvmem_topscreen *in)
{
	char period[DRVMEM_UNIT_LEN], every[DRVMEM_UNIT_LEN], left[256];
	_cleanup_strbuf_ struct drvmem_strbuf b = { 0 };
	const struct drvmem_meta *m;
	uint32_t n;

	if (!in->scope) {
		drvmem_screen__put(s, 0, 0, s->cols, "drvmem top", DRVMEM_LOOK_BOLD);
		return;
	}
	m = &in->scope->s->meta;
	if (in->recorded)
		drvmem_strbuf__printf(&b, "RECORDED %s  ", in->recorded);
	drvmem_strbuf__printf(&b, "%straced %s", t->paused ? "PAUSED  " : "",
			      drvmem_fmt_duration(m->taken_ns - m->started_ns, period, sizeof(period)));
	if (!in->recorded)
		drvmem_strbuf__printf(&b, "  every %s", drvmem_fmt_duration_exact(in->interval_ns, every, sizeof(every)));
	drvmem_strbuf__append(&b, m->sampled ? "  SAMPLED" : "");
	put_loss(&b, in->scope->s, s->utf8);
	put_cost(&b, in);
	n = drvmem_screen__put_right(s, 0, s->cols, s->cols, drvmem_strbuf__str(&b),
				     in->scope->lossy || t->paused ? DRVMEM_LOOK_WARN | DRVMEM_LOOK_BOLD : 0);
	snprintf(left, sizeof(left), "drvmem top  %s  Linux %s %s", m->hostname ? m->hostname : "?",
		 m->kernel ? m->kernel : "?", m->arch ? m->arch : "");
	if (s->cols > n + 2)
		drvmem_screen__put(s, 0, 0, s->cols - n - 2, left, DRVMEM_LOOK_BOLD);
}

/* Since when, and how many. */
static void put_sampling(struct flow *f, const struct drvmem_meta *m)
{
	_cleanup_strbuf_ struct drvmem_strbuf b = { 0 };

	if (!m->sampled)
		return;
	drvmem_strbuf__append(&b, "sampled: ");
	drvmem_epochs__say(m, &b);
	drvmem_strbuf__append(&b, "  ");
	flow(f, drvmem_strbuf__str(&b), 0);
}

/* What is known of what was there before, and how much is not seen at all. */
static uint32_t put_honesty(struct drvmem_screen *s, const struct drvmem_topscreen *in, uint32_t row)
{
	const struct drvmem_text_opts o = { .utf8 = s->utf8 };
	struct flow f = { .s = s, .row = row, .last_row = row + 1 };
	const struct drvmem_meta *m = &in->scope->s->meta;
	char *text = NULL, part[160];
	size_t len = 0;
	FILE *out = open_memstream(&text, &len);

	if (!out)
		return 0;
	drvmem_text__before(in->scope->s->baseline, "", &o, out);
	if (!fclose(out) && text[0]) {
		flow(&f, text, 0);
		flow(&f, "  ", 0);
	}
	free(text);
	put_sampling(&f, m);
	if (in->scope->lossy)
		flow(&f, "events lost: totals are at least so much (7)  ", DRVMEM_LOOK_WARN | DRVMEM_LOOK_BOLD);
	if (m->nr_notes) {
		snprintf(part, sizeof(part), "%u blind spot%s: 7 tells", m->nr_notes,
			 m->nr_notes == 1 ? "" : "s");
		flow(&f, part, 0);
	}
	return f.col || f.row > row ? f.row - row + 1 : 0;
}

uint32_t drvmem_topscreen__band(struct drvmem_screen *s, const struct drvmem_top *t,
				const struct drvmem_topscreen *in)
{
	uint32_t row = 1;

	put_session(s, t, in);
	row += put_ram(s, row, in->ram, in->recorded);
	if (in->scope)
		row += put_honesty(s, in, row);
	return row;
}
