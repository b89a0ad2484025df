//! What the token service's error codes mean.

use serde::Deserialize;

use crate::model::Outcome;

/// The meaning of a code: the outcome, what is wrong, and the remedy.
pub(super) struct Meaning {
    pub(super) outcome: Outcome,
    pub(super) what: &'static str,
    pub(super) remedy: &'static str,
}

/// The code of a refusal: the first of `error_codes`, else the one in the description. `None` if the body is
/// not the token service's. <https://learn.microsoft.com/entra/identity-platform/reference-error-codes>
pub(super) fn code(body: &[u8]) -> Option<u64> {
    #[derive(Deserialize)]
    struct TokenError {
        error: String,
        #[serde(default)]
        error_codes: Vec<u64>,
        #[serde(default)]
        error_description: String,
    }
    let refusal: TokenError = serde_json::from_slice(body).ok()?;
    let described = || described_code(&refusal.error_description);
    let code = refusal.error_codes.first().copied().or_else(described);
    // A refusal without a code is the token service's all the same.
    Some(code.unwrap_or_default()).filter(|_| !refusal.error.is_empty())
}

/// The code in a description, as in `AADSTS700213: No matching`; `None` where it has none.
pub(super) fn described_code(description: &str) -> Option<u64> {
    let digits = description.split("AADSTS").nth(1)?;
    digits.split(|c: char| !c.is_ascii_digit()).next()?.parse().ok()
}

/// The meaning of a code. An unknown code is a refused credential.
pub(super) fn meaning(code: u64) -> Meaning {
    let known = MEANINGS.iter().find(|(known, ..)| *known == code);
    match known {
        Some(&(_, outcome, what, remedy)) => Meaning { outcome, what, remedy },
        None => {
            let outcome = Outcome::CredentialRefused;
            Meaning { outcome, what: "the token service refuses", remedy: outcome.remedy() }
        }
    }
}

/// The codes that a credential can cause, each with its meaning.
#[rustfmt::skip]
const MEANINGS: [(u64, Outcome, &str, &str); 15] = [
    (7_000_215, Outcome::CredentialRefused, "the client secret is wrong",
        "Put the secret's value, not its id, into Secrets Manager; make a new one in the Entra portal if it is lost."),
    (7_000_222, Outcome::CredentialRefused, "the client secret has expired",
        "Make a new client secret in the Entra portal, under Certificates & secrets, and put it into Secrets Manager."),
    (700_027, Outcome::CredentialRefused, "the certificate is not registered, or its key made another signature",
        "Upload the certificate to the application in the Entra portal, under Certificates & secrets, and look whether the key belongs to it."),
    (700_024, Outcome::CredentialPending, "the assertion is outside its time",
        "Look at the clock of the machine that signs: it differs from Entra's."),
    (7_000_214, Outcome::CredentialRefused, "the certificate has been revoked",
        "Upload a new certificate to the application in the Entra portal, under Certificates & secrets."),
    (70_021, Outcome::CredentialPending, NO_SUBJECT, COMPARE_SUBJECT),
    (700_213, Outcome::CredentialPending, NO_SUBJECT, COMPARE_SUBJECT),
    (700_211, Outcome::CredentialRefused, "no federated credential fits the issuer",
        "Put the issuer that `aws iam enable-outbound-web-identity-federation` prints into the federated credential."),
    (700_212, Outcome::CredentialRefused, "no federated credential fits the audience",
        "Give the federated credential the audience of the cloud: api://AzureADTokenExchange in the global one."),
    (700_016, Outcome::CredentialRefused, "the tenant has no such application",
        "Look at GRAPH_CLIENT_ID and GRAPH_TENANT_ID, and consent to the application in the tenant."),
    (90_002, Outcome::CredentialRefused, "there is no such tenant", "Look at GRAPH_TENANT_ID and GRAPH_CLOUD."),
    (70_011, Outcome::CredentialRefused, "the scope is wrong", "Look at GRAPH_CLOUD: the scope is its Graph."),
    (1_002_012, Outcome::CredentialRefused, "the scope is wrong", "Look at GRAPH_CLOUD: the scope is its Graph."),
    (53_003, Outcome::CredentialRefused, "a Conditional Access policy blocks the sign-in",
        "Except the application from the Conditional Access policy for workload identities, or allow its addresses."),
    (7_000_112, Outcome::CredentialRefused, "the application is disabled",
        "Enable sign-in for the enterprise application in the Entra portal, under Properties."),
];

const NO_SUBJECT: &str = "no federated credential fits the subject";
const COMPARE_SUBJECT: &str = "Compare the federated credential's subject with the role's ARN, letter by letter. \
    A new one takes some minutes to be known.";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_read_from_the_list_or_from_the_text() {
        let listed =
            br#"{"error":"invalid_client","error_codes":[7000222,1],"error_description":"AADSTS1: x"}"#;
        assert_eq!(code(listed), Some(7_000_222));
        let described = br#"{"error":"invalid_client","error_description":"AADSTS700213: No matching"}"#;
        assert_eq!(code(described), Some(700_213));
        assert_eq!(code(br#"{"error":"invalid_request"}"#), Some(0));
        assert_eq!(code(b"<html>"), None);
        assert_eq!(code(b"{}"), None);
    }

    #[test]
    fn every_known_code_has_a_remedy_of_its_own() {
        let codes = [
            7_000_215, 7_000_222, 700_027, 700_024, 7_000_214, 70_021, 700_213, 700_211, 700_212, 700_016,
            90_002, 70_011, 1_002_012, 53_003, 7_000_112,
        ];
        for code in codes {
            assert_ne!(meaning(code).remedy, meaning(0).remedy, "{code}");
        }
    }
}
