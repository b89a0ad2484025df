//! How the sign-in is kept, replaced and forgotten: one command at a time, by a lock on a file beside it.

use std::fs::File;
use std::path::PathBuf;
use std::sync::Arc;

use anyhow::Context;
use shared::ports::secrets::{ExposeSecret, SecretString};

use super::file::{self, KeptSignIn};
use super::keyring::{Keyring, KeyringError};
use crate::private_file;
use crate::terminal::print_failure;

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
    /// The file cannot be written: then the keyring is given nothing.
    pub(crate) fn keep(
        &self,
        mut sign_in: KeptSignIn,
        token: &SecretString,
        tries_keyring: bool,
    ) -> anyhow::Result<Option<KeyringError>> {
        if let Some(folder) = self.file.parent() {
            private_file::make_folder(folder)
                .with_context(|| format!("{} cannot be made", folder.display()))?;
        }
        let _lock = self.lock()?;
        // First: a process that is stopped in between must not leave one person's token under another's name.
        let forgotten = self.forget_token();
        let mut refused = None;
        if tries_keyring {
            sign_in.write(&self.file)?;
            match self.keyring.set(token) {
                Ok(()) => return Ok(None),
                Err(error) => refused = Some(error),
            }
        }
        sign_in.refresh_token = Some(token.expose_secret().to_owned());
        sign_in.write(&self.file)?;
        if let Err(error) = forgotten {
            print_failure(&format!("The sign-in before is not forgotten: {error:#}."));
        }
        Ok(refused)
    }

    /// Puts a newer refresh token in the place of the one that was `used`. Nothing is written where that is kept no more:
    /// somebody signed out or in meanwhile, or another command was first.
    ///
    /// # Errors
    /// The keyring does not answer or refuses it, or the file cannot be written.
    pub(crate) fn replace(&self, used: &SecretString, newer: &SecretString) -> anyhow::Result<()> {
        let _lock = self.lock()?;
        let Some((mut sign_in, token)) = self.read()? else { return Ok(()) };
        if token.expose_secret() != used.expose_secret() {
            return Ok(());
        }
        if sign_in.is_in_keyring() {
            return Ok(self.keyring.set(newer)?);
        }
        sign_in.refresh_token = Some(newer.expose_secret().to_owned());
        sign_in.write(&self.file)
    }

    /// The kept sign-in with its refresh token; `None` where nobody is signed in.
    ///
    /// # Errors
    /// The file cannot be read, or the keyring does not give the token.
    pub(crate) fn sign_in(&self) -> anyhow::Result<Option<(KeptSignIn, SecretString)>> {
        let _lock = self.lock_where_written();
        self.read()
    }

    fn read(&self) -> anyhow::Result<Option<(KeptSignIn, SecretString)>> {
        let Some(sign_in) = KeptSignIn::read(&self.file)? else { return Ok(None) };
        let token = match &sign_in.refresh_token {
            Some(token) => token.clone().into(),
            None => self.keyring.get()?.context("the keyring no longer has the sign-in")?,
        };
        Ok(Some((sign_in, token)))
    }

    /// Forgets the sign-in; answers whether there was one.
    ///
    /// # Errors
    /// The file cannot be removed, or the keyring keeps the token.
    pub(crate) fn forget(&self) -> anyhow::Result<bool> {
        let _lock = self.lock_where_written();
        if matches!(KeptSignIn::read(&self.file), Ok(None)) {
            // A file that was removed by hand leaves its token there.
            self.keyring.delete().ok();
            return Ok(false);
        }
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

    /// Takes the lock of the sign-in, until what this answers is dropped.
    fn lock(&self) -> anyhow::Result<File> {
        let file = self.lock_file();
        private_file::lock(&file).with_context(|| format!("{} cannot be locked", file.display()))
    }

    /// The same for who writes nothing; `None` where nothing can be written: there nobody is to be waited for.
    fn lock_where_written(&self) -> Option<File> {
        private_file::lock(&self.lock_file()).ok()
    }

    fn lock_file(&self) -> PathBuf {
        self.file.with_extension("lock")
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;
    use std::time::Duration;

    use super::super::file::tests::megans;
    use super::super::keyring::in_memory::MemoryKeyring;
    use super::*;

    fn keeper(folder: &Path, keyring: MemoryKeyring) -> (Keeper, Arc<MemoryKeyring>) {
        let keyring = Arc::new(keyring);
        (Keeper { file: folder.join("rollcall/sign-in.json"), keyring: keyring.clone() }, keyring)
    }

    fn token_of(keeper: &Keeper) -> Option<String> {
        keeper.sign_in().unwrap().map(|(_, token)| token.expose_secret().to_owned())
    }

    #[test]
    fn the_token_lies_in_the_keyring_and_not_in_the_file() {
        let folder = tempfile::tempdir().unwrap();
        let (keeper, keyring) = keeper(folder.path(), MemoryKeyring::default());
        assert_eq!(keeper.keep(megans(), &"first".into(), true).unwrap(), None);
        keeper.replace(&"first".into(), &"second".into()).unwrap();
        assert_eq!(token_of(&keeper).as_deref(), Some("second"));
        let text = std::fs::read_to_string(&keeper.file).unwrap();
        assert!(!text.contains("first") && !text.contains("second"), "{text}");
        assert!(keeper.forget().unwrap() && !keeper.forget().unwrap());
        assert!(keyring.token().is_none() && !keeper.file.exists());
    }

    #[test]
    fn without_a_keyring_the_token_lies_in_the_file_and_the_newer_one_takes_its_place() {
        let folder = tempfile::tempdir().unwrap();
        let (keeper, _) = keeper(folder.path(), MemoryKeyring::away());
        let why = keeper.keep(megans(), &"first".into(), true).unwrap();
        assert_eq!(why, Some(KeyringError::NoKeyring));
        keeper.replace(&"first".into(), &"second".into()).unwrap();
        assert_eq!(token_of(&keeper).as_deref(), Some("second"));
        assert!(!std::fs::read_to_string(&keeper.file).unwrap().contains("first"));
        assert!(keeper.forget().unwrap());
        assert_eq!(token_of(&keeper), None);
    }

    #[test]
    fn a_newer_token_takes_the_place_of_the_one_that_was_used_alone() {
        for tries_keyring in [true, false] {
            let folder = tempfile::tempdir().unwrap();
            let (keeper, keyring) = keeper(folder.path(), MemoryKeyring::default());
            keeper.keep(megans(), &"first".into(), tries_keyring).unwrap();
            keeper.replace(&"first".into(), &"second".into()).unwrap();
            keeper.replace(&"first".into(), &"late".into()).unwrap();
            assert_eq!(token_of(&keeper).as_deref(), Some("second"), "another command was first");
            keeper.forget().unwrap();
            keeper.replace(&"second".into(), &"late".into()).unwrap();
            assert_eq!(token_of(&keeper), None, "somebody signed out meanwhile");
            assert!(keyring.token().is_none() && !keeper.file.exists());
        }
    }

    #[test]
    fn a_command_waits_while_another_writes() {
        let folder = tempfile::tempdir().unwrap();
        let (keeper, _) = keeper(folder.path(), MemoryKeyring::default());
        keeper.keep(megans(), &"first".into(), false).unwrap();
        let lock = keeper.lock().unwrap();
        let other = keeper.clone();
        let signing_out = std::thread::spawn(move || other.forget().unwrap());
        std::thread::sleep(Duration::from_millis(50));
        assert!(keeper.file.exists());
        drop(lock);
        assert!(signing_out.join().unwrap() && !keeper.file.exists());
    }

    #[test]
    fn a_file_that_cannot_be_written_leaves_no_token_in_the_keyring() {
        let folder = tempfile::tempdir().unwrap();
        let (keeper, keyring) = keeper(folder.path(), MemoryKeyring::default());
        std::fs::create_dir_all(keeper.file.join("in the way")).unwrap();
        assert!(keeper.keep(megans(), &"first".into(), true).is_err());
        assert_eq!(keyring.token(), None);
    }

    #[test]
    fn who_signs_out_leaves_no_token_in_the_keyring_though_the_file_is_gone() {
        let folder = tempfile::tempdir().unwrap();
        let (keeper, keyring) = keeper(folder.path(), MemoryKeyring::default());
        keeper.keep(megans(), &"first".into(), true).unwrap();
        std::fs::remove_file(&keeper.file).unwrap();
        assert!(!keeper.forget().unwrap());
        assert_eq!(keyring.token(), None);
    }

    #[test]
    fn who_moves_from_the_keyring_to_the_file_leaves_no_token_in_one_that_answers() {
        let folder = tempfile::tempdir().unwrap();
        let (keeper, keyring) = keeper(folder.path(), MemoryKeyring::default());
        keeper.keep(megans(), &"first".into(), true).unwrap();
        keeper.keep(megans(), &"second".into(), false).unwrap();
        assert_eq!((keyring.token(), token_of(&keeper).as_deref()), (None, Some("second")));
        keeper.keep(megans(), &"third".into(), true).unwrap();
        keyring.goes_away();
        assert_eq!(keeper.keep(megans(), &"fourth".into(), true).unwrap(), Some(KeyringError::NoKeyring));
        assert_eq!(token_of(&keeper).as_deref(), Some("fourth"), "that it keeps the third is told");
    }
}
