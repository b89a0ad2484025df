#!/usr/bin/env bash
# Makes the five packages for AWS Lambda on arm64, in target/lambda/, and prints their sizes.
# bash infra/build.sh [FUNCTION…]: all of them, or some.
set -euo pipefail
cd "$(dirname "$0")/.."
functions=("$@")
[ ${#functions[@]} -gt 0 ] || functions=(webhook fetch archive subscriptions backfill)
tools=target/lambda-tools
if [ ! -x "$tools/bin/cargo-lambda" ]; then
  python3 -m venv "$tools"
  # zig is the C compiler and linker for arm64.
  "$tools/bin/pip" install --quiet cargo-lambda==1.9.2 ziglang==0.15.2
fi
rustup target add aarch64-unknown-linux-gnu
binaries=()
for function in "${functions[@]}"; do binaries+=(--package "$function" --bin "$function"); done
PATH=$PWD/$tools/bin:$PATH cargo lambda build --release --arm64 --locked "${binaries[@]}"
for function in "${functions[@]}"; do
  binary=target/lambda/$function/bootstrap
  zipped=$(python3 -c "
import io, sys, zipfile
package = io.BytesIO()
zipfile.ZipFile(package, 'w', zipfile.ZIP_DEFLATED).write(sys.argv[1], 'bootstrap')
print(package.tell())" "$binary")
  printf '%-14s %10d bytes, %10d zipped\n' "$function" "$(stat --format %s "$binary")" "$zipped"
done
