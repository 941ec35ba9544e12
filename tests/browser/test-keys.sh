#!/bin/sh
# The public test keys of other vendors in boxes: the cases of api.sh for them.
PART=test-keys exec sh "$(dirname "$0")/api.sh"
