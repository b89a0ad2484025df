//! Validation tokens: how an encrypted notification proves that Graph sent it, to us.

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use jsonwebtoken::{Algorithm, DecodingKey, Validation, decode, decode_header};
use serde::Deserialize;
use shared::graph::{GraphConfig, GraphError, SigningKey, signing_keys};
use shared::lambda::cache::RefreshingCache;
use shared::model::Outcome;
use shared::ports::clock::Clock;
use shared::ports::http::Http;
use url::Url;

/// Clocks differ.
const LEEWAY: SignedDuration = SignedDuration::from_mins(5);

/// What a validation token must say, and the keys that may sign it.
pub struct ValidationTokens {
    http: Arc<dyn Http>,
    clock: Arc<dyn Clock>,
    login: Url,
    cached: RefreshingCache<Vec<SigningKey>>,
    expected: Expected,
}

/// What a token must say.
struct Expected {
    client_id: String,
    tenant_id: String,
    /// Of tokens of version 1.0, and of 2.0.
    issuers: [String; 2],
    sender: String,
}

/// What is read of a token.
/// <https://learn.microsoft.com/entra/identity-platform/access-token-claims-reference>
#[derive(Debug, Deserialize)]
struct Claims {
    iss: String,
    tid: String,
    ver: String,
    exp: i64,
    nbf: Option<i64>,
    /// Who asked for it, in version 1.0.
    appid: Option<String>,
    /// Who asked for it, in version 2.0.
    azp: Option<String>,
}

impl ValidationTokens {
    /// Tokens for the application of `graph`, given to the application `sender`: Graph's change
    /// tracking. No key is read yet.
    pub fn new(graph: &GraphConfig, sender: String, http: Arc<dyn Http>, clock: Arc<dyn Clock>) -> Self {
        let expected = Expected {
            client_id: graph.client_id.clone(),
            tenant_id: graph.tenant_id.clone(),
            issuers: graph.endpoints.cloud.issuers(&graph.tenant_id),
            sender,
        };
        let cached = RefreshingCache::new(clock.clone());
        Self { http, clock, login: graph.endpoints.login.clone(), cached, expected }
    }

    /// Verifies that there is a token, and that every one is valid: it had not expired at `arrival`, and
    /// is valid by now. Where our clock is late, it becomes valid later for us.
    pub(super) async fn verify(&self, tokens: &[String], arrival: Timestamp) -> Result<(), GraphError> {
        if tokens.is_empty() {
            return Err(refused("it has no validation token"));
        }
        for token in tokens {
            let header = decode_header(token).map_err(|_| refused("a validation token is none"))?;
            let key = self.key(header.kid.as_deref().unwrap_or_default()).await?;
            let claims = claims(token, &key, &self.expected.client_id)?;
            self.expected.check(&claims, arrival, self.clock.now()).map_err(refused)?;
        }
        Ok(())
    }

    /// The key `id`. One that is not known may be new.
    async fn key(&self, id: &str) -> Result<DecodingKey, GraphError> {
        let read = async || signing_keys(&*self.http, &self.login).await;
        let is_it = |key: &&SigningKey| key.kid == id && key.signs_for(&self.expected.tenant_id);
        let key = |keys: &Vec<SigningKey>| keys.iter().find(is_it).cloned();
        let unknown = || refused("an unknown key signed a validation token");
        let SigningKey { n, e, .. } = self.cached.find(read, key).await?.found().ok_or_else(unknown)?;
        DecodingKey::from_rsa_components(&n, &e).map_err(|_| unknown())
    }
}

/// The claims, after the signature and the audience are verified.
fn claims(token: &str, key: &DecodingKey, client_id: &str) -> Result<Claims, GraphError> {
    let mut validation = Validation::new(Algorithm::RS256);
    validation.set_required_spec_claims(&["aud", "exp", "iss"]);
    validation.set_audience(&[client_id]);
    // As of the notification's arrival, by `Expected::check`.
    validation.validate_exp = false;
    let token = decode(token, key, &validation)
        .map_err(|_| refused("a validation token is not for us, or not signed by Entra"))?;
    Ok(token.claims)
}

impl Expected {
    /// What is wrong with the claims, if anything is.
    fn check(&self, claims: &Claims, arrival: Timestamp, now: Timestamp) -> Result<(), &'static str> {
        let same = |a: &str, b: &str| a.eq_ignore_ascii_case(b);
        let (issuer, sender) = match claims.ver.as_str() {
            "1.0" => (&self.issuers[0], &claims.appid),
            "2.0" => (&self.issuers[1], &claims.azp),
            _ => return Err("a validation token has an unknown version"),
        };
        if !same(&claims.iss, issuer) || !same(&claims.tid, &self.tenant_id) {
            Err("a validation token is of another issuer or tenant")
        } else if !sender.as_ref().is_some_and(|sender| same(sender, &self.sender)) {
            Err("a validation token is not of Graph's change tracking")
        } else if arrival.duration_since(time(claims.exp)) > LEEWAY {
            Err("a validation token had expired when it came")
        } else if time(claims.nbf.unwrap_or_default()).duration_since(now) > LEEWAY {
            Err("a validation token is not good yet")
        } else {
            Ok(())
        }
    }
}

/// A time of a token: seconds since 1970.
fn time(seconds: i64) -> Timestamp {
    Timestamp::from_second(seconds).unwrap_or(Timestamp::MIN)
}

fn refused(why: &'static str) -> GraphError {
    GraphError::new(Outcome::NotGenuine).because(why)
}
