#!/bin/sh
# Apache with plain CGI, even where mod_fcgid takes what ends in .fcgi.
. "$(dirname "$0")/lib.sh"

prepare
ship deploy/apache/captcha-cgi.conf
start_apache "$shipped" cgid fcgid
# it has no way to tell a CGI program the length of a chunked body
visit refused
stop_server
finish
