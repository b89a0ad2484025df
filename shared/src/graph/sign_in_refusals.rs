//! What the token service's refusals mean to a person who signs in, each with its remedy. `entra.rs` has those that an
//! application's credential causes.
//!
//! The protocol's `error` decides; Microsoft may change the numbers, which only pick the sentence.
//! <https://learn.microsoft.com/entra/identity-platform/reference-error-codes>

use serde::Deserialize;

use super::entra::{self, Meaning};
use crate::model::Outcome;

/// What is wrong and the remedy of an AADSTS code, which the browser may show instead of coming back; `None` where the
/// code is not known.
pub fn explanation(code: u64) -> Option<(&'static str, &'static str)> {
    known(code).map(|meaning| (meaning.what, meaning.remedy))
}

/// The protocol's name of the error in an answer, such as `authorization_pending`; `None` if the body has none.
pub(super) fn error_name(body: &[u8]) -> Option<String> {
    #[derive(Deserialize)]
    struct Named {
        error: String,
    }
    let named: Named = serde_json::from_slice(body).ok()?;
    Some(named.error).filter(|error| !error.is_empty())
}

/// The code and the meaning of the refusal in an answer; `None` if the body is not the token service's.
pub(super) fn refusal(body: &[u8]) -> Option<(u64, Meaning)> {
    let code = entra::code(body)?;
    Some((code, meaning(&error_name(body).unwrap_or_default(), code)))
}

/// The code and the meaning of a refusal by the protocol's name of it and its description; a code of 0 is none.
pub(super) fn described(error: &str, description: &str) -> (u64, Meaning) {
    let code = entra::described_code(description).unwrap_or_default();
    (code, meaning(error, code))
}

/// The meaning of a code, or, where that is not known, of the protocol's error.
fn meaning(error: &str, code: u64) -> Meaning {
    let code = match (known(code), error) {
        (Some(meaning), _) => return meaning,
        (None, "access_denied" | "authorization_declined") => 65_004,
        (None, "consent_required") => 65_001,
        (None, "expired_token" | "bad_verification_code") => 70_019,
        (
            None,
            "invalid_grant"
            | "interaction_required"
            | "login_required"
            | "invalid_client"
            | "unauthorized_client",
        ) => return new_sign_in(),
        (None, "temporarily_unavailable" | "server_error") => return passing(),
        (None, _) => 0,
    };
    known(code).unwrap_or(Meaning {
        outcome: Outcome::CredentialRefused,
        what: "the token service refuses the sign-in",
        remedy: "Look the AADSTS number up at https://login.microsoftonline.com/error, and in the Entra portal in the \
            sign-in log of the user.",
    })
}

/// What is known where the protocol's word is all: many causes have one word.
fn new_sign_in() -> Meaning {
    Meaning {
        outcome: REFUSED,
        what: "the token service wants a new sign-in",
        remedy: "Run `rollcall login` again; if it is refused again, look the number up at \
            https://login.microsoftonline.com/error.",
    }
}

fn passing() -> Meaning {
    let outcome = Outcome::Unavailable;
    Meaning { outcome, what: "the token service does not answer properly now", remedy: outcome.remedy() }
}

fn known(code: u64) -> Option<Meaning> {
    let found = MEANINGS.iter().find(|(codes, ..)| codes.contains(&code));
    found.map(|&(_, outcome, what, remedy)| Meaning { outcome, what, remedy })
}

const REFUSED: Outcome = Outcome::CredentialRefused;
const CONSENT: Outcome = Outcome::ConsentMissing;

/// The codes that a person's sign-in can cause, those of one cause together.
#[rustfmt::skip]
const MEANINGS: [(&[u64], Outcome, &str, &str); 29] = [
    (&[7_000_218], REFUSED, "the application is no public client",
        "In the Entra portal, under the application's Authentication, set Allow public client flows to Yes; or let \
        infra/entra/sign-in.sh make an application for it."),
    (&[500_113, 50_011], REFUSED, "the application lacks the redirect address",
        "In the Entra portal, under the application's Authentication, add the platform Mobile and desktop applications \
        with the redirect URI http://localhost."),
    (&[65_001], CONSENT, "nobody has consented to what is asked for",
        "Run `rollcall login` again and accept in the browser; where users may not consent, an administrator does it in the \
        Entra portal, under the application's API permissions."),
    (&[65_004], CONSENT, "the sign-in was declined",
        "Run `rollcall login` again and accept. Without --with it asks for the reports alone."),
    (&[90_094], CONSENT, "an administrator must consent",
        "Ask for less: `rollcall login` without --with asks for the reports alone, to which users may consent in most \
        tenants. Else an administrator consents in the Entra portal, under the application's API permissions."),
    (&[90_095], CONSENT, "an administrator was asked to consent",
        "Run `rollcall login` again when the request is approved: Entra tells by mail."),
    (&[650_056, 650_057, 650_051], CONSENT, "the application does not have the permission that is asked for",
        "In the Entra portal, under the application's API permissions, add the delegated permissions that \
        infra/entra/sign-in.sh lists."),
    (&[50_105], REFUSED, "the person is not assigned to the application",
        "An administrator assigns the user, in the Entra portal under the enterprise application's Users and groups, or sets \
        Assignment required to No."),
    (&[50_074, 50_076, 50_158], REFUSED, "a second factor is needed",
        "Run `rollcall login` again, in the browser and not with --device-code."),
    (&[50_072, 50_079], REFUSED, "the account must register a second factor",
        "Register it at https://aka.ms/mfasetup, then run `rollcall login` again."),
    (&[53_000], REFUSED, "the device does not comply with the tenant's policy",
        "Sign in on a device that the tenant manages and calls compliant; not with --device-code."),
    (&[53_001], REFUSED, "the device is not joined to the tenant",
        "Sign in on a device that is joined to the tenant; not with --device-code."),
    (&[53_003], REFUSED, "a Conditional Access policy blocks the sign-in",
        "Run `rollcall login` without --device-code, which many tenants block. If the browser is refused, too, an \
        administrator sees in the Entra portal, in the user's sign-in log under Conditional Access, which policy it is."),
    (&[530_032], REFUSED, "a policy of the tenant blocks the sign-in",
        "Run `rollcall login` without --device-code. If the browser is refused, too, an administrator looks at the policy \
        that the user's sign-in log names."),
    (&[530_035], REFUSED, "the security defaults of the tenant block the device code",
        "Run `rollcall login` without --device-code: the browser is not blocked."),
    (&[50_020, 90_072, 50_034, 51_004, 500_208], REFUSED, "the account is not in this tenant",
        "Choose an account of the tenant that AZURE_TENANT_ID names; a personal account has no attendance reports."),
    (&[50_126], REFUSED, "the name or the password is wrong", "Run `rollcall login` again, with the right password."),
    (&[50_053], REFUSED, "the account is locked", "Wait until it is unlocked, or ask an administrator."),
    (&[50_057], REFUSED, "the account is disabled", "An administrator enables the user in the Entra portal."),
    (&[700_016], REFUSED, "the tenant has no such application",
        "Look at AZURE_CLIENT_ID and AZURE_TENANT_ID; infra/entra/sign-in.sh makes an application and prints both."),
    (&[7_000_112], REFUSED, "the application is disabled",
        "Enable sign-in for the enterprise application in the Entra portal, under Properties."),
    (&[90_002], REFUSED, "there is no such tenant", "Look at AZURE_TENANT_ID, and at GRAPH_CLOUD."),
    (&[90_038, 900_432, 500_011], REFUSED, "the tenant is in another cloud",
        "Set GRAPH_CLOUD to the cloud of the tenant: global, gcc-high, dod or china."),
    (&[70_011], REFUSED, "the scope is wrong", "Look at GRAPH_CLOUD: the scope is its Graph."),
    (&[70_018, 70_019, 70_020], REFUSED, "the code was not typed in time, or is another one",
        "Run `rollcall login` again, and type the new code within some minutes."),
    (&[54_005, 70_008], REFUSED, "the sign-in took too long, or its code was used before", "Run `rollcall login` again."),
    (&[700_082, 700_081, 700_084], REFUSED, "the sign-in has ended: it was not used for too long", "Run `rollcall login` again."),
    (&[70_043, 50_078, 50_089], REFUSED, "the sign-in has ended: the tenant wants a new one from time to time",
        "Run `rollcall login` again."),
    (&[50_173, 50_132, 50_133], REFUSED, "the sign-in has ended: it was revoked, or the password was changed",
        "Run `rollcall login` again."),
];

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn each_refusal_of_a_tenant_has_a_remedy_of_its_own() {
        let codes: Vec<u64> = MEANINGS.iter().flat_map(|(codes, ..)| codes.iter().copied()).collect();
        assert_eq!(codes.iter().collect::<BTreeSet<_>>().len(), codes.len(), "a code stands there once");
        for code in [
            7_000_218, 500_113, 65_001, 65_004, 90_094, 90_095, 650_056, 50_076, 50_074, 50_079, 50_072,
            53_000, 53_001, 53_003, 530_032, 530_035, 50_020, 90_072, 50_034, 51_004, 500_208, 700_016,
            90_002, 90_038, 700_082, 70_043, 50_173,
        ] {
            let (what, remedy) = explanation(code).unwrap();
            assert!(
                what.len() > 10 && remedy.len() > 20 && remedy.ends_with('.'),
                "{code}: {what}: {remedy}"
            );
        }
        assert_eq!(explanation(1), None);
    }

    #[test]
    fn a_number_that_is_not_known_leaves_the_protocols_error_to_decide() {
        for (error, outcome) in [
            ("consent_required", Outcome::ConsentMissing),
            ("access_denied", Outcome::ConsentMissing),
            ("interaction_required", Outcome::CredentialRefused),
            ("temporarily_unavailable", Outcome::Unavailable),
            ("something_new", Outcome::CredentialRefused),
        ] {
            let body = format!(r#"{{"error":"{error}","error_codes":[999999]}}"#);
            let (code, meaning) = refusal(body.as_bytes()).unwrap();
            assert_eq!((code, meaning.outcome), (999_999, outcome), "{error}");
        }
        assert!(refusal(b"<html>").is_none());
    }

    #[test]
    fn a_number_that_is_not_known_gets_no_cause_that_nobody_named() {
        for error in ["invalid_grant", "interaction_required", "login_required", "invalid_client"] {
            let body = format!(r#"{{"error":"{error}","error_codes":[999999]}}"#);
            let (_, meaning) = refusal(body.as_bytes()).unwrap();
            assert_eq!(meaning.what, "the token service wants a new sign-in", "{error}");
            assert!(
                meaning.remedy.contains("rollcall login") && meaning.remedy.contains("/error"),
                "{error}"
            );
        }
    }
}
