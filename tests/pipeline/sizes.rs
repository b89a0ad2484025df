//! How large a test is: small in every run, and as large as a setting says (`just prove`).

/// How many there are of something: so many in every run, and as many as `setting` says where it is set.
#[expect(clippy::disallowed_methods, reason = "a test's own switch, no setting of Rollcall's")]
pub(crate) fn how_many<N: std::str::FromStr<Err: std::fmt::Debug>>(setting: &str, in_every_run: N) -> N {
    std::env::var(setting).map_or(in_every_run, |number| number.parse().unwrap())
}
