/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the parts of the writer share: store.h is for everybody else. */
#ifndef DRVMEM_STORE_WRITER_H
#define DRVMEM_STORE_WRITER_H

#include "base/table.h"
#include "store/db.h"
#include "store/picture.h"
#include "store/store.h"

struct drvmem_store {
	struct drvmem_store_opts o;
	char *path;
	int lock;			/* of the file, as long as we write; -1 */
	sqlite3 *db;
	unsigned int hide;
	sqlite3_stmt *thing[DRVMEM_NR_THINGS];
	sqlite3_stmt *interval, *frame, *objects, *part, *holder, *source, *series, *now, *mark, *note;
	sqlite3_stmt *system, *zone, *blocks;
	struct drvmem_picture prev, cur;
	struct drvmem_stream series_prev, series_cur;
	struct drvmem_table row[DRVMEM_NR_THINGS];	/* id -> hash of what was written */
	struct drvmem_table id[DRVMEM_NR_THINGS];	/* hash -> id, of things without a place */
	struct drvmem_pack raw, packed;
	int64_t next;			/* interval */
	uint32_t since_whole;		/* frames since the last whole one */
	uint32_t notes;			/* written */
	uint64_t bytes;
	bool force_whole, failed;
	uint32_t waited_ms;		/* in the present call, for others that hold the file */
	uint32_t skipped, late;		/* intervals */
	uint32_t told_skipped, told_late;	/* of them, as the file says it */
	struct drvmem_store_mark {
		uint64_t ns, unix_s;
		uint32_t generation;
		char *text;
	} *waiting;			/* [nr_waiting] marks that could not be written yet */
	uint32_t nr_waiting;
};

/* Makes room where the file, or the age of its oldest intervals, is over the limits. 0 or -errno. */
DRVMEM_MUST_CHECK int drvmem_store_retain(struct drvmem_store *st, uint64_t now_unix);
/* Laps, phases and rules of slabs in place of those before. 0 or -errno. */
DRVMEM_MUST_CHECK int drvmem_store_habits(struct drvmem_store *st, const struct drvmem_snapshot *s,
					  const struct drvmem_store_more *more);
/* A stream as a part of the session, sealed and released here. 0 or -errno. */
DRVMEM_MUST_CHECK int drvmem_store_part(struct drvmem_store *st, const char *kind, struct drvmem_stream *s);
/* What the scan said of the objects of s. 0 or -errno. */
DRVMEM_MUST_CHECK int drvmem_store_judged(struct drvmem_store *st, const struct drvmem_snapshot *s,
					  const struct drvmem_verdicts *d);
/* The name of a holder; of 0 that of the scan's reader. 0 or -errno. */
DRVMEM_MUST_CHECK int drvmem_store_holder(struct drvmem_store *st, uint64_t id, const char *text);
/* The rows that anybody with SQL can read: series, and what sites have now. whole: all rows of the series. */
DRVMEM_MUST_CHECK int drvmem_store_series(struct drvmem_store *st, const struct drvmem_snapshot *s, bool whole);
/* The statements of the next, finalised with all others. 0 or -errno. */
DRVMEM_MUST_CHECK int drvmem_store_machine__prepare(struct drvmem_store *st);
/* A reading of the machine, beside an interval; 0 = at the beginning. 0 or -errno. */
DRVMEM_MUST_CHECK int drvmem_store_machine(struct drvmem_store *st, int64_t interval, const struct drvmem_sysmem *m);
/* What was there before tracing, once. 0 or -errno. */
DRVMEM_MUST_CHECK int drvmem_store_baseline(struct drvmem_store *st, const struct drvmem_baseline *b);
/* err of a file operation on the store's file. Returns e. */
int drvmem_store_fail(const char *path, const char *doing, int e, struct drvmem_err *err);

#endif /* DRVMEM_STORE_WRITER_H */
