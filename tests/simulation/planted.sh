#!/usr/bin/env bash
# Plants bugs into a copy of the repository, one at a time: the simulation must catch each.
# bash tests/simulation/planted.sh [COUNT]: all of them, or COUNT of them, a different selection each day.
# PLANTED='p*' bash tests/simulation/planted.sh: those whose names match the pattern.
set -euo pipefail
cd "$(dirname "$0")/../.."
patches=("$PWD"/tests/simulation/planted/${PLANTED:-*}.patch)
count=${1:-${#patches[@]}}
first=$(($(date +%s) / 86400 * count % ${#patches[@]}))
copy=target/planted
rm -rf "$copy"
mkdir -p "$copy/target"
git ls-files -z | xargs -0 cp --parents --target-directory "$copy"
cargo build --quiet --locked --profile simulation -p simulation
# Reusing the compiled dependencies saves minutes. It must be a copy: cargo identifies a workspace's crates by their
# relative paths, so a shared target folder would mix builds with a planted bug and builds without.
cp --archive target/simulation "$copy/target/"
export CARGO_TARGET_DIR=$PWD/$copy/target
simulation=$CARGO_TARGET_DIR/simulation/simulation

catches() {
  ! "$simulation" exhaustive --faults 1 > "$copy/output" 2>&1 || ! "$simulation" random --meetings 2000 > "$copy/output" 2>&1
}

for index in $(seq 0 $((count - 1))); do
  patch=${patches[(first + index) % ${#patches[@]}]}
  name=$(basename "$patch" .patch)
  patch --quiet --strip 1 --directory "$copy" < "$patch"
  (cd "$copy" && cargo build --quiet --locked --profile simulation -p simulation)
  if ! catches; then
    echo "$name: not caught"
    exit 1
  fi
  echo "$name: caught: $(grep -v '^dead letters' "$copy/output" | grep -m 1 -oE 'violations,? [A-Za-z].*|"[^"]*"' | cut -c 1-120)"
  patch --quiet --strip 1 --reverse --directory "$copy" < "$patch"
done
