// SPDX-License-Identifier: GPL-2.0-or-later
#include "render/system_text.h"

#include <inttypes.h>

#include "base/units.h"

typedef int (*grid_fn)(const struct drvmem_system *y, struct drvmem_grid **ret);

static int put_grid(const struct drvmem_system *y, grid_fn fn, const struct drvmem_text_opts *o,
		    FILE *out)
{
	struct drvmem_grid *g;
	int err = fn(y, &g);

	if (err)
		return err;
	drvmem_text__grid(g, o, out);
	drvmem_grid__free(g);
	return 0;
}

/* "-": the number is missing. */
static const char *bytes_of(struct drvmem_u64 v, char *buf)
{
	if (v.st != DRVMEM_OK)
		return "-";
	return drvmem_fmt_bytes(v.v, buf, DRVMEM_UNIT_LEN);
}

static void put_unaccounted(const struct drvmem_system *y, FILE *out)
{
	const struct drvmem_ram_result *r = &y->ram;
	char bytes[DRVMEM_UNIT_LEN];

	if (r->unaccounted_st != DRVMEM_OK)
		fputs("unaccounted: cannot be told\n", out);
	else if (r->unaccounted < 0)
		fprintf(out, "unaccounted is below zero: the classes exceed MemTotal by %sB. Counters moved "
			     "while they were read, lag behind, or have pages in common.\n",
			drvmem_fmt_bytes(-(uint64_t)r->unaccounted, bytes, sizeof(bytes)));
	else
		fprintf(out, "unaccounted: %sB of RAM that no counter of the kernel and no traced owner "
			     "tells of%s\n",
			drvmem_fmt_bytes((uint64_t)r->unaccounted, bytes, sizeof(bytes)),
			r->class[DRVMEM_RAM_PAGE_DIRECT].bytes.st == DRVMEM_OK ?
			"; what drivers took before tracing began is in it" :
			"; what drivers took from the page allocator is in it");
	if (r->vmap_stack == DRVMEM_VMAP_STACK_UNKNOWN)
		fputs("whether kernel stacks are vmalloc memory is not known here: they are taken as such\n",
		      out);
	if (r->part[DRVMEM_PART_PERCPU_BOOT].bytes.st != DRVMEM_OK)
		fputs("percpu: the first chunk, which is outside MemTotal, is in it (its size is not known)\n",
		      out);
}

static int put_frag(const struct drvmem_system *y, const struct drvmem_text_opts *o, FILE *out)
{
	const char *why = drvmem_sysfile_why(y->now, DRVMEM_SYSFILE_BUDDYINFO);

	if (why) {
		fprintf(out, "\nfragmentation: - (/proc/buddyinfo: %s)\n", why);
		return 0;
	}
	fputs("\nExternal fragmentation: percent of the free memory in blocks too small for an order\n", out);
	return put_grid(y, drvmem_system__frag, o, out);
}

static int put_blocks(const struct drvmem_system *y, const struct drvmem_text_opts *o, FILE *out)
{
	const char *why = drvmem_sysfile_why(y->now, DRVMEM_SYSFILE_PAGETYPEINFO);

	if (why) {
		fprintf(out, "\npageblocks: - (/proc/pagetypeinfo: %s)\n", why);
		return 0;
	}
	fputs("\nPageblocks by what was put in them first\n", out);
	return put_grid(y, drvmem_system__blocks, o, out);
}

static int put_failing(const struct drvmem_system *y, const struct drvmem_text_opts *o, FILE *out)
{
	int err = 0;

	putc('\n', out);
	if (y->nr_failing)
		err = put_grid(y, drvmem_system__failing, o, out);
	else
		fputs("failed allocations: none was seen\n", out);
	fprintf(out, "failed allocations by order: - (%s)\n", drvmem_system__no_orders(y));
	return err;
}

static void put_commit(const struct drvmem_system *y, FILE *out)
{
	const struct drvmem_u64 *mode = &y->now->overcommit;
	char as[DRVMEM_UNIT_LEN], limit[DRVMEM_UNIT_LEN];

	fprintf(out, "commit: %s promised, limit %s",
		bytes_of(y->now->mem[DRVMEM_MEM_COMMITTED], as),
		bytes_of(y->now->mem[DRVMEM_MEM_COMMIT_LIMIT], limit));
	if (mode->st != DRVMEM_OK)
		fputs(", overcommit mode -", out);
	else
		fprintf(out, ", overcommit mode %" PRIu64 " (%s%s)", mode->v, drvmem_overcommit_name(mode->v),
			mode->v == 2 ? ": the limit is enforced" : ": the limit is not enforced");
	fputs(y->over_commit ? ", above the limit\n" : "\n", out);
}

static void put_share(const struct drvmem_pressure_result *p, FILE *out)
{
	char period[DRVMEM_UNIT_LEN];

	fprintf(out, "tasks stood still for memory %.2f %%", (double)p->some_ppm / 1e4);
	if (p->full_us.st == DRVMEM_OK && p->period_ns)
		fprintf(out, ", all at once %.2f %%,",
			(double)p->full_us.v * 1e5 / (double)p->period_ns);
	fprintf(out, " of %s", drvmem_fmt_duration(p->period_ns, period, sizeof(period)));
}

static void put_growth(const struct drvmem_system *y, const struct drvmem_text_opts *o, FILE *out)
{
	const struct drvmem_pressure_result *p = &y->pressure;
	char bytes[DRVMEM_UNIT_LEN], all[DRVMEM_UNIT_LEN];

	if (p->drop_st == DRVMEM_OK)
		fprintf(out, "available memory changed by %s",
			drvmem_fmt_bytes_delta(-p->drop_bytes, bytes, sizeof(bytes)));
	else
		fputs("available memory: -", out);
	fprintf(out, "; drivers hold %s that they took since",
		drvmem_fmt_bytes_delta(p->drivers_bytes, all, sizeof(all)));
	if (p->top_owner != UINT32_MAX) {
		fputs(", most of all ", out);
		drvmem_text__put(y->v->owner_name[p->top_owner], o, out);
		fprintf(out, " %s", drvmem_fmt_bytes_delta(p->top_bytes, bytes, sizeof(bytes)));
	}
	putc('\n', out);
}

static void put_pressure(const struct drvmem_system *y, const struct drvmem_text_opts *o, FILE *out)
{
	static const char *const verdicts[] = {
		[DRVMEM_PRESSURE_NONE] = "no pressure worth a name",
		[DRVMEM_PRESSURE_DRIVER] = "one driver took at least half of it: the likely cause",
		[DRVMEM_PRESSURE_PART] = "one driver took at least a tenth of it: a part of the cause",
		[DRVMEM_PRESSURE_NOT_DRIVER] = "no driver took as much as a tenth of it: not the cause",
	};
	const struct drvmem_pressure_result *p = &y->pressure;

	fputs("pressure: ", out);
	if (p->some_us.st == DRVMEM_OK) {
		put_share(p, out);
		fputs("; ", out);
	}
	put_growth(y, o, out);
	if (p->verdict == DRVMEM_PRESSURE_UNKNOWN)
		fprintf(out, "is a driver the cause? cannot tell: %s\n", p->why ? p->why : "?");
	else
		fprintf(out, "is a driver the cause? %s\n", verdicts[p->verdict]);
}

int drvmem_text__system(const struct drvmem_system *y, const struct drvmem_text_opts *o, FILE *out)
{
	char age[DRVMEM_UNIT_LEN];
	int err;

	if (y->age_ns)
		fprintf(out, "the machine was read %s before this moment\n", drvmem_fmt_duration(y->age_ns, age, sizeof(age)));
	err = put_grid(y, drvmem_system__ram, o, out);
	if (err)
		return err;
	put_unaccounted(y, out);
	if (y->now->skipped)
		fprintf(out, "%" PRIu64 " malformed lines of /proc were passed over\n", y->now->skipped);
	err = put_frag(y, o, out);
	if (!err)
		err = put_blocks(y, o, out);
	putc('\n', out);
	if (!err)
		err = put_grid(y, drvmem_system__events, o, out);
	if (!err)
		err = put_failing(y, o, out);
	if (err)
		return err;
	put_commit(y, out);
	put_pressure(y, o, out);
	return 0;
}
