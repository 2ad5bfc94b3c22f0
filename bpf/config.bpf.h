/* SPDX-License-Identifier: GPL-2.0 */
/* The session's knobs as the BPF programs see them; maps.bpf.c defines them. */
#ifndef DRVMEM_CONFIG_BPF_H
#define DRVMEM_CONFIG_BPF_H

#include "drvmem/config.h"

extern const volatile struct drvmem_config cfg;

#endif /* DRVMEM_CONFIG_BPF_H */
