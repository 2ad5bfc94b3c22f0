/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The probe's results as views: one row a feature, and what the machine is. Knows
 * what is fatal and what only costs a figure; the probe decides by trying. Command layer.
 */
#ifndef DRVMEM_DOCTOR_H
#define DRVMEM_DOCTOR_H

#include <stdbool.h>
#include <stdio.h>

#include "probe/probe.h"
#include "render/text.h"

/* err: of drvmem_probe__can_trace(); code 0 = tracing works. */
void drvmem_doctor__text(const struct drvmem_probe *p, const struct drvmem_err *err,
			 const struct drvmem_text_opts *o, FILE *out);
/*
 * {"schema_version","can_trace","error","machine":{...},"features":[{"name","state",
 * "what","why","cost","remedy"}]}; why, cost and remedy are null where state is "yes".
 */
void drvmem_doctor__json(const struct drvmem_probe *p, const struct drvmem_err *err, FILE *out);

#endif /* DRVMEM_DOCTOR_H */
