//! The credentials: each assertion that is sent to the token service can be verified there.

use std::sync::Arc;

use data_encoding::BASE64URL_NOPAD;
use graph_sim::{CLIENT_ID, GraphSim, PausedClock, TENANT_ID};
use jsonwebtoken::{Algorithm, DecodingKey, Validation};
use local::MemorySecrets;
use serde_json::{Value, json};
use shared::aws::{KmsSigner, WebIdentity};
use shared::graph::{ClientAuthentication, ClientCertificate, GraphError};
use shared::model::{Outcome, ReportSource};
use shared::ports::clock::Clock;
use shared::ports::secrets::Stage;
use tools::emulators;

use crate::world::graph_config;

const BUNDLE: &str = include_str!("fixtures/certificate-and-key.pem");
const PUBLIC_KEY: &str = include_str!("fixtures/public-key.pem");

/// Calls Graph with this credential; answers the assertions that were sent.
async fn assertions(authentication: Box<dyn ClientAuthentication>) -> Result<Vec<String>, GraphError> {
    let clock = Arc::new(PausedClock::default());
    let sim = Arc::new(GraphSim::new(clock.clone(), Arc::new(crate::world::NoNetwork)));
    let graph = graph_config().client(authentication, sim.clone(), clock);
    let source = ReportSource::Meeting { organizer_id: "o".into(), meeting_id: "m".into() };
    graph.attendance_reports(&source).await?;
    Ok(sim.assertions())
}

fn certificate(bundle: &str) -> ClientCertificate {
    ClientCertificate {
        secrets: Arc::new(MemorySecrets::default().with("certificate", Stage::Current, bundle)),
        secret_id: "certificate".into(),
        signer: None,
        clock: Arc::new(PausedClock::default()),
    }
}

/// The claims of an assertion whose signature `key` verifies.
fn verified(assertion: &str, key: &DecodingKey) -> Value {
    let mut validation = Validation::new(Algorithm::PS256);
    validation.set_audience(&[format!("https://login.microsoftonline.com/{TENANT_ID}/oauth2/v2.0/token")]);
    validation.validate_exp = false;
    jsonwebtoken::decode::<Value>(assertion, key, &validation).unwrap().claims
}

fn header(assertion: &str) -> Value {
    serde_json::from_slice(&BASE64URL_NOPAD.decode(assertion.split('.').next().unwrap().as_bytes()).unwrap())
        .unwrap()
}

#[tokio::test(start_paused = true)]
async fn a_certificate_signs_an_assertion_as_entra_documents_it() {
    let assertions = assertions(Box::new(certificate(BUNDLE))).await.unwrap();

    let thumbprint = include_str!("fixtures/thumbprint.txt").trim();
    assert_eq!(header(&assertions[0]), json!({"alg": "PS256", "typ": "JWT", "x5t#S256": thumbprint}));
    let claims = verified(&assertions[0], &DecodingKey::from_rsa_pem(PUBLIC_KEY.as_bytes()).unwrap());
    assert_eq!((&claims["iss"], &claims["sub"]), (&json!(CLIENT_ID), &json!(CLIENT_ID)));
    let now = PausedClock::default().now().as_second();
    assert_eq!(claims["iat"], json!(now));
    assert_eq!((&claims["nbf"], &claims["exp"]), (&json!(now - 60), &json!(now + 540)));
}

#[tokio::test(start_paused = true)]
async fn an_unusable_certificate_is_refused_with_the_reason() {
    let only_certificate = BUNDLE.split("-----BEGIN PRIVATE KEY-----").next().unwrap();
    let encrypted = format!(
        "{only_certificate}-----BEGIN ENCRYPTED PRIVATE KEY-----\nAAAA\n-----END ENCRYPTED PRIVATE KEY-----\n"
    );
    let broken = format!("{only_certificate}-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n");
    for (bundle, reason) in [
        (only_certificate, "no private key"),
        ("not PEM", "no certificate"),
        (PUBLIC_KEY, "no certificate"),
        (&encrypted, "has a password"),
        (&broken, "no RSA key"),
    ] {
        let error = assertions(Box::new(certificate(bundle))).await.unwrap_err();
        assert_eq!(error.outcome, Outcome::CredentialRefused, "{reason}");
        assert!(error.to_string().contains(reason), "{error}");
    }
}

#[tokio::test]
async fn a_key_in_kms_signs_without_leaving_it() {
    let Some(config) = emulators::ministack().await else { return };
    let kms = aws_sdk_kms::Client::new(&config);
    let key = kms
        .create_key()
        .key_spec(aws_sdk_kms::types::KeySpec::Rsa2048)
        .key_usage(aws_sdk_kms::types::KeyUsageType::SignVerify);
    let key_id = key.send().await.unwrap().key_metadata.unwrap().key_id;
    let only_certificate = BUNDLE.split("-----BEGIN PRIVATE KEY-----").next().unwrap();
    let signer = Arc::new(KmsSigner::new(&config, key_id.clone()));
    let authentication = ClientCertificate { signer: Some(signer), ..certificate(only_certificate) };

    let assertions = assertions(Box::new(authentication)).await.unwrap();

    let public_key =
        kms.get_public_key().key_id(&key_id).send().await.unwrap().public_key.unwrap().into_inner();
    let public_key = pem::encode(&pem::Pem::new("PUBLIC KEY", public_key));
    let claims = verified(&assertions[0], &DecodingKey::from_rsa_pem(public_key.as_bytes()).unwrap());
    assert_eq!(claims["iss"], json!(CLIENT_ID));
}

#[tokio::test]
async fn the_functions_own_role_signs_in_without_a_secret() {
    let Some(config) = emulators::ministack().await else { return };
    let assertions = assertions(Box::new(WebIdentity::new(&config))).await.unwrap();
    let claims = BASE64URL_NOPAD.decode(assertions[0].split('.').nth(1).unwrap().as_bytes()).unwrap();
    let claims: Value = serde_json::from_slice(&claims).unwrap();
    assert_eq!(claims["aud"], json!("api://AzureADTokenExchange"));
}

#[tokio::test]
async fn a_kms_key_that_does_not_exist_is_a_refused_credential() {
    let Some(config) = emulators::ministack().await else { return };
    let only_certificate = BUNDLE.split("-----BEGIN PRIVATE KEY-----").next().unwrap();
    let signer = Arc::new(KmsSigner::new(&config, "no-such-key".into()));
    let authentication = ClientCertificate { signer: Some(signer), ..certificate(only_certificate) };
    let error = assertions(Box::new(authentication)).await.unwrap_err();
    assert_eq!(error.outcome, Outcome::CredentialRefused, "{error}");
}
