//! The five functions, and what the stack gives each of them.
//!
//! These are the numbers of `infra/template.yaml`, in one place for the code that needs them: the
//! pipeline on one machine, the simulation and the operator's command. A test compares both.

use jiff::SignedDuration;

/// A function of the stack; `{stack}-{name}` on AWS.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Function {
    /// `webhook`: receives Graph's notifications. The only one without a queue.
    Webhook,
    /// `fetch`: takes one step towards a report.
    Fetch,
    /// `archive`: stores a report and its lines.
    Archive,
    /// `subscriptions`: creates and renews the subscriptions of Graph.
    Subscriptions,
    /// `backfill`: looks for reports of which no notification came.
    Backfill,
}

/// The retention of a queue: 7 days, which SQS counts from when a message was sent.
pub const RETENTION: SignedDuration = SignedDuration::from_hours(7 * 24);
/// The retention of a dead-letter queue: 14 days.
pub const DEAD_LETTER_RETENTION: SignedDuration = SignedDuration::from_hours(14 * 24);

impl Function {
    /// All five functions, `webhook` first.
    pub const ALL: [Self; 5] =
        [Self::Webhook, Self::Fetch, Self::Archive, Self::Subscriptions, Self::Backfill];
    /// The four that take messages from a queue of their own.
    pub const WITH_QUEUE: [Self; 4] = [Self::Fetch, Self::Archive, Self::Subscriptions, Self::Backfill];

    /// The name of the function's crate, binary and queue, in lower case.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Webhook => "webhook",
            Self::Fetch => "fetch",
            Self::Archive => "archive",
            Self::Subscriptions => "subscriptions",
            Self::Backfill => "backfill",
        }
    }

    /// The timeout: after it Lambda ends an invocation.
    pub const fn timeout(self) -> SignedDuration {
        SignedDuration::from_secs(match self {
            Self::Webhook => 10,
            Self::Fetch => 120,
            Self::Archive => 60,
            Self::Subscriptions => 300,
            Self::Backfill => 600,
        })
    }

    /// The batch size: the most messages of one invocation; 0 for the function without a queue.
    pub const fn batch_size(self) -> usize {
        match self {
            Self::Webhook => 0,
            Self::Fetch | Self::Archive => 5,
            Self::Subscriptions => 10,
            Self::Backfill => 1,
        }
    }

    /// The batching window: for how long messages are collected before an invocation.
    pub const fn batching_window(self) -> SignedDuration {
        match self {
            Self::Subscriptions => SignedDuration::from_secs(20),
            Self::Webhook | Self::Fetch | Self::Archive | Self::Backfill => SignedDuration::ZERO,
        }
    }

    /// The maximum concurrency: how many invocations the queue starts at once; 0 for the function without a
    /// queue. For `fetch` it is the default of a stack parameter.
    pub const fn maximum_concurrency(self) -> usize {
        match self {
            Self::Webhook => 0,
            Self::Fetch | Self::Archive => 5,
            Self::Subscriptions => 2,
            Self::Backfill => 3,
        }
    }

    /// The visibility timeout of the function's queue: six function timeouts and the batching window.
    /// <https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html>
    pub fn visibility_timeout(self) -> SignedDuration {
        self.timeout() * 6 + self.batching_window()
    }

    /// The `maxReceiveCount`: after so many receipts SQS moves a message to the dead-letter queue, without a reason.
    /// The functions themselves do so earlier, where they can. It is reached well before the retention also where
    /// each receipt waits for the visibility timeout.
    pub const fn max_receive_count(self) -> u32 {
        match self {
            Self::Fetch => 500,
            Self::Archive => 1_000,
            Self::Subscriptions => 200,
            Self::Webhook | Self::Backfill => 100,
        }
    }

    /// The environment variable with the URL of the function's queue; empty for the function without one.
    pub const fn queue_url_setting(self) -> &'static str {
        match self {
            Self::Webhook => "",
            Self::Fetch => "FETCH_QUEUE_URL",
            Self::Archive => "ARCHIVE_QUEUE_URL",
            Self::Subscriptions => "SUBSCRIPTIONS_QUEUE_URL",
            Self::Backfill => "BACKFILL_QUEUE_URL",
        }
    }

    /// The environment variable with the URL of the function's dead-letter queue; empty for the one without.
    pub const fn dead_letter_url_setting(self) -> &'static str {
        match self {
            Self::Webhook => "",
            Self::Fetch => "FETCH_DLQ_URL",
            Self::Archive => "ARCHIVE_DLQ_URL",
            Self::Subscriptions => "SUBSCRIPTIONS_DLQ_URL",
            Self::Backfill => "BACKFILL_DLQ_URL",
        }
    }
}
