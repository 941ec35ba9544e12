#!/bin/sh
# lighttpd with FastCGI, and lighttpd sends the pictures.
. "$(dirname "$0")/lib.sh"

prepare
ship deploy/lighttpd/captcha-x-sendfile.conf
start_lighttpd "$shipped"
visit

# a picture that is issued by its address has a file
get '?img=url'
# proof that lighttpd sends it: another file in its place
as_user sh -c "echo stand-in >'$T/data/cache/$(date -u +%F)/live/$pid.png'"
request "/image/$pid.png"
is 'lighttpd sends the file, not the service' '200 stand-in' "$status $(body)"
stop_server
finish
