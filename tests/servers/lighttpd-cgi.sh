#!/bin/sh
# lighttpd with plain CGI.
. "$(dirname "$0")/lib.sh"

prepare
ship deploy/lighttpd/captcha-cgi.conf
start_lighttpd "$shipped"
visit
stop_server
finish
