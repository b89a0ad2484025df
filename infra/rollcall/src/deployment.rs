//! What is deployed: the functions, and the settings that they run with.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, bail};
use async_trait::async_trait;
use aws_config::SdkConfig;
use aws_sdk_lambda::error::ProvideErrorMetadata;
use aws_sdk_lambda::primitives::Blob;
use serde_json::Value;
use shared::aws::{self, S3Store, SqsQueue};
use shared::env::Env;
use shared::ports::queue::QueueError;
use shared::ports::store::ObjectStore;

use crate::failure::aws_remedy;

/// An invocation may take as long as Lambda lets it.
const ATTEMPT: Duration = Duration::from_secs(15 * 60);

/// The alias of each function's version that is in service.
const ALIAS: &str = "live";

/// What is asked where AWS gave no answer at all.
const NO_AWS: &str = "AWS cannot be reached: are there credentials (AWS_PROFILE) and a region (AWS_REGION)?";

/// The functions, as the command invokes them: deployed, or on this machine.
#[async_trait(?Send)]
pub trait Invoke {
    /// Invokes `function` with `request`, and gives its answer.
    ///
    /// # Errors
    /// It cannot be invoked, or refuses; then the error is its sentence.
    async fn invoke(&self, function: &str, request: &Value) -> anyhow::Result<Value>;

    /// Whether it is known that no message is on its way between the functions.
    fn is_idle(&self) -> bool {
        false
    }
}

/// The deployed functions, as the command reaches them: it invokes them, and reads their settings.
#[async_trait(?Send)]
pub trait Deployment: Invoke {
    /// The environment variables that `function` runs with.
    ///
    /// # Errors
    /// It is not deployed, or may not be looked at.
    async fn settings(&self, function: &str) -> anyhow::Result<Settings>;

    /// About how many messages are in the queue at `url`.
    ///
    /// # Errors
    /// There is no such queue, or these credentials may not look.
    async fn messages(&self, url: &str) -> Result<u64, QueueError>;

    /// The archive in `bucket`, which `owner` must own where it is given.
    fn archive(&self, bucket: String, owner: Option<String>) -> Arc<dyn ObjectStore>;
}

/// The settings of one or more functions, by their names.
#[derive(Debug, Clone, Default)]
pub struct Settings(pub BTreeMap<String, String>);

impl Env for Settings {
    fn get(&self, name: &str) -> Option<String> {
        self.0.get(name).filter(|value| !value.is_empty()).cloned()
    }
}

/// What is deployed on AWS; its functions are named `{stack}-{function}`.
pub struct Stack {
    client: aws_sdk_lambda::Client,
    /// How AWS is reached: region, credentials, time-outs.
    pub aws: SdkConfig,
    stack: String,
}

impl Stack {
    /// The stack of this name, in the account and region of the environment.
    pub async fn named(stack: &str) -> Self {
        Self::at(aws::config(ATTEMPT).await, stack)
    }

    /// The stack of this name, in the account and region of `aws`.
    pub fn at(aws: SdkConfig, stack: &str) -> Self {
        Self { client: aws_sdk_lambda::Client::new(&aws), aws, stack: stack.to_owned() }
    }

    fn name(&self, function: &str) -> String {
        format!("{}-{function}", self.stack)
    }
}

#[async_trait(?Send)]
impl Invoke for Stack {
    async fn invoke(&self, function: &str, request: &Value) -> anyhow::Result<Value> {
        let name = self.name(function);
        let payload = Blob::new(request.to_string());
        let answer = self.client.invoke().function_name(&name).qualifier(ALIAS).payload(payload).send();
        let answer = Box::pin(answer).await.map_err(|error| unreachable(&name, error))?;
        let payload = answer.payload.unwrap_or_else(|| Blob::new("null"));
        let value: Value =
            serde_json::from_slice(payload.as_ref()).context("the function's answer is no JSON")?;
        if answer.function_error.is_some() {
            bail!("{}", value["errorMessage"].as_str().unwrap_or("the function failed: look into its log"));
        }
        Ok(value)
    }
}

#[async_trait(?Send)]
impl Deployment for Stack {
    async fn settings(&self, function: &str) -> anyhow::Result<Settings> {
        let name = self.name(function);
        let request = self.client.get_function_configuration().function_name(&name).qualifier(ALIAS);
        let answer = Box::pin(request.send()).await.map_err(|error| unreachable(&name, error))?;
        let variables = answer.environment.and_then(|environment| environment.variables);
        Ok(Settings(variables.unwrap_or_default().into_iter().collect()))
    }

    async fn messages(&self, url: &str) -> Result<u64, QueueError> {
        SqsQueue::new(&self.aws, url.to_owned()).count().await
    }

    fn archive(&self, bucket: String, owner: Option<String>) -> Arc<dyn ObjectStore> {
        Arc::new(S3Store::new(&self.aws, bucket, owner))
    }
}

/// Why a function cannot be reached, and what to do.
fn unreachable<E>(name: &str, error: E) -> anyhow::Error
where
    E: ProvideErrorMetadata + std::error::Error + Send + Sync + 'static,
{
    let what = match error.code() {
        Some("ResourceNotFoundException") => {
            "it is not deployed here: give --stack its stack's name, and AWS_REGION or AWS_PROFILE its place"
        }
        Some("AccessDeniedException") => {
            "these credentials may not: they need lambda:InvokeFunction and lambda:GetFunctionConfiguration"
        }
        Some(code) => aws_remedy(code),
        // The SDK's own words are a chain of types: none of them says what to do.
        None => NO_AWS,
    };
    let code = error.code().unwrap_or("no answer");
    anyhow::anyhow!("the function {name} ({code}): {what}")
}
