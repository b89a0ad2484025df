#!/usr/bin/env bash
# Checks the template without AWS: cfn-lint, and checkov with the skips that infra/checkov.yaml explains.
set -euo pipefail
cd "$(dirname "$0")/.."
tools=target/infra
if [ ! -x "$tools/bin/checkov" ]; then
  python3 -m venv "$tools"
  "$tools/bin/pip" install --quiet cfn-lint==1.58.0 checkov==3.3.30
fi
"$tools/bin/cfn-lint" infra/template.yaml
"$tools/bin/checkov" --config-file infra/checkov.yaml --file infra/template.yaml
echo "infra/template.yaml: cfn-lint and checkov find nothing"
