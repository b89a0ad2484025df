//! As whom a command calls Graph: as the application, with a token that was given, or as the person who has signed in; in the
//! words of Azure's own tools.

use std::sync::Arc;

use anyhow::{Context, bail};
use local::MemorySecrets;
use shared::env::{Env, EnvError};
use shared::graph::{
    Application, ClientAuthentication, ClientCertificate, ClientSecret, Credential, DelegatedScope,
    Endpoints, StaticToken, unverified_claims,
};
use shared::model::input;
use shared::ports::clock::SystemClock;
use shared::ports::http::Http;
use shared::ports::secrets::Stage;

use crate::sign_in::{Keeper, KeptSignIn, Person, file_of, system};

pub(crate) const TENANT: &str = "AZURE_TENANT_ID";
pub(crate) const CLIENT: &str = "AZURE_CLIENT_ID";
const SECRET: &str = "AZURE_CLIENT_SECRET";
const CERTIFICATE: &str = "AZURE_CLIENT_CERTIFICATE_PATH";
const TOKEN: &str = "GRAPH_ACCESS_TOKEN";
const HOW: &str = "set AZURE_TENANT_ID, AZURE_CLIENT_ID and AZURE_CLIENT_SECRET or AZURE_CLIENT_CERTIFICATE_PATH, or GRAPH_ACCESS_TOKEN";
const HOW_OR_LOGIN: &str = "run `rollcall login` for your own meetings; or set AZURE_TENANT_ID, AZURE_CLIENT_ID and AZURE_CLIENT_SECRET or AZURE_CLIENT_CERTIFICATE_PATH, or GRAPH_ACCESS_TOKEN";
/// The id of the credential among the command's own secrets.
const SECRET_ID: &str = "credential";

/// As whom a command calls Graph.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Acting {
    /// As the application, or with a token that was given.
    Application,
    /// As the person who has signed in, or with a token that was given.
    Me,
    /// As the application, where the settings have a credential of it, else as the person who has signed in.
    Either,
}

/// Who calls Graph.
pub(crate) struct Caller {
    /// The id of the Entra tenant.
    pub(crate) tenant_id: String,
    /// What gets a token.
    pub(crate) credential: Box<dyn Credential>,
    /// What the person may do who has signed in with `rollcall login`; `None` for anybody else.
    pub(crate) person: Option<Vec<DelegatedScope>>,
}

/// The tenant, and the credential that gets a token for it.
///
/// # Errors
/// A setting is missing, or nobody is signed in; the sentence says what to do.
pub(crate) fn caller(
    env: &impl Env,
    endpoints: &Endpoints,
    http: &Arc<dyn Http>,
    acting: Acting,
) -> anyhow::Result<Caller> {
    if let Some(token) = env.get(TOKEN).map(|token| input::access_token(TOKEN, &token)) {
        let tenant = directory_id(env, TENANT)?.or_else(|| tenant_in(&token));
        let tenant_id =
            tenant.context("GRAPH_ACCESS_TOKEN does not say its tenant: set AZURE_TENANT_ID too")?;
        return Ok(Caller { tenant_id, credential: Box::new(StaticToken(token.into())), person: None });
    }
    let has_credential = [SECRET, CERTIFICATE].into_iter().any(|name| env.get(name).is_some());
    if acting == Acting::Me || (acting == Acting::Either && !has_credential) {
        if let Some(person) = signed_in(env, endpoints, http)? {
            return Ok(person);
        }
        if acting == Acting::Me {
            bail!("nobody is signed in: run `rollcall login`, or set GRAPH_ACCESS_TOKEN");
        }
    }
    application(env, endpoints, http, if acting == Acting::Application { HOW } else { HOW_OR_LOGIN })
}

/// The person who has signed in; `None` where nobody has.
fn signed_in(env: &impl Env, endpoints: &Endpoints, http: &Arc<dyn Http>) -> anyhow::Result<Option<Caller>> {
    let Some(file) = file_of(env) else { return Ok(None) };
    let Some(kept) = KeptSignIn::read(&file)? else { return Ok(None) };
    if directory_id(env, TENANT)?.is_some_and(|tenant| !tenant.eq_ignore_ascii_case(&kept.tenant_id)) {
        bail!("you are signed in to another tenant than AZURE_TENANT_ID names: run `rollcall login` again");
    }
    let keeper = Keeper { file, keyring: system() };
    let person = Person::new(&kept, keeper, endpoints, http, Arc::new(SystemClock))?;
    let (tenant_id, person_may) = (kept.tenant_id.clone(), kept.scopes());
    Ok(Some(Caller { tenant_id, credential: Box::new(person), person: Some(person_may) }))
}

/// The application, by the credential in the settings; `how` says what to set.
fn application(
    env: &impl Env,
    endpoints: &Endpoints,
    http: &Arc<dyn Http>,
    how: &'static str,
) -> anyhow::Result<Caller> {
    let required = |name| directory_id(env, name)?.ok_or(EnvError::Missing(name));
    let tenant_id = required(TENANT).context(how)?;
    let application = Application {
        http: Arc::clone(http),
        clock: Arc::new(SystemClock),
        authentication: authentication(env).context(how)?,
        tenant_id: tenant_id.clone(),
        client_id: required(CLIENT).context(how)?,
        cloud: endpoints.cloud,
        login: endpoints.login.clone(),
    };
    Ok(Caller { tenant_id, credential: Box::new(application), person: None })
}

/// The id of the tenant or of the application in the setting `name`; `None` where it is not set.
pub(crate) fn directory_id(env: &impl Env, name: &'static str) -> Result<Option<String>, EnvError> {
    let id = env.get(name).map(|text| input::directory_id(&input::setting(name, &text))).transpose();
    id.map_err(|expected| EnvError::Wrong { name, expected })
}

/// A certificate from a file, or a client secret.
fn authentication(env: &impl Env) -> anyhow::Result<Box<dyn ClientAuthentication>> {
    let secret_id = SECRET_ID.to_owned();
    let keeping = |secret: String| Arc::new(MemorySecrets::default().with(SECRET_ID, Stage::Current, secret));
    let Some(path) = env.get(CERTIFICATE) else {
        let secrets = keeping(input::setting(SECRET, &env.required(SECRET)?));
        return Ok(Box::new(ClientSecret { secrets, secret_id }));
    };
    let bundle = std::fs::read_to_string(&path).with_context(|| format!("{path} cannot be read"))?;
    let secrets = keeping(bundle);
    Ok(Box::new(ClientCertificate { secrets, secret_id, signer: None, clock: Arc::new(SystemClock) }))
}

/// The tenant that a token names (its claim `tid`).
fn tenant_in(token: &str) -> Option<String> {
    Some(unverified_claims(token)?["tid"].as_str()?.to_owned())
}

#[cfg(test)]
mod tests {
    use data_encoding::BASE64URL_NOPAD;

    use super::*;

    #[test]
    fn a_token_names_its_tenant() {
        let payload = BASE64URL_NOPAD.encode(br#"{"tid":"t-1"}"#);
        assert_eq!(tenant_in(&format!("x.{payload}.y")).as_deref(), Some("t-1"));
        assert_eq!(tenant_in("opaque"), None);
    }
}
