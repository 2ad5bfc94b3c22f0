# SPDX-License-Identifier: GPL-2.0-or-later
# The packages as they would be shipped: optimised, with debug symbols.
exec sh "$(dirname "$0")/../pack/deb.sh" --full
