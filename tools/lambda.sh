#!/usr/bin/env bash
# Builds the program of the functions for `provided.al2023`, for the architecture of jit-runners.yaml, and packs it into bin/,
# once for each function.
# `make lambda.zip` first installs the tools for this script. Options are passed to cargo.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
root="$PWD"
target="${CARGO_TARGET_DIR:-target}"
# The version of Amazon Linux 2023.
glibc=2.34

# If this script fails, no old package is left in bin/.
rm -f bin/*.zip

model="$(cargo run --quiet --locked -- show model)"
architecture="$(python3 -c 'import json, sys; print(json.load(sys.stdin)["choices"]["architecture"])' <<<"$model")"
case "$architecture" in
  x86_64) triple=x86_64-unknown-linux-gnu ;;
  arm64) triple=aarch64-unknown-linux-gnu ;;
  *) echo "no package can be built for $architecture" >&2; exit 1 ;;
esac
if [[ ! -d "$(rustc --print target-libdir --target "$triple")" ]]; then
  echo "the functions are for $architecture, whose standard library is not there; type: rustup target add $triple" >&2
  exit 1
fi

# The program is the same in every folder and for every user: it contains neither the path where it was built nor the paths of its
# crates. Only builds for $triple use these flags, so that ordinary builds keep their caches.
cargo fetch --quiet --locked --target "$triple"
flags=("--remap-path-prefix=$root=/jit-runners" "--remap-path-prefix=$(realpath -m "$target")=/target")
for registry in "${CARGO_HOME:-$HOME/.cargo}"/registry/src/*; do
  flags+=("--remap-path-prefix=$registry=/crates")
done
CARGO_ENCODED_RUSTFLAGS="$(IFS=$'\x1f'; echo "${flags[*]}")"
export CARGO_ENCODED_RUSTFLAGS

# aws-lc then seeds its random numbers from the system (and from the processor, if it has a source). Otherwise it would
# measure for 30 ms how irregular the clock is.
export AWS_LC_SYS_NO_JITTER_ENTROPY=1

export PATH="$root/.tools/lambda/bin:$PATH"
cargo zigbuild --locked --profile lambda --target "$triple.$glibc" --package jit-runners-functions --bin bootstrap "$@"
python3 tools/package.py "$target/$triple/lambda/bootstrap" bin --architecture "$architecture"
