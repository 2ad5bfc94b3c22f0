/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Between the files of view/htmlreport: the parts that are made one after the other. */
#ifndef DRVMEM_VIEW_HTMLREPORT_PARTS_H
#define DRVMEM_VIEW_HTMLREPORT_PARTS_H

#include "view/htmlreport.h"
#include "view/report.h"

/* points, classes, at[] of units, history of sites. 0, -ENOMEM, -EINVAL. */
DRVMEM_MUST_CHECK int drvmem_htmlreport__make_history(struct drvmem_htmlreport *r);
/* After all else. A text that has no memory is left out. */
void drvmem_htmlreport__make_cards(struct drvmem_htmlreport *r);

#endif /* DRVMEM_VIEW_HTMLREPORT_PARTS_H */
