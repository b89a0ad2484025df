//! The file of a sign-in: whose it is, and where its token may be sent.

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use anyhow::Context;
use serde::{Deserialize, Serialize};
use shared::env::Env;
use shared::graph::{DelegatedScope, Endpoints};

use crate::private_file;

/// Whose a sign-in is, and what it allows. It shows its token to nobody: there is no `Debug`.
#[derive(Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct KeptSignIn {
    /// The id of the Entra tenant.
    pub(crate) tenant_id: String,
    /// The client id of the application that the person signed in to.
    pub(crate) client_id: String,
    /// The root of the token service that gave the token: it is sent nowhere else.
    pub(crate) login: String,
    /// The name of the account; `None` where the token service did not say.
    pub(crate) account: Option<String>,
    /// The delegated permissions that were granted, by their names in Entra.
    pub(crate) permissions: Vec<String>,
    /// The refresh token; `None` where the keyring has it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) refresh_token: Option<String>,
}

impl KeptSignIn {
    /// A sign-in at these endpoints, whose token is not kept yet.
    pub(crate) fn new(
        (tenant_id, client_id): (String, String),
        endpoints: &Endpoints,
        account: Option<String>,
        scopes: &[DelegatedScope],
    ) -> Self {
        let permissions = scopes.iter().map(|scope| scope.permission().to_owned()).collect();
        Self {
            tenant_id,
            client_id,
            login: endpoints.login.to_string(),
            account,
            permissions,
            refresh_token: None,
        }
    }

    /// What the person may do.
    pub(crate) fn scopes(&self) -> Vec<DelegatedScope> {
        DelegatedScope::granted(&self.permissions.join(" "))
    }

    /// Whether another sign-in is of the same account, at the same token service, in the same tenant and to the same
    /// application; they may allow other things.
    pub(super) fn is_of_same_person_as(&self, other: &Self) -> bool {
        self.login == other.login
            && self.tenant_id == other.tenant_id
            && self.client_id == other.client_id
            && self.account == other.account
    }

    /// Whether the keyring has the refresh token.
    pub(super) fn is_in_keyring(&self) -> bool {
        self.refresh_token.is_none()
    }

    /// Reads the file; `None` where there is none.
    ///
    /// # Errors
    /// It cannot be read, or is damaged.
    pub(crate) fn read(file: &Path) -> anyhow::Result<Option<Self>> {
        let text = match fs::read(file) {
            Ok(text) => text,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(error).with_context(|| format!("{} cannot be read", file.display())),
        };
        // serde's own text may quote the token.
        let damaged =
            || format!("{} is damaged: `rollcall logout` removes it, then sign in again", file.display());
        serde_json::from_slice(&text).ok().with_context(damaged).map(Some)
    }

    /// Writes the file, which only its owner may read.
    ///
    /// # Errors
    /// It cannot be written.
    pub(super) fn write(&self, file: &Path) -> anyhow::Result<()> {
        let unwritable = || format!("{} cannot be written", file.display());
        if let Some(folder) = file.parent() {
            private_file::make_folder(folder).with_context(unwritable)?;
        }
        private_file::write(file, &serde_json::to_vec_pretty(self)?).with_context(unwritable)
    }
}

/// Removes the file of a sign-in; answers whether there was one.
///
/// # Errors
/// It cannot be removed.
pub(super) fn remove(file: &Path) -> anyhow::Result<bool> {
    match fs::remove_file(file) {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(false),
        Err(error) => Err(error).with_context(|| format!("{} cannot be removed", file.display())),
    }
}

/// Where the sign-in of this machine's user is kept: in the user's folder of settings. `None`: there is no such folder.
pub(crate) fn file_of(env: &impl Env) -> Option<PathBuf> {
    let mut named =
        ["XDG_CONFIG_HOME", "APPDATA"].into_iter().filter_map(|name| env.get(name)).map(PathBuf::from);
    let settings = named.find(|path| path.is_absolute());
    let in_home = if cfg!(target_os = "macos") { "Library/Application Support" } else { ".config" };
    let settings = settings.or_else(|| Some(PathBuf::from(env.get("HOME")?).join(in_home)))?;
    Some(settings.join("rollcall").join("sign-in.json"))
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// A sign-in that allows to read reports.
    pub(in crate::sign_in) fn megans() -> KeptSignIn {
        let ids = (
            "5466a424-0000-4000-8000-0000c0205050".to_owned(),
            "6f2d3c1e-0000-4000-8000-00000c00c0de".to_owned(),
        );
        let endpoints = Endpoints::from_env(&[]).unwrap();
        KeptSignIn::new(ids, &endpoints, Some("megan@contoso.com".to_owned()), &[DelegatedScope::Reports])
    }

    #[test]
    fn the_file_lies_in_the_users_settings() {
        let in_home = if cfg!(target_os = "macos") { "Library/Application Support" } else { ".config" };
        let of_home = file_of(&[("HOME", "/people/megan"), ("XDG_CONFIG_HOME", "relative")]).unwrap();
        assert_eq!(of_home, Path::new("/people/megan").join(in_home).join("rollcall/sign-in.json"));
        let named = file_of(&[("HOME", "/people/megan"), ("XDG_CONFIG_HOME", "/etc/megan")]).unwrap();
        assert_eq!(named, Path::new("/etc/megan/rollcall/sign-in.json"));
        assert_eq!(file_of(&[]), None);
    }

    #[test]
    fn a_damaged_file_is_told_without_what_stands_in_it() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("sign-in.json");
        fs::write(&file, r#"{"refreshToken": "1.secret", "tenantId": 7}"#).unwrap();
        let error = KeptSignIn::read(&file).err().unwrap();
        assert!(
            format!("{error:#}").contains("is damaged") && !format!("{error:#}").contains("secret"),
            "{error:#}"
        );
        assert!(remove(&file).unwrap() && !remove(&file).unwrap());
        assert!(KeptSignIn::read(&file).unwrap().is_none());
    }
}
