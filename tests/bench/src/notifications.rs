//! The webhook: the handshake and the first acknowledgement from a cold start, and notifications when it is warm.

use std::time::Duration;

use anyhow::ensure;
use bytes::Bytes;
use graph_sim::{calls_ended, http_api_event};
use http::Method;
use serde_json::Value;
use tokio::time::Instant;
use tools::runtime_api::FunctionProcess;

use crate::measured::{Median, Results, Sample, Table};
use crate::world::{World, client_state};

const NOTIFICATIONS: usize = 200;
const BATCHES: usize = 20;

pub(crate) async fn cold(world: &World, rounds: usize, results: &mut Results) -> anyhow::Result<()> {
    let handshake = event("?validationToken=Validation%3A+Testing", String::new())?;
    let handshakes = [
        ("Rollcall", world.binary("webhook")?),
        ("floor: hello world", world.binary("hello-floor")?),
        ("Python, boto3", world.python("webhook.py")),
    ];
    let notification = event("", calls_ended(&client_state(), 0..1))?;
    let firsts = [("Rollcall", world.binary("webhook")?), ("Python, boto3", world.python("webhook.py"))];
    results.add(cold_starts(rounds, "Handshake, from a cold start", &handshakes, &handshake, 200).await?);
    let title = "First notification acknowledged, from a cold start";
    results.add(cold_starts(rounds, title, &firsts, &notification, 202).await?);
    Ok(())
}

async fn cold_starts(
    rounds: usize,
    title: &str,
    contestants: &[(&'static str, FunctionProcess)],
    event: &Value,
    status: u16,
) -> anyhow::Result<Table> {
    let mut samples = vec![Vec::new(); contestants.len()];
    for _ in 0..rounds {
        for ((name, function), samples) in contestants.iter().zip(&mut samples) {
            let wall = timed(name, function, event, status).await?;
            samples.push(Sample { wall, usage: function.usage().await.unwrap_or_default() });
            function.kill().await;
        }
    }
    Ok(compared(title.to_owned(), contestants, &samples))
}

/// Notifications one by one, and then a hundred in each POST.
pub(crate) async fn warm(world: &World, rounds: usize, results: &mut Results) -> anyhow::Result<()> {
    let contestants = [("Rollcall", world.binary("webhook")?), ("Python, boto3", world.python("webhook.py"))];
    for (posts, size) in [(NOTIFICATIONS, 1), (BATCHES, 100)] {
        let mut samples = vec![Vec::new(); contestants.len()];
        let event = event("", calls_ended(&client_state(), 0..size))?;
        for _ in 0..rounds {
            for ((name, function), samples) in contestants.iter().zip(&mut samples) {
                timed(name, function, &event, 202).await?;
                let before = function.usage().await.unwrap_or_default();
                let began = Instant::now();
                for _ in 0..posts {
                    timed(name, function, &event, 202).await?;
                }
                let wall = began.elapsed() / posts as u32;
                let mut usage = function.usage().await.unwrap_or_default();
                usage.cpu = (usage.cpu - before.cpu) / posts as u32;
                samples.push(Sample { wall, usage });
            }
        }
        let title = format!("A POST with {size} notifications, warm (of {posts})");
        results.add(compared(title, &contestants, &samples));
    }
    Ok(())
}

async fn timed(
    name: &str,
    function: &FunctionProcess,
    event: &Value,
    status: u16,
) -> anyhow::Result<Duration> {
    let began = Instant::now();
    let answer = function.invoke(event).await.unwrap_or_default();
    let wall = began.elapsed();
    ensure!(answer["statusCode"] == status, "{name} answered {answer}");
    Ok(wall)
}

fn compared(
    title: String,
    contestants: &[(&'static str, FunctionProcess)],
    samples: &[Vec<Sample>],
) -> Table {
    let medians: Vec<_> =
        contestants.iter().zip(samples).map(|((name, _), samples)| (*name, Median::of(samples))).collect();
    Table::compared(title, &medians)
}

/// A POST of Graph's as the event of an HTTP API, with its body as text, which all contestants read.
fn event(query: &str, body: String) -> anyhow::Result<Value> {
    let request = http::Request::builder().method(Method::POST).uri(format!("/notifications{query}"));
    let mut event = http_api_event(&request.body(Bytes::new())?);
    event.body = Some(body);
    event.is_base64_encoded = false;
    Ok(serde_json::to_value(event)?)
}
