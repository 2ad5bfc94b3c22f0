// SPDX-License-Identifier: GPL-2.0
/* The tracking functions for kernels with compare-and-swap in BPF. */
#define DM_CAS 1
#include "track_impl.bpf.h"
#include "area_impl.bpf.h"
#include "page_impl.bpf.h"
#include "mapping_impl.bpf.h"
#include "use_impl.bpf.h"
