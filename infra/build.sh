#!/usr/bin/env bash
# Makes the five packages for AWS Lambda on arm64, in target/lambda/, and prints their sizes; beside them, in
# target/sbom/, what each is made of (CycloneDX).
# bash infra/build.sh [FUNCTION…]: all of them, or some.
set -euo pipefail
cd "$(dirname "$0")/.."
bash .ci/compiler
functions=("$@")
[ ${#functions[@]} -gt 0 ] || functions=(webhook fetch archive subscriptions backfill)
tools=$PWD/target/lambda-tools
if [ ! -x "$tools/bin/auditable2cdx" ]; then
  python3 -m venv "$tools"
  # zig is the C compiler and linker for arm64.
  "$tools/bin/pip" install --quiet cargo-lambda==1.9.2 ziglang==0.15.2
  # They put the list of crates into the binary, where scanners find it, and read it from there.
  cargo install --quiet --locked --root "$tools" cargo-auditable@0.7.7 auditable2cdx@0.1.0
fi
rustup target add aarch64-unknown-linux-gnu
binaries=()
for function in "${functions[@]}"; do binaries+=(--package "$function" --bin "$function"); done
PATH=$tools/bin:$PATH cargo auditable lambda build --release --arm64 --locked "${binaries[@]}"
mkdir -p target/sbom
for function in "${functions[@]}"; do
  "$tools/bin/auditable2cdx" "target/lambda/$function/bootstrap" > "target/sbom/$function.cdx.json"
done
python3 - "${functions[@]}" <<'PRINT'
import io, json, pathlib, sys, zipfile
for function in sys.argv[1:]:
    binary = pathlib.Path("target/lambda", function, "bootstrap")
    package = io.BytesIO()
    zipfile.ZipFile(package, "w", zipfile.ZIP_DEFLATED).write(binary, "bootstrap")
    crates = len(json.loads(pathlib.Path("target/sbom", f"{function}.cdx.json").read_text())["components"])
    print(f"{function:<14} {binary.stat().st_size:>10} bytes, {package.tell():>10} zipped, {crates} crates")
PRINT
