/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What devices hold and may reach, as metrics. Write errors stay in the FILE. */
#ifndef DRVMEM_RENDER_PROM_DEVICES_H
#define DRVMEM_RENDER_PROM_DEVICES_H

#include <stdio.h>

#include "view/scope.h"

#define DRVMEM_PROM_MAX_DEVICES 64u	/* label sets; the rest is device="other" */

/*
 * drvmem_device_live_bytes (DMA buffers) and drvmem_device_mapped_bytes by device and owner,
 * drvmem_device_syncs_total by device;
 * nothing where neither is traced. *ret_folded: label sets summed. 0 or -ENOMEM.
 */
DRVMEM_MUST_CHECK int drvmem_prom__devices(const struct drvmem_scope *v, uint32_t *ret_folded, FILE *out);

#endif /* DRVMEM_RENDER_PROM_DEVICES_H */
