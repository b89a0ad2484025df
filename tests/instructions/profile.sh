#!/usr/bin/env bash
# A profile of the instructions: of a report in `fetch` and `archive`, and of the start of `fetch` until it asks Lambda
# for its first event. bash tests/instructions/profile.sh; needs valgrind.
set -euo pipefail
cd "$(dirname "$0")/../.."
cargo build --locked --quiet --profile simulation -p simulation -p bench -p instructions -p fetch
counted=target/callgrind.out
callgrind=("$(command -v valgrind)" --tool=callgrind --callgrind-out-file="$counted")

echo "a report of 1,000 attendees, twelve times:"
"${callgrind[@]}" target/simulation/instructions report 1000 12 > /dev/null 2>&1
callgrind_annotate "$counted" | grep -E '^ *[0-9,]+ \(' | sed -n 1,12p | cut -c 1-150

# No process listens on that port: the function ends when it asks for the first event.
start=(AWS_LAMBDA_RUNTIME_API=127.0.0.1:9 AWS_LAMBDA_FUNCTION_NAME=f AWS_LAMBDA_FUNCTION_VERSION=1
  AWS_LAMBDA_FUNCTION_MEMORY_SIZE=256 AWS_REGION=us-east-1 AWS_ACCESS_KEY_ID=a AWS_SECRET_ACCESS_KEY=b
  SSL_CERT_FILE=/etc/ssl/certs/ca-certificates.crt GRAPH_TENANT_ID=t GRAPH_CLIENT_ID=c GRAPH_CREDENTIAL=secret
  GRAPH_SECRET_ID=s ARCHIVE_BUCKET=b FETCH_QUEUE_URL=https://sqs.us-east-1.amazonaws.com/1/f
  FETCH_DLQ_URL=https://sqs.us-east-1.amazonaws.com/1/d ARCHIVE_QUEUE_URL=https://sqs.us-east-1.amazonaws.com/1/a)
echo "the start of fetch:"
env -i "${start[@]}" "${callgrind[@]}" target/simulation/fetch > /dev/null 2>&1 || true
callgrind_annotate --inclusive=yes "$counted" |
  grep -E 'PROGRAM TOTALS|CertPaths::load |Verifier::new|create_rustls_client_config|Client::from_conf|_dl_relocate_object' | cut -c 1-150
