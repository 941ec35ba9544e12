#!/bin/sh
# Boxes and challenges of api.js in light, dark and forced colours, narrow and
# wide, from left to right and from right to left: the cases of api.sh for looks.
PART=looks exec sh "$(dirname "$0")/api.sh"
