#!/usr/bin/env bash
# Counts the instructions of a notification's and of a report's work, and compares them with recorded.tsv: more than a
# tenth above is an error. bash tests/instructions/count.sh [--record]: writes down what is counted.
set -euo pipefail
cd "$(dirname "$0")/../.."
if ! command -v valgrind > /dev/null; then
  echo "skipped: counting instructions needs valgrind"
  exit 0
fi
# With the simulation, so that they share what they are made of.
cargo build --locked --quiet --profile simulation -p simulation -p instructions
recorded=tests/instructions/recorded.tsv

# count WORK SIZE TIMES: of the whole process. Work that fails has no count.
count() {
  local told
  told=$(valgrind --tool=callgrind --callgrind-out-file=/dev/null target/simulation/instructions "$@" 2>&1 > /dev/null) || {
    echo "$told" >&2
    return 1
  }
  sed -n 's/.*Collected : //p' <<< "$told"
}

# Once more and once less: what starting costs is in both.
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
  echo "something takes a tenth more instructions than recorded: mend it, or record it (just instructions --record)"
  exit 1
fi
