//! The least that a function can do to copy reports: it gets the bytes from Graph and puts them into S3, without
//! reading them. Its token is a setting.

use aws_config::BehaviorVersion;
use aws_sdk_s3::Client;
use lambda_runtime::{Error, LambdaEvent, service_fn};
use serde::Deserialize;
use serde_json::{Value, json};
use shared::env::{Env, ProcessEnv};

#[derive(Deserialize)]
struct Event {
    jobs: Vec<Job>,
}

#[derive(Deserialize)]
struct Job {
    path: String,
    key: String,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let aws = aws_config::load_defaults(BehaviorVersion::latest()).await;
    let s3 = Client::from_conf(aws_sdk_s3::config::Builder::from(&aws).force_path_style(true).build());
    let graph = reqwest::Client::new();
    lambda_runtime::run(service_fn(async |event: LambdaEvent<Event>| {
        for job in event.payload.jobs {
            copy(&graph, &s3, &job).await?;
        }
        Ok::<Value, Error>(json!({}))
    }))
    .await
}

async fn copy(graph: &reqwest::Client, s3: &Client, job: &Job) -> Result<(), Error> {
    let url = format!("{}/v1.0/{}?$expand=attendanceRecords", ProcessEnv.required("GRAPH_URL")?, job.path);
    let report = graph.get(url).bearer_auth(ProcessEnv.required("GRAPH_TOKEN")?).send().await?;
    let body = report.error_for_status()?.bytes().await?;
    let put = s3.put_object().bucket(ProcessEnv.required("ARCHIVE_BUCKET")?).key(&job.key);
    Box::pin(put.content_type("application/json").body(body.into()).send()).await?;
    Ok(())
}
