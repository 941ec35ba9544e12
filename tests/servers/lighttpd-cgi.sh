#!/bin/sh
# lighttpd with plain CGI.
. "$(dirname "$0")/lib.sh"

prepare
start_web deploy/lighttpd/captcha-cgi.conf
visit
stop_server
finish
