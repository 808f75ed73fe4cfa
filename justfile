# What a developer runs. The same, with engines and everything else, is `.ci/run`.

# Format, lints, documentation
check:
    cargo fmt --check
    cargo clippy --all-targets --quiet -- -D warnings
    RUSTDOCFLAGS="-D warnings" cargo doc --no-deps --quiet

# The tests
test *FILTER:
    cargo test {{ FILTER }}

# Golden plans that changed: take or refuse each
review:
    cargo insta review
