// SPDX-License-Identifier: GPL-2.0-or-later
#include "probe/system.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <linux/magic.h>
#include <sys/utsname.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/file.h"

#define CAP_PERFMON_BIT 38
#define CAP_BPF_BIT 39
#define CAP_SYS_ADMIN_BIT 21
#define CAP_SYSLOG_BIT 34

static int read_small(const char *path, char *buf, size_t size)
{
	_cleanup_free_ char *text = NULL;
	int err = drvmem_file__read(path, DRVMEM_FILE_SMALL, &text, NULL);

	if (!err)
		snprintf(buf, size, "%s", text);
	return err;
}

static void read_status(struct drvmem_probe *p)
{
	_cleanup_fclose_ FILE *f = fopen("/proc/self/status", "re");
	unsigned long long caps;
	char line[256];
	int v;

	while (f && fgets(line, sizeof(line), f)) {
		if (sscanf(line, "CapEff: %llx", &caps) == 1)
			p->caps_effective = caps;
		else if (sscanf(line, "Seccomp: %d", &v) == 1)
			p->seccomp = v;
	}
}

static void read_kallsyms(struct drvmem_probe *p)
{
	_cleanup_fclose_ FILE *f = fopen("/proc/kallsyms", "re");
	struct drvmem_feat_result *r = &p->f[DRVMEM_FEAT_KALLSYMS];
	unsigned long long addr = 0;
	char line[512];
	int i;

	r->st = f ? DRVMEM_FEAT_DENIED : DRVMEM_FEAT_NO;
	if (!f) {
		snprintf(r->why, sizeof(r->why), "/proc/kallsyms cannot be read (%s)",
			 drvmem_errno_name(errno));
		return;
	}
	for (i = 0; i < 64 && fgets(line, sizeof(line), f) && !addr; i++)
		addr = strtoull(line, NULL, 16);
	if (addr) {
		r->st = DRVMEM_FEAT_YES;
	} else if (p->kptr_restrict == 2) {
		snprintf(r->why, sizeof(r->why), "kernel.kptr_restrict=2 hides addresses from everyone");
	} else {
		snprintf(r->why, sizeof(r->why), "addresses are hidden: %s",
			 p->caps_effective >> CAP_SYSLOG_BIT & 1 ? "kernel.kptr_restrict or lockdown" :
								   "CAP_SYSLOG is missing");
	}
}

static void read_files(struct drvmem_probe *p)
{
	struct drvmem_feat_result *jit = &p->f[DRVMEM_FEAT_JIT];
	char buf[256];

	p->kptr_restrict = read_small("/proc/sys/kernel/kptr_restrict", buf, sizeof(buf)) ? -1 :
										    atoi(buf);
	if (!read_small("/sys/kernel/security/lockdown", buf, sizeof(buf)))
		p->lockdown = strstr(buf, "[confidentiality]") ? 2 : strstr(buf, "[integrity]") ? 1 : 0;
	if (read_small("/proc/sys/net/core/bpf_jit_enable", buf, sizeof(buf))) {
		jit->st = DRVMEM_FEAT_UNKNOWN;
		snprintf(jit->why, sizeof(jit->why), "net.core.bpf_jit_enable cannot be read");
	} else {
		jit->st = atoi(buf) ? DRVMEM_FEAT_YES : DRVMEM_FEAT_NO;
		if (!atoi(buf))
			snprintf(jit->why, sizeof(jit->why), "net.core.bpf_jit_enable is 0");
	}
	p->f[DRVMEM_FEAT_SLAB_SYSFS].st = access("/sys/kernel/slab", R_OK) ? DRVMEM_FEAT_NO :
									   DRVMEM_FEAT_YES;
	if (p->f[DRVMEM_FEAT_SLAB_SYSFS].st == DRVMEM_FEAT_NO)
		snprintf(p->f[DRVMEM_FEAT_SLAB_SYSFS].why, 160, "/sys/kernel/slab cannot be read");
	p->in_container = !access("/.dockerenv", F_OK) || !access("/run/.containerenv", F_OK);
	/* the initial user namespace maps everything: "0 0 4294967295" */
	if (!read_small("/proc/self/uid_map", buf, sizeof(buf)))
		p->in_userns = !strstr(buf, "4294967295");
}

void drvmem_system__read(struct drvmem_probe *p)
{
	struct utsname u;

	if (!uname(&u)) {
		snprintf(p->kernel, sizeof(p->kernel), "%.90s", u.release);
		snprintf(p->arch, sizeof(p->arch), "%.30s", u.machine);
	}
	read_status(p);
	read_files(p);
	read_kallsyms(p);
}

void drvmem_system__module_list(enum drvmem_seen list, struct drvmem_feat_result *r)
{
	_cleanup_fclose_ FILE *f = NULL;
	char line[512];

	if (list == DRVMEM_NOT_READ)
		f = fopen("/proc/kallsyms", "re");
	if (list == DRVMEM_SEEN_THERE) {
		r->st = DRVMEM_FEAT_YES;
		return;
	}
	while (f && fgets(line, sizeof(line), f)) {
		char *name = strchr(line, ' ');

		name = name ? strchr(name + 1, ' ') : NULL;
		if (name && !strcmp(name, " modules\n")) {
			r->st = DRVMEM_FEAT_YES;
			return;
		}
	}
	r->st = DRVMEM_FEAT_NO;
	snprintf(r->why, sizeof(r->why), "the symbol 'modules' is not in /proc/kallsyms");
}

static bool has_cap(const struct drvmem_probe *p, int bit)
{
	return p->caps_effective >> bit & 1;
}

static int refuse(struct drvmem_err *err, int code, const char *what, const char *remedy)
{
	drvmem_err__set(err, code, DRVMEM_EXIT_CANNOT_RUN, "%s", what);
	drvmem_err__remedy(err, "%s", remedy);
	return code;
}

static int explain_rights(const struct drvmem_probe *p, struct drvmem_err *err)
{
	drvmem_err__set(err, -EPERM, DRVMEM_EXIT_CANNOT_RUN,
			"tracing needs more rights than this process has; missing: %s%s%s (uid %u)",
			has_cap(p, CAP_BPF_BIT) ? "" : "CAP_BPF",
			!has_cap(p, CAP_BPF_BIT) && !has_cap(p, CAP_PERFMON_BIT) ? ", " : "",
			has_cap(p, CAP_PERFMON_BIT) ? "" : "CAP_PERFMON", (unsigned int)geteuid());
	drvmem_err__remedy(err, "sudo %.120s ...\n"
			   "or: docker (podman) run --cap-add BPF --cap-add PERFMON --cap-add SYSLOG "
			   "--cap-add DAC_READ_SEARCH ... ('drvmem doctor' tells more)\n"
			   "or, on Kubernetes: securityContext.capabilities.add: [BPF, PERFMON, SYSLOG, DAC_READ_SEARCH]",
			   program_invocation_name);
	return -EPERM;
}

/* Why bpf(2) said no: each cause needs another fix. */
static int explain_denied(const struct drvmem_probe *p, struct drvmem_err *err)
{
	/* first: whatever rights it has here, they end at the namespace */
	if (p->in_userns)
		return refuse(err, -EPERM, "this process is in a user namespace, whose capabilities do not count for BPF",
			      "run drvmem in the initial user namespace: on the host; 'sudo podman run', not rootless; "
			      "docker run --userns=host; on Kubernetes hostUsers: true");
	if (!has_cap(p, CAP_SYS_ADMIN_BIT) && !(has_cap(p, CAP_BPF_BIT) && has_cap(p, CAP_PERFMON_BIT)))
		return explain_rights(p, err);
	if (p->lockdown == 2)
		return refuse(err, -EPERM, "the kernel is locked down (confidentiality): BPF may not read kernel memory",
			      "boot with lockdown=integrity or none");
	if (p->seccomp == 2)
		return refuse(err, -EPERM, "a seccomp filter refuses bpf(2), though the capabilities are there",
			      "docker (podman) run --security-opt seccomp=unconfined ..., on Kubernetes "
			      "seccompProfile: {type: Unconfined}; or a profile that allows bpf and perf_event_open");
	return refuse(err, -EPERM, "a security module refuses BPF, though the capabilities are there",
		      "look for a denial in dmesg or the audit log");
}

/* A filter may say that there is no such system call; so do kernels, and what poses as one. */
static int explain_no_bpf(const struct drvmem_probe *p, struct drvmem_err *err)
{
	if (p->seccomp == 2)
		return refuse(err, -ENOTSUP, "there is no bpf(2) here (ENOSYS): a seccomp filter hides it, or the kernel lacks it",
			      "docker (podman) run --security-opt seccomp=unconfined ..., on Kubernetes "
			      "seccompProfile: {type: Unconfined}; else a kernel with CONFIG_BPF_SYSCALL=y");
	return refuse(err, -ENOTSUP, "this kernel has no bpf(2) (ENOSYS)",
		      "use a kernel with CONFIG_BPF_SYSCALL=y, and no sandbox that poses as a kernel (gVisor)");
}

/* Something else is mounted where the kernel shows its files, as container runtimes mask them, or nothing is. */
static bool is_masked(const char *const *paths)
{
	struct statfs s;

	while (*paths && statfs(*paths, &s))
		paths++;
	return !*paths || s.f_type != SYSFS_MAGIC;
}

static int explain_no_btf(const struct drvmem_probe *p, struct drvmem_err *err)
{
	static const char *const paths[] = { "/sys/kernel/btf/vmlinux", "/sys/kernel/btf", "/sys/kernel", "/sys", NULL };

	if (is_masked(paths))
		return refuse(err, -ENOTSUP, "the kernel's types cannot be read: /sys/kernel/btf/vmlinux is masked, or "
			      "sysfs is not mounted at /sys",
			      "mount -t sysfs sysfs /sys; docker (podman) run -v /sys:/sys:ro ..., on Kubernetes a "
			      "hostPath volume of /sys");
	drvmem_err__set(err, -ENOTSUP, DRVMEM_EXIT_CANNOT_RUN, "kernel %s has no BTF: %s", p->kernel,
			p->f[DRVMEM_FEAT_BTF].why);
	drvmem_err__remedy(err, "%s", drvmem_feat_descs[DRVMEM_FEAT_BTF].remedy);
	return -ENOTSUP;
}

int drvmem_probe__can_trace(const struct drvmem_probe *p, struct drvmem_err *err)
{
	enum drvmem_feat must[] = { DRVMEM_FEAT_BPF, DRVMEM_FEAT_RAW_TP };
	size_t i;

	for (i = 0; i < 2; i++) {
		if (p->f[must[i]].st == DRVMEM_FEAT_DENIED)
			return explain_denied(p, err);
		if (p->f[must[i]].error == -ENOSYS)
			return explain_no_bpf(p, err);
		if (p->f[must[i]].st != DRVMEM_FEAT_YES) {
			drvmem_err__set(err, -ENOTSUP, DRVMEM_EXIT_CANNOT_RUN, "%s", p->f[must[i]].why);
			drvmem_err__remedy(err, "%s", drvmem_feat_descs[must[i]].remedy);
			return -ENOTSUP;
		}
	}
	if (p->f[DRVMEM_FEAT_BTF].st != DRVMEM_FEAT_YES)
		return explain_no_btf(p, err);
	if (!p->nr_cpus)
		return refuse(err, -ENOTSUP, "how many CPUs there can be is not known: /sys/devices/system/cpu/possible "
			      "cannot be read", "mount -t sysfs sysfs /sys; docker (podman) run -v /sys:/sys:ro ...");
	if (p->form == DRVMEM_SLAB_UNKNOWN) {
		drvmem_err__set(err, -ENOTSUP, DRVMEM_EXIT_CANNOT_RUN,
				"the slab tracepoints of kernel %s have a form drvmem was not tested with",
				p->kernel);
		drvmem_err__remedy(err, "use a kernel of the support matrix (5.10, or 6.1 and newer)");
		return -ENOTSUP;
	}
	return 0;
}
