#!/bin/sh
# Apache with mod_fcgid.
. "$(dirname "$0")/lib.sh"

prepare
ship deploy/apache/captcha-fcgid.conf
set_var "$shipped" captcha_processes 4
start_apache "$shipped" fcgid
visit
stop_server
finish
