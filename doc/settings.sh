#!/bin/sh
#
# settings.sh man|sample CAPTCHACTL: the section of keys in captcha.conf(5), or
# the sample file, as the program prints them, with /var for the localstatedir
# it was built with. `make update-docs` writes both; tests/lint/docs.sh compares
# them with what is committed.
set -eu

what=$1
program=$2
state=$(env -i "$program" config --config /dev/null |
    sed -n 's|^database = \(.*\)/lib/captcha-fcgi/captcha\.db.*|\1|p')
[ "$what" = sample ] || state=$(printf '%s\n' "$state" | sed 's/-/\\-/g')

env -i "$program" config "--$what" --config /dev/null |
    STATE=$state awk '
    BEGIN { state = ENVIRON["STATE"] }
    {
        rest = $0
        line = ""
        while ((at = index(rest, state "/")) > 0) {
            line = line substr(rest, 1, at - 1) "/var/"
            rest = substr(rest, at + length(state) + 1)
        }
        print line rest
    }'
