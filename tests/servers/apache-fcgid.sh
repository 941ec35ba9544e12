#!/bin/sh
# Apache with mod_fcgid.
. "$(dirname "$0")/lib.sh"

prepare
start_web deploy/apache/captcha-fcgid.conf
visit
stop_server
finish
