#!/bin/bash
# Stands where a script of your own would: `make ami.build EXTRA_SCRIPT=path/to/yours.sh` (docs/image.md).
echo "image: no script of your own"
