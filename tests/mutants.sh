#!/usr/bin/env bash
# Which changes to the code that must not be wrong does no test notice? bash tests/mutants.sh SHARD
# SHARD is as 0/4, the first fourth of them. First the unit tests and a little of the simulation look at each change, as
# they are built in seconds; what they miss is shown to those tests of tests/pipeline that are about its place. A fourth
# takes two hours of two cores, and needs cargo-mutants.
set -euo pipefail
cd "$(dirname "$0")/.."
shard=$1
copy=$PWD/target/mutants
mkdir -p "$copy/tree"
git ls-files -z | xargs -0 cp --parents --preserve=timestamps --target-directory "$copy/tree"
cd "$copy/tree"
# 2: some were missed, 3: some took too long.
cargo mutants --in-place --baseline=skip --timeout 180 --workspace --shard "$shard" --sharding round-robin \
  --output "$copy" --test-package shared,archive,backfill,fetch,subscriptions,webhook,simulation || [ $? -le 3 ]

# tests FILE: the tests of tests/pipeline that are about this file.
tests() {
  case "$1" in
    functions/archive/*) echo archived_as_sent richer_wins nothing_lost faults ;;
    functions/backfill/*) echo nothing_missing units year ;;
    functions/fetch/*) echo nothing_lost archived_as_sent bad_input ;;
    functions/subscriptions/*) echo never_deaf encrypted_notifications ;;
    functions/webhook/*) echo the_door bad_input encrypted_notifications ;;
    *) echo nothing_lost archived_as_sent bad_input graph_calls refusals nothing_missing richer_wins never_deaf stores ;;
  esac
}

# What fails unchanged would notice everything.
# shellcheck disable=SC2046
CI=true cargo test --quiet -p pipeline -- $(for crate in archive backfill fetch subscriptions webhook; do tests "functions/$crate/"; done; tests shared/)

python3 - "$copy/mutants.out" <<'LIST' > "$copy/missed.tsv"
import json, sys
out = sys.argv[1]
for outcome in json.load(open(f"{out}/outcomes.json"))["outcomes"]:
    if outcome["summary"] == "MissedMutant":
        mutant = outcome["scenario"]["Mutant"]
        print(mutant["file"], f"{out}/{outcome['diff_path']}", mutant["name"], sep="\t")
LIST
while IFS=$'\t' read -r file diff name; do
  cp "$file" "$copy/unchanged"
  patch --quiet "$file" < "$diff"
  # shellcheck disable=SC2046
  if CI=true timeout 900 cargo test --quiet -p pipeline -- $(tests "$file") > "$copy/told" 2>&1; then
    echo "missed: $name"
  else
    echo "caught by tests/pipeline: $name"
  fi
  cp "$copy/unchanged" "$file"
done < "$copy/missed.tsv"
