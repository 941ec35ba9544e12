#!/bin/sh
# lighttpd with FastCGI.
. "$(dirname "$0")/lib.sh"

prepare
ship deploy/lighttpd/captcha-fastcgi.conf
start_lighttpd "$shipped"
visit
stop_server
finish
