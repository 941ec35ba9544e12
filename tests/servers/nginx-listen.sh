#!/bin/sh
# nginx, and the service as its own master on a Unix socket. Connections between
# them are kept open.
. "$(dirname "$0")/lib.sh"

prepare
start_listening --workers 3
start_web deploy/nginx/captcha-listen.conf
visit
stop_server

kill -TERM "$service"
wait_for is_stopped "$service"
result $? "the service ends too"
[ ! -e "$T/run/captcha.sock" ]
result $? "and removes its socket"
finish
