/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The SQL of a session file (doc/session-file.md explains each table). */
#ifndef DRVMEM_STORE_SCHEMA_H
#define DRVMEM_STORE_SCHEMA_H

extern const char drvmem_schema_sql[];

#endif /* DRVMEM_STORE_SCHEMA_H */
