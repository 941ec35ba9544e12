#!/bin/sh
# lighttpd with FastCGI, and lighttpd sends the pictures.
. "$(dirname "$0")/lib.sh"

prepare
ship deploy/lighttpd/captcha-x-sendfile.conf
start_lighttpd "$shipped"
visit
stop_server
finish
