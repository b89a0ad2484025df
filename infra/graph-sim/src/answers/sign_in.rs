//! The token service, where a person signs in: `authorize`, `devicecode`, and the grants that follow them.

use data_encoding::BASE64URL_NOPAD;
use http::HeaderValue;
use http::header::{CONTENT_TYPE, LOCATION};
use jiff::{SignedDuration, Timestamp};
use serde_json::json;
use shared::digest::sha256;
use shared::ports::http::Response;
use url::Url;

use crate::faults::{plain, refusal};
use crate::requests::Asked;
use crate::sign_in::{AuthorizationCode, Device};
use crate::tenant::CLIENT_ID;
use crate::world::World;

/// For how long a code can be redeemed.
const CODE_LIFE: SignedDuration = SignedDuration::from_mins(10);
/// For how long a device's code can be typed.
const DEVICE_LIFE: SignedDuration = SignedDuration::from_mins(15);
const DEVICE_GRANT: &str = "urn:ietf:params:oauth:grant-type:device_code";
/// What is asked for beside permissions of Graph, and stands in no access token.
const OWN_SCOPES: [&str; 4] = ["openid", "profile", "email", "offline_access"];

/// The page at which a person signs in: it sends the browser back with a code. Where Entra would show an error, so does this.
pub(super) fn authorize(world: &mut World, asked: &Asked, now: Timestamp) -> Response {
    let query = |name: &str| asked.query(name).unwrap_or_default().to_owned();
    if query("client_id") != CLIENT_ID {
        return page(400, "AADSTS700016: the application was not found in the directory.");
    }
    let redirect_uri = query("redirect_uri");
    let Some(mut back) = local(&redirect_uri) else {
        return page(400, "AADSTS50011: the redirect URI does not match those of the application.");
    };
    if query("code_challenge_method") != "S256" || query("code_challenge").len() != 43 {
        return page(400, "AADSTS501481: the code challenge is missing.");
    }
    let code = format!("0.simulated-code-{}", world.sign_ins.codes.len() + 1);
    match world.sign_ins.declined {
        Some((error, number)) => {
            let description = format!("AADSTS{number}: the person was not signed in.");
            back.query_pairs_mut().append_pair("error", error).append_pair("error_description", &description);
        }
        None => {
            back.query_pairs_mut().append_pair("code", &code);
            let (challenge, scopes) = (query("code_challenge"), query("scope"));
            let given =
                AuthorizationCode { code, challenge, redirect_uri, scopes, is_used: false, given_at: now };
            world.sign_ins.codes.push(given);
        }
    }
    back.query_pairs_mut().append_pair("state", &query("state")).append_pair("session_state", "simulated");
    let mut response = plain(302, String::new());
    if let Ok(back) = HeaderValue::from_str(back.as_str()) {
        response.headers_mut().insert(LOCATION, back);
    }
    response
}

/// A redirect address of the registered one, `http://localhost`, with any port.
fn local(redirect_uri: &str) -> Option<Url> {
    let url = Url::parse(redirect_uri).ok()?;
    (url.scheme() == "http" && url.host_str() == Some("localhost") && url.path() == "/").then_some(url)
}

/// A code for a device, which a person types at `/devicelogin`.
pub(super) fn device_code(world: &mut World, asked: &Asked, now: Timestamp) -> Response {
    if asked.form("client_id").as_deref() != Some(CLIENT_ID) {
        return refused("unauthorized_client", 700_016);
    }
    let number = world.sign_ins.devices.len() + 1;
    let (device_code, user_code) = (format!("simulated-device-{number}"), format!("CODE{number:05}"));
    let answer = json!({
        "device_code": device_code,
        "user_code": user_code,
        "verification_uri": format!("{}/devicelogin", asked.origin()),
        "expires_in": DEVICE_LIFE.as_secs(),
        "interval": 5,
        "message": "To sign in, use a web browser.",
    });
    let scopes = asked.form("scope").unwrap_or_default();
    world.sign_ins.devices.push(Device { device_code, user_code, scopes, is_typed: false, given_at: now });
    plain(200, answer.to_string())
}

/// The page that takes a device's code.
pub(super) fn device_login(world: &mut World, asked: &Asked) -> Response {
    match asked.query("otc").map(|code| world.sign_ins.type_code(code)) {
        None => page(200, "<form>The code: <input name=\"otc\" autofocus> <button>Next</button></form>"),
        Some(true) => page(200, "You are signed in. Close this page."),
        Some(false) => page(200, "There is no such code."),
    }
}

/// The grant that a person's token is requested with; `None` where the application itself requests one.
pub(super) fn grant(world: &mut World, asked: &Asked, now: Timestamp) -> Option<Response> {
    let scopes = match asked.form("grant_type")?.as_str() {
        "authorization_code" => redeemed(world, asked, now),
        DEVICE_GRANT => typed(world, asked, now),
        "refresh_token" => refreshed(world, asked),
        _ => return None,
    };
    if asked.form("client_id").as_deref() != Some(CLIENT_ID) {
        return Some(refused("unauthorized_client", 700_016));
    }
    Some(scopes.map_or_else(|(error, code)| refused(error, code), |scopes| granted(world, &scopes)))
}

/// The scopes of a grant, or the protocol's error and the AADSTS code.
type Scopes = Result<String, (&'static str, u64)>;

fn redeemed(world: &mut World, asked: &Asked, now: Timestamp) -> Scopes {
    let form = |name: &str| asked.form(name).unwrap_or_default();
    let challenge = BASE64URL_NOPAD.encode(&sha256(form("code_verifier").as_bytes()));
    let mut codes = world.sign_ins.codes.iter_mut();
    let code = codes.find(|given| given.code == form("code")).ok_or(("invalid_grant", 70_000_u64))?;
    if code.is_used {
        return Err(("invalid_grant", 54_005));
    }
    code.is_used = true;
    if code.challenge != challenge {
        return Err(("invalid_grant", 501_481));
    }
    if code.redirect_uri != form("redirect_uri") {
        return Err(("invalid_client", 500_112));
    }
    if now.duration_since(code.given_at) > CODE_LIFE {
        return Err(("invalid_grant", 70_008));
    }
    Ok(code.scopes.clone())
}

fn typed(world: &World, asked: &Asked, now: Timestamp) -> Scopes {
    let code = asked.form("device_code").unwrap_or_default();
    let device = world.sign_ins.devices.iter().find(|device| device.device_code == code);
    match device.ok_or(("bad_verification_code", 70_018_u64))? {
        device if now.duration_since(device.given_at) > DEVICE_LIFE => Err(("expired_token", 70_020)),
        device if !device.is_typed => Err(("authorization_pending", 70_016)),
        device => Ok(device.scopes.clone()),
    }
}

/// The one that was used stays valid, as Entra's does.
fn refreshed(world: &World, asked: &Asked) -> Scopes {
    let token = asked.form("refresh_token").unwrap_or_default();
    let valid = &world.sign_ins.refresh_tokens[world.sign_ins.revoked..];
    let known = valid.iter().find(|(known, _)| *known == token).ok_or(("invalid_grant", 50_173_u64))?;
    Ok(known.1.clone())
}

fn granted(world: &mut World, requested: &str) -> Response {
    let permissions: Vec<&str> =
        requested.split_whitespace().filter(|scope| !OWN_SCOPES.contains(scope)).collect();
    let names: Vec<&str> = permissions.iter().filter_map(|scope| scope.rsplit('/').next()).collect();
    let access_token = world.new_person_token(&names.join(" "));
    let mut answer = json!({
        "token_type": "Bearer",
        "scope": format!("{} openid profile email", permissions.join(" ")),
        "expires_in": 4_242,
        "ext_expires_in": 4_242,
        "access_token": access_token,
        "id_token": world.id_token(),
    });
    if requested.split_whitespace().any(|scope| scope == "offline_access") {
        let token = format!("1.simulated-refresh-token-{}", world.sign_ins.refresh_tokens.len() + 1);
        answer["refresh_token"] = json!(token);
        world.sign_ins.refresh_tokens.push((token, requested.to_owned()));
    }
    plain(200, answer.to_string())
}

/// A refusal of the token service, with its body.
fn refused(error: &str, code: u64) -> Response {
    let body = json!({
        "error": error,
        "error_description": format!("AADSTS{code}: the simulated token service refuses. Trace ID: 0"),
        "error_codes": [code],
        "timestamp": "2026-11-21 10:00:00Z",
    });
    plain(400, body.to_string())
}

/// Why a person's token does not allow a call; `None` where it does, or is the application's.
pub(super) fn forbidden(world: &World, asked: &Asked) -> Option<Response> {
    let number = asked.bearer.as_deref()?.rsplit('-').next()?.parse::<usize>().ok()?;
    let scopes = world.sign_ins.scopes.get(&number)?;
    let path = asked.path();
    let needed = [
        ("/attendanceReports", "OnlineMeetingArtifact.Read.All"),
        ("/onlineMeetings", "OnlineMeetings.Read"),
        ("/calendarView", "Calendars.Read"),
        ("/virtualEvents", "VirtualEvent.Read"),
    ];
    let needed = needed.into_iter().find(|(part, _)| path.contains(part));
    // Nothing else that the simulated Graph serves is for people.
    let is_allowed = needed.is_some_and(|(_, name)| scopes.split_whitespace().any(|scope| scope == name));
    let denied =
        || refusal(403, "Authorization_RequestDenied", "Insufficient privileges to complete the operation.");
    (!is_allowed).then(denied)
}

/// What the browser shows.
fn page(status: u16, text: &str) -> Response {
    let mut page = plain(status, format!("<!doctype html><title>Sign in (simulated)</title><p>{text}"));
    page.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"));
    page
}
