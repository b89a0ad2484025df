//! Settings come from the environment; the environment is an argument, so tests set none.

use std::fmt;

use url::{Host, Url};

/// A source of settings: the process's environment, or a list in tests.
pub trait Env {
    /// The value of the variable `name`; `None` where it is absent or empty.
    fn get(&self, name: &str) -> Option<String>;

    /// The value of a variable that must be set.
    ///
    /// # Errors
    /// The variable is missing or empty; the error names it.
    fn required(&self, name: &'static str) -> Result<String, EnvError> {
        self.get(name).ok_or(EnvError::Missing(name))
    }
}

/// A setting that is missing or wrong. It names the variable and never quotes its value.
#[derive(Clone, PartialEq, Eq, thiserror::Error)]
pub enum EnvError {
    /// The named variable is not set, or empty.
    #[error("the setting {0} is missing: set this environment variable")]
    Missing(&'static str),
    /// The variable has a value that cannot be used.
    #[error("the setting {name} is wrong: {expected}")]
    Wrong {
        /// The name of the environment variable.
        name: &'static str,
        /// What the variable should hold, as a sentence without its full stop.
        expected: &'static str,
    },
}

/// The same sentence as `Display`: `main` prints the error it returns with `Debug`.
impl fmt::Debug for EnvError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// The environment of this process.
#[derive(Debug, Clone, Copy, Default)]
pub struct ProcessEnv;

impl Env for ProcessEnv {
    #[expect(clippy::disallowed_methods, reason = "the one place that reads the environment")]
    fn get(&self, name: &str) -> Option<String> {
        std::env::var(name).ok().filter(|value| !value.is_empty())
    }
}

impl<const N: usize> Env for [(&str, &str); N] {
    fn get(&self, name: &str) -> Option<String> {
        let (_, value) = self.iter().find(|(key, _)| *key == name)?;
        Some((*value).to_owned()).filter(|value| !value.is_empty())
    }
}

/// Parses a URL that a token may be sent to: https, or http on loopback; `None` for any other.
pub fn safe_url(text: &str) -> Option<Url> {
    let url = Url::parse(text).ok()?;
    let loopback = match url.host()? {
        Host::Domain(domain) => domain == "localhost" || domain.ends_with(".localhost"),
        Host::Ipv4(address) => address.is_loopback(),
        Host::Ipv6(address) => address.is_loopback(),
    };
    (url.scheme() == "https" || (url.scheme() == "http" && loopback)).then_some(url)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_setting_names_itself() {
        let error = [("OTHER", "x"), ("ARCHIVE_BUCKET", "")].required("ARCHIVE_BUCKET");
        assert_eq!(error, Err(EnvError::Missing("ARCHIVE_BUCKET")));
    }
}
