#!/bin/sh
# The sound of the element <captcha-box> in Chromium, and that of the page without
# scripts, with the settings of box.sh: sound.js has the cases.
CASES=sound.js exec sh "$(dirname "$0")/box.sh"
