//! `rollcall login` and `rollcall logout`: a person signs in for the commands after it, in the browser or with a code.
//!
//! ```text
//! scopes by need ─▶ browser on http://localhost, or a device code ─▶ what was granted, in words ─▶ keyring, or a file
//! ```

mod browser;
mod words;

use std::process::ExitCode;
use std::sync::Arc;

use anyhow::{Context, anyhow, bail};
use serde_json::json;
use shared::env::Env;
use shared::graph::{DelegatedScope, Endpoints, Grant, GraphError, PublicClient, explanation};
use shared::ports::clock::{Clock, SystemClock};
use shared::ports::http::{Http, HttpClient};

use crate::caller::{CLIENT, TENANT, directory_id};
use crate::cli::{LoginOptions, LogoutOptions};
use crate::sign_in::{Keeper, KeptSignIn, Keyring, file_of, system, told};
use crate::terminal::{print_failure, print_stdout};

/// What a sign-in reaches beyond the process.
pub struct LoginContext<'a> {
    /// The HTTP client for the token service.
    pub http: Arc<dyn Http>,
    /// The clock of this machine.
    pub clock: Arc<dyn Clock>,
    /// The keyring that is tried first.
    pub keyring: Arc<dyn Keyring>,
    /// Opens an address in the browser; answers whether one could be opened.
    pub open: &'a (dyn Fn(&str) -> bool + Sync),
}

/// Runs `rollcall login`: signs a person in, keeps the sign-in, and says what the person may do.
///
/// # Errors
/// A setting is missing, nobody signed in, or the tenant refuses: the sentence says what to do.
pub async fn run(options: &LoginOptions, env: &impl Env) -> anyhow::Result<ExitCode> {
    if let Some(code) = &options.explain {
        return explain(code, options.json);
    }
    let context = LoginContext {
        http: Arc::new(HttpClient::new().context("the system has no TLS certificates")?),
        clock: Arc::new(SystemClock),
        keyring: system(),
        open: &|address| opener::open_browser(address).is_ok(),
    };
    run_in(options, env, &context).await
}

/// The same with a browser, a keyring and a clock that are given.
///
/// # Errors
/// A setting is missing, nobody signed in, or the tenant refuses: the sentence says what to do.
pub async fn run_in(
    options: &LoginOptions,
    env: &impl Env,
    context: &LoginContext<'_>,
) -> anyhow::Result<ExitCode> {
    let endpoints = Endpoints::from_env(env)?;
    let client = client(options, env, &endpoints, context)?;
    let file = file_of(env)
        .context("there is no folder to keep the sign-in in: set XDG_CONFIG_HOME to one of yours")?;
    let mut scopes = vec![DelegatedScope::Reports];
    scopes.extend(&options.with);
    scopes.sort();
    scopes.dedup();
    let granted = match options.device_code {
        true => by_device_code(&client, &scopes).await,
        false => browser::sign_in(&client, &scopes, (!options.no_open).then_some(context.open)).await?,
    };
    let grant = granted.map_err(|error| anyhow!(told(&error)))?;
    let keeper = Keeper { file, keyring: Arc::clone(&context.keyring) };
    finish(options, client, &endpoints, &grant, &keeper)
}

/// The application that the options, or the settings, name.
fn client(
    options: &LoginOptions,
    env: &impl Env,
    endpoints: &Endpoints,
    context: &LoginContext<'_>,
) -> anyhow::Result<PublicClient> {
    let id = |given: &Option<String>, option: &str, name: &'static str| {
        let id = match given {
            Some(id) => Some(id.clone()),
            None => directory_id(env, name)?,
        };
        id.with_context(|| {
            format!("give {option}, or set {name}; infra/entra/sign-in.sh makes an application to sign in to")
        })
    };
    Ok(PublicClient {
        tenant_id: id(&options.tenant_id, "--tenant-id", TENANT)?,
        client_id: id(&options.client_id, "--client-id", CLIENT)?,
        http: Arc::clone(&context.http),
        clock: Arc::clone(&context.clock),
        cloud: endpoints.cloud,
        login: endpoints.login.clone(),
    })
}

/// Signs in with a code that the person types on any machine.
async fn by_device_code(client: &PublicClient, scopes: &[DelegatedScope]) -> Result<Grant, GraphError> {
    let device = client.device_code(scopes).await?;
    let left = device.expires_at.duration_since(client.clock.now()).as_mins();
    print_failure(&format!(
        "Open {} and type the code {} within {left} minutes. Type it only because you asked for it here.",
        device.verification_uri, device.user_code
    ));
    client.await_device(&device).await
}

/// Keeps the sign-in, and says whose it is, what it allows and where it lies.
fn finish(
    options: &LoginOptions,
    client: PublicClient,
    endpoints: &Endpoints,
    grant: &Grant,
    keeper: &Keeper,
) -> anyhow::Result<ExitCode> {
    let token = grant.refresh_token.as_ref().context(
        "the token service gave no refresh token, so the sign-in would end within an hour: an administrator lets the application have offline_access",
    )?;
    if !grant.scopes.contains(&DelegatedScope::Reports) {
        bail!(
            "you are signed in, but were not given {}: an administrator consents to it in the Entra portal, under the application's API permissions",
            DelegatedScope::Reports.permission()
        );
    }
    let ids = (client.tenant_id, client.client_id);
    let kept = KeptSignIn::new(ids, endpoints, grant.account.clone(), &grant.scopes);
    let refused = keeper.keep(kept.clone(), token, !options.no_keyring)?;
    let is_in_keyring = !options.no_keyring && refused.is_none();
    let file = (!is_in_keyring).then_some(keeper.file.as_path());
    if options.json {
        print_stdout(&words::json(&kept, file).to_string());
    } else {
        words::lines(&kept).iter().for_each(|line| print_stdout(line));
        print_stdout(&words::place(file, refused));
    }
    Ok(ExitCode::SUCCESS)
}

/// Tells what an AADSTS code means: most refusals stay in the browser, which does not come back.
fn explain(code: &str, is_json: bool) -> anyhow::Result<ExitCode> {
    let digits = words::code(code);
    let known = digits.parse().ok().and_then(explanation);
    let (what, remedy) = known
        .context("this code is not known here: look it up at https://login.microsoftonline.com/error")?;
    print_stdout(&match is_json {
        true => json!({"code": format!("AADSTS{digits}"), "meaning": what, "remedy": remedy}).to_string(),
        false => format!("AADSTS{digits}: {what}. {remedy}"),
    });
    Ok(ExitCode::SUCCESS)
}

/// Runs `rollcall logout`: forgets the sign-in on this machine.
///
/// # Errors
/// The file cannot be removed, or the keyring keeps the token.
pub fn logout(options: &LogoutOptions, env: &impl Env) -> anyhow::Result<ExitCode> {
    logout_in(options, env, system())
}

/// The same with a keyring that is given.
///
/// # Errors
/// The file cannot be removed, or the keyring keeps the token.
pub fn logout_in(
    options: &LogoutOptions,
    env: &impl Env,
    keyring: Arc<dyn Keyring>,
) -> anyhow::Result<ExitCode> {
    let was_signed_in = match file_of(env) {
        Some(file) => Keeper { file, keyring }.forget()?,
        None => false,
    };
    if options.json {
        print_stdout(&json!({"wasSignedIn": was_signed_in}).to_string());
    } else if was_signed_in {
        print_stdout(
            "You are signed out here. Where somebody may have a copy, sign out everywhere at https://myaccount.microsoft.com, too.",
        );
    } else {
        print_stdout("Nobody was signed in.");
    }
    Ok(ExitCode::SUCCESS)
}
