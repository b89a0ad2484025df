//! The five functions, and what the stack gives each of them.
//!
//! These are the numbers of `infra/template.yaml`, in one place for the code that must know them: the
//! pipeline on one machine, the simulation and the operator's command. A test compares both.

use jiff::SignedDuration;

/// A function of the stack; `{stack}-{name}` on AWS.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Function {
    /// `webhook`: answers Graph. The only one without a queue.
    Webhook,
    /// `fetch`: takes one step towards a report.
    Fetch,
    /// `archive`: stores a report and its lines.
    Archive,
    /// `subscriptions`: makes Graph notify.
    Subscriptions,
    /// `backfill`: looks for what no notification told of.
    Backfill,
}

/// How long a queue keeps a message: SQS counts from when it was sent.
pub const RETENTION: SignedDuration = SignedDuration::from_hours(7 * 24);
/// How long a dead-letter queue keeps a message.
pub const DEAD_LETTER_RETENTION: SignedDuration = SignedDuration::from_hours(14 * 24);

impl Function {
    /// All five functions.
    pub const ALL: [Self; 5] =
        [Self::Webhook, Self::Fetch, Self::Archive, Self::Subscriptions, Self::Backfill];
    /// The four that take messages from a queue of their own.
    pub const WITH_QUEUE: [Self; 4] = [Self::Fetch, Self::Archive, Self::Subscriptions, Self::Backfill];

    /// The name of its crate, its binary and its queue.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Webhook => "webhook",
            Self::Fetch => "fetch",
            Self::Archive => "archive",
            Self::Subscriptions => "subscriptions",
            Self::Backfill => "backfill",
        }
    }

    /// After how long Lambda ends an invocation.
    pub const fn timeout(self) -> SignedDuration {
        SignedDuration::from_secs(match self {
            Self::Webhook => 10,
            Self::Fetch => 120,
            Self::Archive => 60,
            Self::Subscriptions => 300,
            Self::Backfill => 600,
        })
    }

    /// The most messages of one invocation; 0 for the one without a queue.
    pub const fn batch_size(self) -> usize {
        match self {
            Self::Webhook => 0,
            Self::Fetch | Self::Archive => 5,
            Self::Subscriptions => 10,
            Self::Backfill => 1,
        }
    }

    /// For how long messages are collected before an invocation.
    pub const fn batching_window(self) -> SignedDuration {
        match self {
            Self::Subscriptions => SignedDuration::from_secs(20),
            Self::Webhook | Self::Fetch | Self::Archive | Self::Backfill => SignedDuration::ZERO,
        }
    }

    /// The most invocations that its queue has at once; 0 for the one without a queue. That of `fetch` is a
    /// parameter of the stack, and this its default.
    pub const fn maximum_concurrency(self) -> usize {
        match self {
            Self::Webhook => 0,
            Self::Fetch | Self::Archive => 5,
            Self::Subscriptions => 2,
            Self::Backfill => 3,
        }
    }

    /// For how long a received message is hidden from others: six invocations and the batching window.
    /// <https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html>
    pub fn visibility_timeout(self) -> SignedDuration {
        self.timeout() * 6 + self.batching_window()
    }

    /// After how many receipts a message becomes a dead letter.
    pub const fn max_receive_count(self) -> u32 {
        match self {
            Self::Fetch => 1_000,
            Self::Webhook | Self::Archive | Self::Subscriptions | Self::Backfill => 100,
        }
    }

    /// The setting that names its queue, for whoever sends to it.
    pub const fn queue_url_setting(self) -> &'static str {
        match self {
            Self::Webhook => "",
            Self::Fetch => "FETCH_QUEUE_URL",
            Self::Archive => "ARCHIVE_QUEUE_URL",
            Self::Subscriptions => "SUBSCRIPTIONS_QUEUE_URL",
            Self::Backfill => "BACKFILL_QUEUE_URL",
        }
    }

    /// The setting that names its dead-letter queue.
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
