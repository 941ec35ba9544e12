#!/bin/sh
# The public test keys of other vendors in boxes: the cases of api.sh for them.
WITH_TEST_KEYS=yes exec sh "$(dirname "$0")/api.sh"
