/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How long a report of a snapshot takes: told, and judged only in tests/deep. */
#ifndef DRVMEM_TESTS_BPF_REPORTTIME_H
#define DRVMEM_TESTS_BPF_REPORTTIME_H

#include "harness.h"

#define SNAPSHOT_MS 1000
#define REPORT_MS 2000

/* CPU time of this process, so that what else runs on the machine does not decide; it waits for nothing. */
struct report_ms {
	double snap;		/* < 0: was not taken */
	double text, json;	/* by owner and by stack; JSON */
};

/* CPU milliseconds so far. */
double report_clock(void);
/* Makes the reports of it, to nowhere, and tells their times. BT_PASS or BT_FAIL. */
enum bt_result report_time(const struct drvmem_snapshot *s, const char *when, struct report_ms *t);
/* $DRVMEM_SCALE_LIMITS is set, and more than is promised was taken. */
bool report_slow(const struct report_ms *t);
/* The verdict after the last try. */
enum bt_result report_too_slow(const char *when, const struct report_ms *t);

#endif /* DRVMEM_TESTS_BPF_REPORTTIME_H */
