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
