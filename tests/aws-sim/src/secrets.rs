//! Secrets Manager: each secret with its current and its previous version.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use serde::Deserialize;
use serde_json::{Value, json};

use crate::json::{Refusal, read};

/// Each secret's versions by its name, the newest last.
#[derive(Default)]
pub(crate) struct Secrets(Mutex<HashMap<String, Vec<String>>>);

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Request {
    #[serde(alias = "SecretId")]
    name: String,
    secret_string: Option<String>,
    version_stage: Option<String>,
}

impl Secrets {
    pub(crate) fn answer(&self, operation: &str, body: &[u8]) -> Result<Value, Refusal> {
        let Request { name, secret_string, version_stage } = read(body)?;
        let mut secrets = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match operation {
            "CreateSecret" if secrets.contains_key(&name) => {
                return Err(Refusal::new("ResourceExistsException", "the secret exists"));
            }
            "CreateSecret" => {
                secrets.insert(name.clone(), secret_string.into_iter().collect());
            }
            "PutSecretValue" => {
                secrets.get_mut(&name).ok_or_else(not_found)?.extend(secret_string);
            }
            "GetSecretValue" => {
                let versions = secrets.get(&name).ok_or_else(not_found)?;
                let value = match version_stage.as_deref().unwrap_or("AWSCURRENT") {
                    "AWSCURRENT" => versions.last(),
                    "AWSPREVIOUS" => versions.iter().rev().nth(1),
                    _ => None,
                };
                return Ok(json!({"Name": name, "SecretString": value.ok_or_else(not_found)?}));
            }
            _ => return Err(Refusal::unknown_operation(operation)),
        }
        Ok(json!({"Name": name}))
    }
}

fn not_found() -> Refusal {
    Refusal::new(
        "ResourceNotFoundException",
        "Secrets Manager can't find the specified secret or its version.",
    )
}
