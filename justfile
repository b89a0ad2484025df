# The tasks of this repository. `just` lists them.

default:
    @just --list

# Everything that CI checks
check:
    bash .ci/run

# The tests
test:
    cargo test --workspace

# The whole pipeline on this machine
demo *OPTIONS:
    cargo run -- demo {{OPTIONS}}

# Ten million of whatever strangers post, Graph answers and people ask for, to each target
fuzz LIMIT="runs=10000000":
    bash tests/fuzz/run.sh {{LIMIT}}

# The stack's template, checked without AWS
template:
    bash infra/check.sh

# The docs as a book, in target/book/index.html
book:
    bash infra/docs/check.sh --book

# What is wrong with the docs: pages, links, commands
docs:
    cargo build --quiet
    bash infra/docs/check.sh

# The packages for AWS Lambda (arm64), all or some, and what they are made of
build *FUNCTIONS:
    bash infra/build.sh {{FUNCTIONS}}

# Deploys the packages, to dev or prod of samconfig.toml
deploy ENVIRONMENT="dev":
    sam deploy --config-env {{ENVIRONMENT}}

# CloudFront with AWS WAF before the webhook: a stack of its own, in us-east-1
cloudfront WEBHOOK_ENDPOINT ORIGIN_SECRET STACK="rollcall-cloudfront":
    aws cloudformation deploy --region us-east-1 --stack-name {{STACK}} --template-file infra/cloudfront.yaml \
        --parameter-overrides WebhookEndpoint={{WEBHOOK_ENDPOINT}} OriginSecret={{ORIGIN_SECRET}}

# Has CloudFormation refuse an update of the stack that would replace or delete the bucket
protect STACK="rollcall":
    aws cloudformation set-stack-policy --stack-name {{STACK}} --stack-policy-body file://infra/stack-policy.json

# Known vulnerabilities among our crates, by a fresh database
audit:
    bash .ci/audit --fresh

# Nothing lost, under every fault that we can name: a hundred thousand meetings, and every placement of three faults
prove:
    cargo run --profile simulation -p simulation -- exhaustive --faults 3
    cargo run --profile simulation -p simulation -- random --meetings 100000
    bash tests/simulation/planted.sh
    TENANTS=1000 cargo test -p pipeline no_run_is_complete_while_a_report_is_missing -- --nocapture
    TENANTS=300 cargo test -p pipeline pull_backfill_and_audit_tell_the_same_of_the_same_tenant -- --nocapture
    REPORTS=10000 cargo test -p pipeline cli_erase::large -- --nocapture --test-threads 1

# Ten thousand notifications before a bad SQS, in an optimised build (ten minutes to compile)
burst:
    cargo test --release -p pipeline bursts -- --nocapture

# Rollcall against what people would use instead, and against the floor: target/bench/results.md (half an hour, half of it
# to compile); PARTS of it: cold, warm, first, many, backfill, waiting, programs; growth only where it is named
bench *PARTS:
    cargo build --release --bins -p webhook -p fetch -p archive -p subscriptions -p backfill -p rollcall
    cargo build --release -p bench --bin hello-floor --bin copy-floor
    cargo build --profile simulation -p simulation -p bench
    target/simulation/bench {{PARTS}}

# The ready questions over a million attendance records: of JSON lines, and of Parquet by month, as the Iceberg table has them
# (needs Python with duckdb and pytz; five minutes)
bench-questions *OPTIONS:
    python3 tests/bench/questions.py {{OPTIONS}}

# The index of an archive of SESSIONS sessions with PEOPLE each, which it writes into FOLDER first, and the questions that pages ask
# (3 GB and ten minutes for a hundred thousand)
bench-reader FOLDER SESSIONS="100000" PEOPLE="50":
    cargo run --profile simulation -p reader --example index_bench -- {{FOLDER}} {{SESSIONS}} {{PEOPLE}}

# How cost and memory grow: tenants of a hundred to a hundred thousand meetings by counted calls, in virtual time (a quarter of an
# hour, nearly all of it for the hundred thousand); a backfill's memory by the compiled function, and the index of as many sessions, in
# FOLDER (another hour, and 3 GB)
growth FOLDER:
    cargo run --profile simulation -p simulation -- growth
    cargo build --release --bins -p backfill
    cargo build --profile simulation -p bench -p reader --bins --examples
    target/simulation/bench growth --to target/bench/growth
    for sessions in 100 1000 10000 100000; do target/simulation/examples/index_bench {{FOLDER}}/$sessions $sessions 50; done

# The README's pictures, from a new demo (needs curl and Chromium)
pictures:
    bash docs/pictures/make.sh

# The instructions of a notification's and of a report's work, against those recorded; --record writes them down
instructions *OPTIONS:
    bash tests/instructions/count.sh {{OPTIONS}}

# Where the instructions go, of a report's way and of the start of `fetch`
profile:
    bash tests/instructions/profile.sh

# Which changes to the code that must not be wrong no test notices (needs cargo-mutants, two hours); SHARD is as 0/4
mutants SHARD="0/4":
    bash tests/mutants.sh {{SHARD}}

# One month of the simulation again, with everything that happens
simulate SEED:
    cargo run --profile simulation -p simulation -- replay {{SEED}}
