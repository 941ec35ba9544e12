#!/bin/sh
# lighttpd with FastCGI.
. "$(dirname "$0")/lib.sh"

prepare
start_web deploy/lighttpd/captcha-fastcgi.conf
visit
stop_server
finish
