#!/usr/bin/env bash
# Which changes to the code that must not be wrong does no test notice? bash tests/mutants.sh SHARD
# SHARD is as 0/4, the first fourth of them. First the unit tests and a little of the simulation run against each mutant, as
# they are built in seconds; against those that they miss, the tests of tests/pipeline that are about the changed file. A
# fourth takes two hours of two cores, and needs cargo-mutants.
set -euo pipefail
cd "$(dirname "$0")/.."
shard=$1
copy=$PWD/target/mutants
mkdir -p "$copy/tree"
# The official payloads, which the tests find beside the repository.
ln -sfn "$(cd .. && pwd)/shared" "$copy/shared"
git ls-files -z | xargs -0 cp --parents --preserve=timestamps --target-directory "$copy/tree"
cd "$copy/tree"
# 2: some were missed, 3: some took too long.
cargo mutants --in-place --baseline=skip --timeout 180 --workspace --shard "$shard" --sharding round-robin \
  --output "$copy" --test-package shared,archive,backfill,fetch,subscriptions,webhook,simulation || [ $? -le 3 ]

# tests FILE: the modules of tests/pipeline that are about this file.
tests() {
  case "$1" in
    functions/archive/*) modules archive_bytes archive_comparison archive_versions fetch_bad_input pipeline_dead_letters pipeline_store_faults ;;
    functions/backfill/*) modules backfill_discovery backfill_units backfill_year ;;
    functions/fetch/*)
      modules archive_bytes fetch_bad_input fetch_encrypted_notifications fetch_readiness fetch_retries fetch_targets \
        graph_tokens pipeline_dead_letters pipeline_store_faults
      ;;
    functions/subscriptions/*) modules subscriptions_continuity fetch_encrypted_notifications ;;
    functions/webhook/*)
      modules webhook_acknowledgement webhook_answers webhook_authenticity fetch_encrypted_notifications
      ;;
    *)
      modules archive_bytes archive_versions backfill_discovery fetch_bad_input fetch_readiness fetch_retries \
        fetch_targets graph_calls graph_refusals graph_tokens pipeline_dead_letters pipeline_store_faults ports_stores \
        subscriptions_continuity
      ;;
  esac
}

# modules NAME...: the filters that choose these modules, and no test whose own name is like one of them. A module that
# does not exist would filter out everything, so it is an error.
modules() {
  for name; do
    [ -f "tests/pipeline/$name.rs" ] || { echo "there is no tests/pipeline/$name.rs" >&2; kill $$; }
    echo "$name::"
  done
}

# A test that fails on the unchanged code would seem to notice every change.
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
  if CI=true timeout 900 cargo test --quiet -p pipeline -- $(tests "$file") > "$copy/output" 2>&1; then
    echo "missed: $name"
  else
    echo "caught by tests/pipeline: $name"
  fi
  cp "$copy/unchanged" "$file"
done < "$copy/missed.tsv"
