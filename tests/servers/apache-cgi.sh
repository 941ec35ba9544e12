#!/bin/sh
# Apache with plain CGI, also with mod_fcgid, which takes names that end in .fcgi.
. "$(dirname "$0")/lib.sh"

prepare
start_web deploy/apache/captcha-cgi.conf
# Apache cannot tell a CGI program the length of a chunked body.
visit refused
stop_server
finish
