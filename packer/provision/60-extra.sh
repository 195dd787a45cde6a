#!/bin/bash
# Runs if you give no script of your own with `make ami.build EXTRA_SCRIPT=path/to/yours.sh` (docs/image.md).
echo "image: no script of your own"
