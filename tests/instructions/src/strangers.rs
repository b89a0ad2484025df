//! A POST of a stranger, as large as the platform lets through, from the event's JSON to the answer.

use anyhow::ensure;
use aws_lambda_events::event::apigw::ApiGatewayV2httpRequest;
use clap::ValueEnum;
use graph_sim::{TENANT_ID, calls_ended};
use jiff::Timestamp;
use serde_json::json;
use shared::graph::{ClientStateKey, ClientStateScope};
use shared::model::ResourceKind;
use shared::ports::clock::SystemClock;
use webhook::handle;

use crate::notifications::dependencies;

/// What a stranger posts.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub(crate) enum Stranger {
    /// Items that are the number 1.
    Numbers,
    /// Items that are an empty object.
    Objects,
    /// Notifications that another key has signed.
    Forged,
    /// One item, as large as all of it.
    Large,
    /// Nothing but opening brackets.
    Deep,
}

impl Stranger {
    fn body(self, size: usize) -> String {
        let collection = |item: &str| {
            format!("{{\"value\":[{}{item}]}}", format!("{item},").repeat(size / (item.len() + 1) - 1))
        };
        match self {
            Self::Numbers => collection("1"),
            Self::Objects => collection("{}"),
            Self::Forged => {
                let scope = ClientStateScope {
                    tenant_id: TENANT_ID.to_owned(),
                    kind: ResourceKind::CallRecords,
                    end: Timestamp::MAX,
                };
                let state = ClientStateKey::new(&"another key".to_owned().into()).sign([1; 16], &scope);
                calls_ended(&state, 0..size / calls_ended(&state, 0..1).len())
            }
            Self::Large => collection(&format!("{{\"x\":\"{}\"}}", "x".repeat(size - 100))),
            Self::Deep => "[".repeat(size),
        }
    }
}

pub(crate) async fn post(stranger: Stranger, size: usize, times: usize) -> anyhow::Result<()> {
    let dependencies = dependencies();
    let event = json!({
        "version": "2.0",
        "rawPath": "/notifications",
        "requestContext": {"http": {"method": "POST"}},
        "body": stranger.body(size),
    });
    let event = event.to_string();
    for _ in 0..times {
        let request: ApiGatewayV2httpRequest = serde_json::from_str(&event)?;
        let answer =
            handle(&SystemClock, &webhook::Origin::default(), async || Ok(&dependencies), request).await;
        ensure!([202, 400, 503].contains(&answer.status_code), "status {}", answer.status_code);
    }
    Ok(())
}
