#!/bin/sh
# Exactly once: of 16 right answers sent at the same moment one succeeds, and
# no picture reaches two pids, with four FastCGI processes.
. "$(dirname "$0")/lib.sh"
export CAPTCHA_STORE_TIMEOUT_MS=20000 # the machine may stop for a while

ISSUES=${ISSUES:-20000}
PIDS=${PIDS:-1000}
COPIES=16
get=/captcha/verification/get
check=/captcha/verification/check

start_web 4 POOL_SIZE=$((ISSUES + 100))
"$builddir/captchactl" fill --wait >/dev/null

ready_codes >"$work/ready"

report=$("$hammer" -c 32 -n "$ISSUES" -o "$work/issued" "$port" "$get")
note "issue: $report"
ok "$ISSUES issues are answered with 200" \
    [ "$(field 200 "$report")" = "$ISSUES" ]
ok "all pids differ" \
    [ "$(cut -f1 "$work/issued" | sort -u | wc -l)" -eq "$ISSUES" ]

# Right answers to all pids whose picture was ready: to ./bodies. Pictures that
# were issued twice, and pictures that were drawn since, are counted.
perl -MMIME::Base64 -MDigest::MD5=md5_hex -e '
    my ($ready, $issued, $bodies) = @ARGV;
    my (%code, %seen, $twice, $drawn);
    $twice = $drawn = 0;
    open my $r, "<", $ready or die;
    while (<$r>) {
        chomp;
        my ($sum, $code) = split /\t/;
        $code{$sum} = $code;
    }
    open my $i, "<", $issued or die;
    open my $b, ">", $bodies or die;
    while (<$i>) {
        my ($pid, $img) = split;
        my $sum = md5_hex(decode_base64($img));
        $twice++ if $seen{$sum}++;
        if (defined $code{$sum}) {
            print $b "pid=$pid&code=$code{$sum}\n";
        } else {
            $drawn++;
        }
    }
    print "$twice $drawn\n";
' "$work/ready" "$work/issued" "$work/bodies" >"$work/counts"
read -r twice drawn <"$work/counts"
known=$(wc -l <"$work/bodies")
note "$known pictures were ready before, $drawn were drawn since"
ok "no picture was issued twice" [ "$twice" -eq 0 ]
ok "the pool served nearly all" [ "$known" -ge $((ISSUES * 9 / 10)) ]

tail -n +$((PIDS + 1)) "$work/bodies" >"$work/once"
report=$("$hammer" -c 32 -b "$work/once" "$port" "$check")
note "check: $report"
ok "each pid accepts the code of its picture" \
    [ "$(field success "$report")" -eq "$(wc -l <"$work/once")" ]

head -n "$PIDS" "$work/bodies" >"$work/volley"
report=$("$hammer" -r $COPIES -b "$work/volley" "$port" "$check")
note "$COPIES at once: $report"
ok "$PIDS pids, $COPIES right answers each at once: $PIDS successes" \
    [ "$(field success "$report")" -eq "$PIDS" ]
report=$("$hammer" -c 32 -b "$work/volley" "$port" "$check")
ok "none is accepted again" [ "$(field success "$report")" -eq 0 ]
plan
