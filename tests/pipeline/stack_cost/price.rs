//! Dollars, us-east-1, arm64, as listed in October 2026 (<https://aws.amazon.com/pricing/>), and what each message and call takes
//! of what they are for.

pub(crate) const HTTP_API_REQUEST: f64 = 1.00e-6;
pub(crate) const INVOCATION: f64 = 0.20e-6;
pub(crate) const GIGABYTE_SECOND: f64 = 0.000_013_333_4;
pub(crate) const QUEUE_CALL: f64 = 0.40e-6;
pub(crate) const S3_WRITE: f64 = 5.00e-6;
pub(crate) const S3_READ: f64 = 0.40e-6;
pub(crate) const LOG_BYTE: f64 = 0.50e-9;
/// How long a call of AWS takes, in seconds: what is usual, not a measurement.
pub(crate) const AWS_CALL_SECONDS: f64 = 0.02;
/// What a message logs and counts, and what a batch counts; `stack_ministack.rs` asserts that it is no more.
pub(crate) const MESSAGE_LOG_BYTES: f64 = 740.0;
pub(crate) const BATCH_LOG_BYTES: f64 = 240.0;
/// A month.
pub(crate) const ALARM: f64 = 0.10;
pub(crate) const METRIC: f64 = 0.30;
pub(crate) const SECRET: f64 = 0.40;
