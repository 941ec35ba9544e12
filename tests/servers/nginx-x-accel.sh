#!/bin/sh
# nginx sends the pictures itself.
. "$(dirname "$0")/lib.sh"

prepare "sendfile = x-accel-redirect"
ship deploy/nginx/captcha-x-accel.conf
start_listening --workers 3
start_nginx "$shipped"
visit

# a picture that is issued by its address has a file
get '?img=url'
day=$(date -u +%F)
is "the picture lies where nginx finds it" "$pid.png" \
	"$(cd "$T/data/cache/$day/live" && ls "$pid.png")"
outside=$(curl -s -o "$T/none" -w "%{http_code}" \
	"http://127.0.0.1:$port/captcha-pictures/$day/live/$pid.png")
is "where no client can ask for it" 404 "$outside"
# proof that nginx sends it: another file in its place
as_user sh -c "echo stand-in >\"$T/data/cache/$day/live/$pid.png\""
request "/image/$pid.png"
is "nginx sends the file, not the service" "200 stand-in" "$status $(body)"
stop_server
finish
