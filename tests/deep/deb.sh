# SPDX-License-Identifier: GPL-2.0-or-later
# A whole build, so it is not among the quick ones.
exec sh "$(dirname "$0")/../pack/deb.sh"
