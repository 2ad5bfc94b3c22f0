// SPDX-License-Identifier: GPL-2.0-or-later
#include "render/prom_devices.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "render/prom_label.h"

#define OTHER "other"

struct device {
	const char *name, *driver;
	int64_t live_bytes, mapped_bytes;
	bool buffers, maps;		/* of either there was one */
};

static int cmp_name(const void *a, const void *b)
{
	const struct device *x = a, *y = b;
	int c = strcmp(x->name, y->name);

	return c ? c : strcmp(x->driver, y->driver);
}

static int64_t weight(const struct device *d)
{
	return d->live_bytes + d->mapped_bytes;
}

static int cmp_weight(const void *a, const void *b)
{
	const struct device *x = a, *y = b;

	if (weight(x) != weight(y))
		return (weight(x) < weight(y)) - (weight(x) > weight(y));
	return cmp_name(a, b);
}

static void add(struct device *to, const struct device *d)
{
	to->live_bytes += d->live_bytes;
	to->mapped_bytes += d->mapped_bytes;
	to->buffers |= d->buffers;
	to->maps |= d->maps;
}

static const char *or_unknown(const char *text)
{
	return text && text[0] ? text : "?";
}

/* A row for each site that is a device's; names are the snapshot's. */
static uint32_t collect(const struct drvmem_scope *v, struct device *ret)
{
	uint32_t i, n = 0;

	for (i = 0; i < v->nr_kept; i++) {
		const struct drvmem_sitesnap *t = &v->s->sites[v->by_owner[i]];
		bool maps = t->allocator == DRVMEM_MAP_DMA;

		if (!maps && t->allocator != DRVMEM_ALLOC_DMA)
			continue;
		ret[n++] = (struct device){
			.name = or_unknown(v->s->caches[t->cache].name),
			.driver = or_unknown(v->s->instances[t->owner].name),
			.live_bytes = maps ? 0 : t->c.live_bytes,
			.mapped_bytes = maps ? t->c.live_bytes : 0,
			.buffers = !maps,
			.maps = maps,
		};
	}
	return n;
}

/* Rows of one device and driver together; those beyond the limit as one. How many are left. */
static uint32_t merge(struct device *d, uint32_t n, uint32_t *ret_folded)
{
	struct device other = { OTHER, OTHER, 0, 0, false, false };
	uint32_t i, m = 0;

	qsort(d, n, sizeof(*d), cmp_name);
	for (i = 0; i < n; i++) {
		if (m && !cmp_name(&d[m - 1], &d[i]))
			add(&d[m - 1], &d[i]);
		else
			d[m++] = d[i];
	}
	*ret_folded = 0;
	if (m <= DRVMEM_PROM_MAX_DEVICES)
		return m;
	qsort(d, m, sizeof(*d), cmp_weight);
	for (i = DRVMEM_PROM_MAX_DEVICES - 1; i < m; i++)
		add(&other, &d[i]);
	*ret_folded = m - DRVMEM_PROM_MAX_DEVICES + 1;
	d[DRVMEM_PROM_MAX_DEVICES - 1] = other;
	qsort(d, DRVMEM_PROM_MAX_DEVICES - 1, sizeof(*d), cmp_name);
	return DRVMEM_PROM_MAX_DEVICES;
}

static void put(const char *family, const struct device *d, int64_t value, FILE *out)
{
	fprintf(out, "%s{device=\"", family);
	drvmem_prom__label(d->name, out);
	fputs("\",driver=\"", out);
	drvmem_prom__label(d->driver, out);
	fprintf(out, "\"} %" PRId64 "\n", value);
}

static void put_sync(const struct drvmem_device_syncs *d, FILE *out)
{
	fputs("drvmem_device_syncs_total{device=\"", out);
	drvmem_prom__label(d->device, out);
	fprintf(out, "\",direction=\"cpu\"} %" PRIu64 "\ndrvmem_device_syncs_total{device=\"", d->for_cpu);
	drvmem_prom__label(d->device, out);
	fprintf(out, "\",direction=\"device\"} %" PRIu64 "\n", d->for_device);
}

/* How many were summed as "other". */
static uint32_t put_syncs(const struct drvmem_snapshot *s, FILE *out)
{
	struct drvmem_device_syncs other = { OTHER, 0, 0 };
	uint32_t i, n = s->nr_syncs > DRVMEM_PROM_MAX_DEVICES ? DRVMEM_PROM_MAX_DEVICES - 1 : s->nr_syncs;

	if (s->nr_syncs)
		fputs("# HELP drvmem_device_syncs_total Times that mappings of the device were handed to the "
		      "CPU or back.\n# TYPE drvmem_device_syncs_total counter\n", out);
	for (i = 0; i < n; i++)
		put_sync(&s->syncs[i], out);
	for (; i < s->nr_syncs; i++) {
		other.for_cpu += s->syncs[i].for_cpu;
		other.for_device += s->syncs[i].for_device;
	}
	if (n < s->nr_syncs)
		put_sync(&other, out);
	return s->nr_syncs - n;
}

int drvmem_prom__devices(const struct drvmem_scope *v, uint32_t *ret_folded, FILE *out)
{
	struct device *d = calloc(v->nr_kept ? v->nr_kept : 1, sizeof(*d));
	bool buffers = false, maps = false;
	uint32_t i, n;

	if (!d)
		return -ENOMEM;
	n = merge(d, collect(v, d), ret_folded);
	for (i = 0; i < n; i++) {
		buffers |= d[i].buffers;
		maps |= d[i].maps;
	}
	if (buffers)
		fputs("# HELP drvmem_device_live_bytes DMA buffers of the device allocated since tracing "
		      "began and not yet freed.\n# TYPE drvmem_device_live_bytes gauge\n", out);
	for (i = 0; i < n; i++)
		if (d[i].buffers)
			put("drvmem_device_live_bytes", &d[i], d[i].live_bytes, out);
	if (maps)
		fputs("# HELP drvmem_device_mapped_bytes Memory mapped for the device since tracing began "
		      "and not yet unmapped.\n# TYPE drvmem_device_mapped_bytes gauge\n", out);
	for (i = 0; i < n; i++)
		if (d[i].maps)
			put("drvmem_device_mapped_bytes", &d[i], d[i].mapped_bytes, out);
	free(d);
	*ret_folded += put_syncs(v->s, out);
	return 0;
}
