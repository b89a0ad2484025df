#!/usr/bin/env bash
# Walks the pages of any archive in Chromium, as `rollcall browse` serves them: archive.sh ARCHIVE. The drivers are those that the tests of
# this crate install.
set -euo pipefail
scripts=target/tmp/playwright-core_1.65.1-axe-core_4.14.1/browser
if [ ! -x /usr/bin/chromium ] || [ ! -d "$scripts" ]; then
  echo "skipped: the pages need Chromium and Playwright, which the tests of infra/reader install where they can"
  exit 0
fi
cp infra/reader/tests/browser/*.mjs "$scripts"
log=$(mktemp)
target/debug/rollcall browse "$1" --no-open > "$log" &
trap 'kill %1; rm -f "$log"' EXIT
for _ in $(seq 100); do grep -q 'http://' "$log" && break; sleep 0.1; done
FIRST_BYTE_MS=5000 node "$scripts/walk.mjs" "$(grep -o 'http://[^ ]*' "$log")" "$1" target/browser/demo any
