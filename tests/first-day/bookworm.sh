#!/bin/sh
# The first day on Debian 12. Its make check is by clang, and that of
# trixie.sh by gcc: each takes a minute and a half.
. "$(dirname "$0")/lib.sh"
first_day bookworm clang "$@"
