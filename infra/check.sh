#!/usr/bin/env bash
# Checks the templates without AWS: cfn-lint (on what the SAM transform makes of it), checkov with the skips that
# infra/checkov.yaml explains, and samconfig.toml against the template's parameters.
set -euo pipefail
cd "$(dirname "$0")/.."
tools=target/infra
if [ ! -f "$tools/installed" ]; then
  python3 -m venv "$tools"
  # cfn-lint looks at what the translator makes of the template; without it, at the template alone.
  "$tools/bin/pip" install --quiet aws-sam-translator==1.115.0 cfn-lint==1.58.0 checkov==3.3.30
  touch "$tools/installed"
fi
"$tools/bin/cfn-lint" infra/template.yaml
"$tools/bin/cfn-lint" --regions us-east-1 -- infra/cloudfront.yaml
"$tools/bin/checkov" --config-file infra/checkov.yaml --file infra/template.yaml infra/cloudfront.yaml
"$tools/bin/python" - <<'CHECK'
import re, tomllib
from samtranslator.yaml_helper import yaml_parse

template = yaml_parse(open("infra/template.yaml").read())["Parameters"]
for environment, commands in tomllib.load(open("samconfig.toml", "rb")).items():
    if environment == "version":
        continue
    for override in commands["deploy"]["parameters"]["parameter_overrides"]:
        name, value = override.split("=", 1)
        parameter = template[name]
        allowed = value in map(str, parameter.get("AllowedValues", [value]))
        fits = re.fullmatch(parameter.get("AllowedPattern", ".*"), value) is not None
        # What is to be written first must be refused until it is.
        assert (allowed and fits) != value.startswith("YOUR_"), f"samconfig.toml, {environment}: {override}"
CHECK
echo "infra/template.yaml, infra/cloudfront.yaml, samconfig.toml: cfn-lint, checkov and the parameters find nothing"
