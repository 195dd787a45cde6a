#!/usr/bin/env bash
# How long `generate` and `check` take and how much memory, beside `cdk synth` of a comparable deployment in the same run.
# Needs hyperfine and GNU time; without npm the comparison is left out, and says so.
set -euo pipefail
root="$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)"
scratch="$(mktemp -d)"
trap 'rm -rf "$scratch"' EXIT

cargo build --release --quiet --manifest-path "$root/Cargo.toml" --package jit-runners-generator
program="${CARGO_TARGET_DIR:-$root/target}/release/jit-runners"
generate=("$program" generate --out "$scratch/generated")
check=("$program" check --out "$scratch/generated")
commands=(--command-name start "$program --version"
  --command-name check "${check[*]}"
  --command-name generate-unchanged "${generate[*]}"
  --command-name generate-from-nothing "rm -rf $scratch/generated && ${generate[*]}")

if command -v npm >/dev/null; then
  cp "$root"/generator/benches/cdk/* "$scratch/"
  (cd "$scratch" && npm install --silent --no-audit --no-fund)
  commands+=(--command-name cdk-synth "cd $scratch && npx cdk synth --quiet")
else
  echo "SKIPPED: npm is not there, so nothing to compare with" >&2
fi

"${generate[@]}" >/dev/null
hyperfine --warmup 1 --runs 5 "${commands[@]}"
echo "Peak memory in KiB:"
/usr/bin/time --format "%M generate" "${generate[@]}" >/dev/null
/usr/bin/time --format "%M check" "${check[@]}" >/dev/null
if command -v npm >/dev/null; then
  (cd "$scratch" && /usr/bin/time --format "%M cdk synth" npx cdk synth --quiet >/dev/null 2>"$scratch/log"; tail -n 1 "$scratch/log")
fi
