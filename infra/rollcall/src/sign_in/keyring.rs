//! The system's keyring: Keychain on macOS, the Credential Manager on Windows, the Secret Service on Linux.

use std::sync::Arc;

use shared::ports::secrets::SecretString;

/// A keyring with one entry, the refresh token.
pub trait Keyring: Send + Sync {
    /// The token that was set last; `None` where there is none.
    ///
    /// # Errors
    /// There is no keyring, or it refuses.
    fn get(&self) -> Result<Option<SecretString>, KeyringError>;

    /// Keeps the token in the place of the one before.
    ///
    /// # Errors
    /// There is no keyring, or it refuses.
    fn set(&self, token: &SecretString) -> Result<(), KeyringError>;

    /// Deletes the token; one that is not there is no failure.
    ///
    /// # Errors
    /// There is no keyring, or it refuses.
    fn delete(&self) -> Result<(), KeyringError>;
}

/// Why the keyring did not take or give the token. It holds no part of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum KeyringError {
    /// The system has no keyring, or none answers.
    #[error("this system has no keyring that answers")]
    NoKeyring,
    /// The keyring is locked, or its owner refuses.
    #[error("the keyring is locked, or refuses")]
    Refused,
    /// The keyring takes no text as long as this token.
    #[error("the keyring takes no token as long as this one")]
    TooLong,
}

/// The keyring of this system.
pub fn system() -> Arc<dyn Keyring> {
    Arc::new(SystemKeyring)
}

struct SystemKeyring;

#[cfg(feature = "keyring")]
mod entry {
    use ::keyring::{Entry, Error};
    use shared::ports::secrets::{ExposeSecret, SecretString};

    use super::{Keyring, KeyringError, SystemKeyring};

    /// How the entry is called where a person looks into the keyring.
    const SERVICE: &str = "rollcall";
    const USER: &str = "sign-in";

    fn entry() -> Result<Entry, KeyringError> {
        Entry::new(SERVICE, USER).map_err(told)
    }

    /// The library's own text may name what is in the keyring.
    fn told(error: Error) -> KeyringError {
        match error {
            Error::TooLong(..) => KeyringError::TooLong,
            Error::NoDefaultStore | Error::PlatformFailure(_) => KeyringError::NoKeyring,
            _ => KeyringError::Refused,
        }
    }

    impl Keyring for SystemKeyring {
        fn get(&self) -> Result<Option<SecretString>, KeyringError> {
            // As bytes: Windows counts two for each character of a text, and a token is long.
            match entry()?.get_secret() {
                Ok(bytes) => Ok(Some(String::from_utf8(bytes).map_err(|_| KeyringError::Refused)?.into())),
                Err(Error::NoEntry) => Ok(None),
                Err(error) => Err(told(error)),
            }
        }

        fn set(&self, token: &SecretString) -> Result<(), KeyringError> {
            entry()?.set_secret(token.expose_secret().as_bytes()).map_err(told)
        }

        fn delete(&self) -> Result<(), KeyringError> {
            match entry()?.delete_credential() {
                Ok(()) | Err(Error::NoEntry) => Ok(()),
                Err(error) => Err(told(error)),
            }
        }
    }
}

#[cfg(not(feature = "keyring"))]
impl Keyring for SystemKeyring {
    fn get(&self) -> Result<Option<SecretString>, KeyringError> {
        Err(KeyringError::NoKeyring)
    }

    fn set(&self, _: &SecretString) -> Result<(), KeyringError> {
        Err(KeyringError::NoKeyring)
    }

    fn delete(&self) -> Result<(), KeyringError> {
        Err(KeyringError::NoKeyring)
    }
}

#[cfg(test)]
pub(super) mod in_memory {
    use std::sync::atomic::{AtomicBool, Ordering};
    use std::sync::{Mutex, MutexGuard};

    use shared::ports::secrets::ExposeSecret;

    use super::*;

    /// A keyring in memory, which may go away.
    #[derive(Default)]
    pub(in crate::sign_in) struct MemoryKeyring {
        token: Mutex<Option<String>>,
        is_away: AtomicBool,
    }

    impl MemoryKeyring {
        /// None that answers.
        pub(in crate::sign_in) fn away() -> Self {
            Self { is_away: AtomicBool::new(true), ..Self::default() }
        }

        /// From now on it does not answer.
        pub(in crate::sign_in) fn goes_away(&self) {
            self.is_away.store(true, Ordering::Relaxed);
        }

        /// What is in it, whether it answers or not.
        pub(in crate::sign_in) fn token(&self) -> Option<String> {
            self.token.lock().unwrap().clone()
        }

        fn answering(&self) -> Result<MutexGuard<'_, Option<String>>, KeyringError> {
            if self.is_away.load(Ordering::Relaxed) {
                return Err(KeyringError::NoKeyring);
            }
            Ok(self.token.lock().unwrap())
        }
    }

    impl Keyring for MemoryKeyring {
        fn get(&self) -> Result<Option<SecretString>, KeyringError> {
            Ok(self.answering()?.clone().map(Into::into))
        }

        fn set(&self, token: &SecretString) -> Result<(), KeyringError> {
            *self.answering()? = Some(token.expose_secret().to_owned());
            Ok(())
        }

        fn delete(&self) -> Result<(), KeyringError> {
            *self.answering()? = None;
            Ok(())
        }
    }
}
