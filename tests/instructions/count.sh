#!/usr/bin/env bash
# Counts the instructions of a notification's and of a report's work, and compares them with recorded.tsv: more than a
# tenth above is an error. bash tests/instructions/count.sh [--record]: writes down what is counted.
set -euo pipefail
cd "$(dirname "$0")/../.."
if ! command -v valgrind > /dev/null; then
  echo "skipped: counting instructions needs valgrind"
  exit 0
fi
# Together with the simulation, so that both use the same build of the dependencies.
cargo build --locked --quiet --profile simulation -p simulation -p instructions
recorded=tests/instructions/recorded.tsv

# count WORK SIZE TIMES: the instructions of the whole process. Work that fails has no count. In a name like
# stranger:numbers the second word says what is posted.
count() {
  local output
  output=$(valgrind --tool=callgrind --callgrind-out-file=/dev/null target/simulation/instructions ${1//:/ } "$2" "$3" 2>&1 > /dev/null) || {
    echo "$output" >&2
    return 1
  }
  sed -n 's/.*Collected : //p' <<< "$output"
}

# The difference of two counts, so that the start of the process is in neither.
work() {
  local more less
  more=$(count "$1" "$2" 12) || return
  less=$(count "$1" "$2" 2) || return
  echo $(((more - less) / 10))
}

if [ "${1:-}" = --record ]; then
  new=target/instructions.tsv
  while read -r name size _; do
    now=$(work "$name" "$size")
    printf '%s\t%s\t%s\n' "$name" "$size" "$now"
  done < "$recorded" > "$new"
  mv "$new" "$recorded"
  cat "$recorded"
  exit 0
fi
grown=0
while read -r name size limit; do
  now=$(work "$name" "$size")
  echo "$name $size: $now instructions, $((100 * now / limit)) % of what is recorded"
  if [ $((10 * now)) -gt $((11 * limit)) ]; then grown=1; fi
done < "$recorded"
if [ "$grown" = 1 ]; then
  echo "a count is more than a tenth above the recorded one: fix it, or record it (just instructions --record)"
  exit 1
fi
