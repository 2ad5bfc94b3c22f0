// SPDX-License-Identifier: GPL-2.0-or-later
#include "view/epochs.h"

#include "base/units.h"

bool drvmem_epochs__has(const struct drvmem_meta *m, uint32_t epoch)
{
	return m->epoch[epoch].since_ns && m->epoch[epoch].since_ns <= m->taken_ns;
}

uint32_t drvmem_epochs__switches(const struct drvmem_meta *m)
{
	uint32_t i, n = 0;

	for (i = 0; i < DRVMEM_EPOCHS; i++)
		n += drvmem_epochs__has(m, i);
	return n ? n - 1 : 0;
}

uint64_t drvmem_epochs__began(const struct drvmem_meta *m, uint32_t epoch)
{
	return m->epoch[epoch].since_ns > m->started_ns ? m->epoch[epoch].since_ns - m->started_ns : 0;
}

void drvmem_epochs__say(const struct drvmem_meta *m, struct drvmem_strbuf *out)
{
	char since[DRVMEM_UNIT_LEN], rate[DRVMEM_UNIT_LEN];
	const char *sep = "";
	uint32_t i;

	for (i = 0; i < DRVMEM_EPOCHS; i++) {
		const struct drvmem_epoch_meta *e = &m->epoch[i];

		if (!drvmem_epochs__has(m, i))
			continue;
		if (e->sample_bytes)
			drvmem_strbuf__printf(out, "%sone point in %s bytes", sep,
					      drvmem_fmt_bytes(e->sample_bytes, rate, sizeof(rate)));
		else
			drvmem_strbuf__printf(out, "%severy object", sep);
		if (*sep)
			drvmem_strbuf__printf(out, " from %s on", drvmem_fmt_duration(drvmem_epochs__began(m, i), since,
										       sizeof(since)));
		else
			drvmem_strbuf__append(out, " from the start");
		sep = ", ";
	}
}
