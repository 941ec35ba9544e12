# /etc/cron.d/captcha-fcgi: remove expired challenges and stale pictures, each
# night at two, and have the digits of sounds said anew, where espeak-ng or flite
# is installed. The sounds are in memory, and gone after a boot. With systemd
# captcha-clean.timer does all of it.
SHELL=/bin/sh
PATH=/usr/bin:/bin
MAILTO=root

0 2 * * *	_captcha-fcgi	[ -d /run/systemd/system ] || [ ! -x /usr/bin/captchactl ] || { /usr/bin/captchactl clean --config /etc/captcha-fcgi/captcha.conf; /usr/bin/captchactl audio make --if-installed --config /etc/captcha-fcgi/captcha.conf; } >/dev/null
@reboot	_captcha-fcgi	[ -d /run/systemd/system ] || [ ! -x /usr/bin/captchactl ] || { sleep 60; /usr/bin/captchactl audio make --if-installed --config /etc/captcha-fcgi/captcha.conf; } >/dev/null
