# /etc/cron.d/captcha-fcgi: remove expired challenges and stale pictures, each
# night at two. With systemd captcha-clean.timer does it.
SHELL=/bin/sh
PATH=/usr/bin:/bin
MAILTO=root

0 2 * * *	_captcha-fcgi	[ -d /run/systemd/system ] || [ ! -x /usr/bin/captchactl ] || /usr/bin/captchactl clean --config /etc/captcha-fcgi/captcha.conf >/dev/null
