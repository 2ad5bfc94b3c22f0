# SPDX-License-Identifier: GPL-2.0-or-later
# perl no-bpf.pl ERRNO CMD...: CMD where a seccomp filter refuses bpf(2) so, as container runtimes do. Status 77: not here.
use strict;
my %nr = (x86_64 => [321, 157], aarch64 => [280, 167]);	# bpf, prctl
my $machine = `uname -m`;
chomp $machine;
exit 77 unless $nr{$machine};
my ($bpf, $prctl) = @{$nr{$machine}};
my $errno = shift;
# load the number; unless it is bpf's, over one; SECCOMP_RET_ERRNO; SECCOMP_RET_ALLOW
my $code = pack("SCCL" x 4, 0x20, 0, 0, 0, 0x15, 0, 1, $bpf, 0x06, 0, 0, 0x00050000 | $errno, 0x06, 0, 0, 0x7fff0000);
my $filter = pack("Sx6P", 4, $code);
exit 77 if syscall($prctl, 38, 1, 0, 0, 0);	# PR_SET_NO_NEW_PRIVS
exit 77 if syscall($prctl, 22, 2, $filter, 0, 0);	# PR_SET_SECCOMP
exec @ARGV;
