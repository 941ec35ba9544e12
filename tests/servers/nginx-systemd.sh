#!/bin/sh
# nginx, and the service on a socket that systemd passes: systemd-socket-activate
# runs the lines of the shipped units.
. "$(dirname "$0")/lib.sh"

prepare
ship deploy/systemd/captcha-fcgi.socket
socket=$(sed -n "s/^ListenStream=//p" "$shipped")
ship deploy/systemd/captcha-fcgi.service
command=$(sed -n "s/^ExecStart=//p" "$shipped")
ship deploy/nginx/captcha-listen.conf

# shellcheck disable=SC2086
start_as_user "$T/service.log" systemd-socket-activate -l "$socket" $command
service=$started
wait_for test -S "$socket"
start_nginx "$shipped"
visit
stop_server

kill -TERM "$service"
wait_for is_stopped "$service"
result $? "the service ends too"
[ -S "$socket" ]
result $? "and leaves the socket to systemd"
finish
