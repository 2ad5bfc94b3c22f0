/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a session saw, as a distribution to keep (model/distribution.h): of the sites that a scope kept. */
#ifndef DRVMEM_VIEW_DISTRIBUTED_H
#define DRVMEM_VIEW_DISTRIBUTED_H

#include "base/err.h"
#include "model/distribution.h"
#include "view/scope.h"

/* Mappings are left out: they are memory that is counted elsewhere. -ENODATA: no session that is to advise; -ENOMEM. */
DRVMEM_MUST_CHECK int drvmem_distributed(const struct drvmem_scope *v, const struct drvmem_slub_rules *r,
					 struct drvmem_distribution **ret);

#endif /* DRVMEM_VIEW_DISTRIBUTED_H */
