#!/usr/bin/env bash
# Coverage-guided fuzzing with libFuzzer of all inputs from outside: both readers of `check`, and the inputs of the functions.
# run.sh [SECONDS for each] [TARGET..]
# It starts with our own files, the pairs of the tests, and seeds/, and continues where the last run stopped. It keeps an input that
# breaks a reader next to the corpus, and prints its name. Needs a C++ compiler. Nightly Rust is not needed; `cargo fuzz` works with it.
# CASES="FOLDER.." names more folders of pairs, as pages or folders, as in generator/check/tests/cases.
set -euo pipefail
seconds="${1:-60}"
shift || true
root="$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)"
target="${CARGO_TARGET_DIR:-$root/target}/fuzz"
host="$(rustc -vV | sed -n 's/^host: //p')"
targets=("$@")
if [[ $# == 0 ]]; then
  targets=(terraform cloudformation webhook message event setting)
fi

# Without seeds the fuzzer would rarely get beyond the first line of a file.
seed() {
  local reader="$1" seeds="$target/seeds/$1" count
  shift
  rm -rf "$seeds"
  mkdir -p "$seeds" "$target/corpus/$reader"
  find "$@" | while read -r file; do
    cp "$file" "$seeds/$(sha256sum <"$file" | cut -c1-16)"
  done
  count="$(find "$seeds" -type f | wc -l)"
  if [[ $count == 0 ]]; then
    echo "$reader: no seeds; none came of: find $*" >&2
    exit 1
  fi
  echo "$reader: $count seeds"
}
# Writes the sources of the pairs as files. A folder without pairs is an error.
read -ra more <<<"${CASES:-}"
rm -rf "$target/cases"
cargo run --quiet --locked --manifest-path "$root/Cargo.toml" --package jit-runners-witnesses --bin unfold-cases -- \
  "$target/cases" "$root/generator/check/tests/cases" "${more[@]}"
seed terraform "$root/generated" "$target/cases" -type f -name '*.tf'
seed cloudformation "$root/generated" "$target/cases" -type f '(' -name 'template.yaml' -o -name 'template.json' ')'
for reader in webhook message event setting; do
  seed "$reader" "$root/fuzz/seeds/$reader" -type f
done

# The flags of `cargo fuzz`, but without a sanitizer, because we have no unsafe code.
instrument=(-Cpasses=sancov-module -Cllvm-args=-sanitizer-coverage-level=4
  -Cllvm-args=-sanitizer-coverage-inline-8bit-counters -Cllvm-args=-sanitizer-coverage-pc-table
  -Cllvm-args=-sanitizer-coverage-trace-compares -Ccodegen-units=1)
# With a target, build scripts are not instrumented.
RUSTFLAGS="${instrument[*]}" cargo build --release --locked --quiet --target "$host" --target-dir "$target" \
  --manifest-path "$root/fuzz/Cargo.toml"

fuzz() {
  if "$target/$host/release/$1" -max_total_time="$seconds" -max_len=65536 -timeout=60 -rss_limit_mb=3000 \
    -artifact_prefix="$target/$1-" "$target/corpus/$1" "$target/seeds/$1" >"$target/$1.log" 2>&1; then
    echo "$1: $(grep -E '^Done' "$target/$1.log"), $(grep -oE 'cov: [0-9]+' "$target/$1.log" | tail -n 1)"
  else
    tail -n 40 "$target/$1.log"
    echo "$1: broken; see $target/$1.log"
    return 1
  fi
}
export -f fuzz
export seconds target host
# Two at a time. xargs fails if one of them fails.
printf '%s\n' "${targets[@]}" | xargs -P "${JOBS:-2}" -I{} bash -c 'fuzz {}'
