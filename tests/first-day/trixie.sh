#!/bin/sh
# The first day on Debian 13. Its make check is by gcc: see bookworm.sh.
. "$(dirname "$0")/lib.sh"
first_day trixie gcc "$@"
