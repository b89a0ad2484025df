#!/usr/bin/env bash
# The pictures of the README, made from a new demo: bash docs/pictures/make.sh. It needs curl and Chromium.
set -euo pipefail
pictures=$(cd "$(dirname "$0")" && pwd)
cargo build --quiet --manifest-path "$pictures/../../Cargo.toml"
rollcall=$(cargo metadata --manifest-path "$pictures/../../Cargo.toml" --no-deps --format-version 1 | sed 's/.*"target_directory":"\([^"]*\)".*/\1/')/debug/rollcall
work=$(mktemp -d)
cd "$work"
export XDG_CACHE_HOME=$work/cache
"$rollcall" demo --to rollcall-demo > demo.log
options=(rollcall-demo --roster rollcall-demo-roster.csv --zone Europe/Amsterdam)
"$rollcall" register "${options[@]}" --title 'Data protection training' --to register.html
chromium --headless --no-sandbox --hide-scrollbars --window-size=1200,660 --screenshot="$pictures/register.png" "file://$work/register.html"

"$rollcall" browse "${options[@]}" --no-open > browse.log &
trap 'kill %1; rm -rf "$work"' EXIT
for _ in $(seq 100); do grep -q 'http://' browse.log && break; sleep 0.1; done
address=$(grep -o 'http://[^ ]*' browse.log)
base=${address%%/\?*}
page() { curl --silent --fail --cookie-jar cookies --cookie cookies --location "$1"; }
page "$address" > /dev/null
for _ in $(seq 100); do
  page "$base/?search=protection" > sessions.html
  grep -q 'session 3<' sessions.html && break
  sleep 0.2
done
key=$(grep -o 'key=[^"&]*training-3[^"&]*' sessions.html | head -1)
page "$base/session/picture.svg?$key" > "$pictures/session.svg"
wc -c "$pictures"/session.svg "$pictures"/register.png
