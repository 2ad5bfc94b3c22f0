/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The web process: drvmem started anew by "drvmem serve", with a socket to it as fd 3 and nothing else. Gives up
 * every right before it looks at the first request, and ends when the socket does.
 */
#ifndef DRVMEM_SERVE_WORKER_H
#define DRVMEM_SERVE_WORKER_H

#define DRVMEM_WORKER_ARG	"--web-process"	/* argv[1] of it */
#define DRVMEM_WORKER_FD	3

/* The whole process; its exit status. */
int drvmem_worker__main(void);

#endif /* DRVMEM_SERVE_WORKER_H */
