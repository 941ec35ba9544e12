#!/bin/sh
#
# settings.sh man|sample CAPTCHACTL: print the section of keys in captcha.conf(5),
# or the sample file, from the program, with /var, /run and /etc in place of
# the directories that it was built with. `make update-docs` writes both files, and
# tests/lint/docs.sh compares them.
set -eu

what=$1
program=$2
# place KEY END: the directory that a built-in path begins with
place() {
    env -i "$program" config --config /dev/null |
        sed -n "s|^$1 = \(.*\)$2.*|\1|p" |
        if [ "$what" = sample ]; then cat; else sed 's/-/\\-/g'; fi
}

env -i "$program" config "--$what" --config /dev/null |
    STATE=$(place store '/lib/captcha-fcgi/captcha\.db' | sed 's/^sqlite://') \
        RUN=$(place cache_dir '/captcha-fcgi-cache') \
        ETC=$(place sites_dir '/captcha-fcgi/sites\.d') awk '
    function put(text, from, to,    line, at) {
        line = ""
        while ((at = index(text, from "/")) > 0) {
            line = line substr(text, 1, at - 1) to "/"
            text = substr(text, at + length(from) + 1)
        }
        return line text
    }
    # the longer first: it may be below the other
    {
        line = put(put($0, ENVIRON["RUN"], "/run"), ENVIRON["STATE"], "/var")
        print put(line, ENVIRON["ETC"], "/etc")
    }'
