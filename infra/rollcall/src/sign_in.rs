//! The sign-in that `rollcall login` keeps for the commands after it: whose it is in a file of the user's own, and the refresh
//! token in the system's keyring, or, where none answers, in that file.
//!
//! There is one sign-in at a time. Its refresh token is replaced by the newer one at each use.

mod file;
mod keyring;
mod person;

pub(crate) use file::{KeptSignIn, file_of};
pub use keyring::{Keyring, KeyringError, system};
pub(crate) use person::Person;

use std::path::PathBuf;
use std::sync::Arc;

use anyhow::Context;
use shared::graph::GraphError;
use shared::ports::secrets::{ExposeSecret, SecretString};

/// Where the sign-in is kept.
#[derive(Clone)]
pub(crate) struct Keeper {
    /// The file that says whose it is.
    pub(crate) file: PathBuf,
    /// The system's keyring.
    pub(crate) keyring: Arc<dyn Keyring>,
}

impl Keeper {
    /// Keeps a sign-in in the place of the one before, its refresh token in the keyring where `tries_keyring` says so and it
    /// takes it. Answers why it did not, where it was tried.
    ///
    /// # Errors
    /// The file cannot be written.
    pub(crate) fn keep(
        &self,
        mut sign_in: KeptSignIn,
        token: &SecretString,
        tries_keyring: bool,
    ) -> anyhow::Result<Option<KeyringError>> {
        let refused = if tries_keyring { self.keyring.set(token).err() } else { None };
        if !tries_keyring || refused.is_some() {
            sign_in.refresh_token = Some(token.expose_secret().to_owned());
            self.forget_token().ok();
        }
        sign_in.write(&self.file)?;
        Ok(refused)
    }

    /// Puts a newer refresh token in the place of the one before.
    ///
    /// # Errors
    /// The keyring refuses it, or the file cannot be written.
    pub(crate) fn replace(&self, mut sign_in: KeptSignIn, token: &SecretString) -> anyhow::Result<()> {
        if sign_in.is_in_keyring() {
            return Ok(self.keyring.set(token)?);
        }
        sign_in.refresh_token = Some(token.expose_secret().to_owned());
        sign_in.write(&self.file)
    }

    /// The kept sign-in with its refresh token; `None` where nobody is signed in.
    ///
    /// # Errors
    /// The file cannot be read, or the keyring does not give the token.
    pub(crate) fn sign_in(&self) -> anyhow::Result<Option<(KeptSignIn, SecretString)>> {
        let Some(sign_in) = KeptSignIn::read(&self.file)? else { return Ok(None) };
        let token = match &sign_in.refresh_token {
            Some(token) => token.clone().into(),
            None => self
                .keyring
                .get()?
                .context("the keyring no longer has the sign-in: run `rollcall login` again")?,
        };
        Ok(Some((sign_in, token)))
    }

    /// Forgets the sign-in; answers whether there was one.
    ///
    /// # Errors
    /// The file cannot be removed, or the keyring keeps the token.
    pub(crate) fn forget(&self) -> anyhow::Result<bool> {
        self.forget_token()?;
        file::remove(&self.file)
    }

    /// Deletes the token of the kept sign-in from the keyring, where it has that. A keyring that has none is not asked: it
    /// may ask a person for a password.
    fn forget_token(&self) -> anyhow::Result<()> {
        match KeptSignIn::read(&self.file) {
            Ok(None) => {}
            Ok(Some(kept)) if !kept.is_in_keyring() => {}
            Ok(Some(_)) => {
                self.keyring
                    .delete()
                    .context("the keyring keeps the sign-in: delete the entry rollcall in it")?;
            }
            // Of a damaged file nobody knows.
            Err(_) => {
                self.keyring.delete().ok();
            }
        }
        Ok(())
    }
}

/// Why the token service refused a person, without the outcome's sentence: that is of applications.
pub(crate) fn why(error: &GraphError) -> String {
    error.detail.as_deref().unwrap_or_else(|| error.outcome.sentence()).to_owned()
}

/// The same with what the person can do about it.
pub(crate) fn told(error: &GraphError) -> String {
    format!("{}. {}", why(error), error.remedy())
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use super::*;

    #[derive(Default)]
    struct MemoryKeyring {
        token: Mutex<Option<String>>,
        is_away: bool,
    }

    impl Keyring for MemoryKeyring {
        fn get(&self) -> Result<Option<SecretString>, KeyringError> {
            if self.is_away {
                Err(KeyringError::NoKeyring)
            } else {
                Ok(self.token.lock().unwrap().clone().map(Into::into))
            }
        }

        fn set(&self, token: &SecretString) -> Result<(), KeyringError> {
            if self.is_away {
                return Err(KeyringError::NoKeyring);
            }
            *self.token.lock().unwrap() = Some(token.expose_secret().to_owned());
            Ok(())
        }

        fn delete(&self) -> Result<(), KeyringError> {
            if self.is_away {
                return Err(KeyringError::NoKeyring);
            }
            *self.token.lock().unwrap() = None;
            Ok(())
        }
    }

    fn keeper(folder: &std::path::Path, is_away: bool) -> (Keeper, Arc<MemoryKeyring>) {
        let keyring = Arc::new(MemoryKeyring { is_away, ..MemoryKeyring::default() });
        (Keeper { file: folder.join("rollcall/sign-in.json"), keyring: keyring.clone() }, keyring)
    }

    fn token_of(keeper: &Keeper) -> Option<String> {
        keeper.sign_in().unwrap().map(|(_, token)| token.expose_secret().to_owned())
    }

    #[test]
    fn the_token_lies_in_the_keyring_and_not_in_the_file() {
        let folder = tempfile::tempdir().unwrap();
        let (keeper, keyring) = keeper(folder.path(), false);
        assert_eq!(keeper.keep(file::tests::megans(), &"first".into(), true).unwrap(), None);
        let (kept, _) = keeper.sign_in().unwrap().unwrap();
        keeper.replace(kept, &"second".into()).unwrap();
        assert_eq!(token_of(&keeper).as_deref(), Some("second"));
        let text = std::fs::read_to_string(&keeper.file).unwrap();
        assert!(!text.contains("first") && !text.contains("second"), "{text}");
        assert!(keeper.forget().unwrap() && !keeper.forget().unwrap());
        assert!(keyring.token.lock().unwrap().is_none() && !keeper.file.exists());
    }

    #[test]
    fn without_a_keyring_the_token_lies_in_the_file_and_the_newer_one_takes_its_place() {
        let folder = tempfile::tempdir().unwrap();
        let (keeper, _) = keeper(folder.path(), true);
        let why = keeper.keep(file::tests::megans(), &"first".into(), true).unwrap();
        assert_eq!(why, Some(KeyringError::NoKeyring));
        let (kept, _) = keeper.sign_in().unwrap().unwrap();
        keeper.replace(kept, &"second".into()).unwrap();
        assert_eq!(token_of(&keeper).as_deref(), Some("second"));
        assert!(!std::fs::read_to_string(&keeper.file).unwrap().contains("first"));
        assert!(keeper.forget().unwrap());
        assert_eq!(token_of(&keeper), None);
    }
}
