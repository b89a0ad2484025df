//! `rollcall dead-letters`: lists the dead letters of the deployed functions, and sends them back, or leaves out of them who was erased.
//!
//! A letter is shown by its outcome, its remedy and its kind of job, never by its text: that names
//! people's meetings. It is sent to its queue before it is deleted, so a stop in between doubles
//! it and loses nothing: twice is once. What Graph notified of and the webhook had no route for is no
//! job: it is routed again, with the routes of this version, and stays where there still is none.

mod erased;
mod visibility;

use std::collections::{BTreeMap, BTreeSet};
use std::process::ExitCode;

use anyhow::{Context, bail};
use comfy_table::{Table, presets};
use serde::Serialize;
use serde_json::{Value, json};
use shared::aws::{ReceivedMessage, SqsQueue};
use shared::env::Env;
use shared::jobs::{ArchiveJob, BackfillUnit, FetchJob, Job, SubscriptionsJob};
use shared::lambda::function::Function;
use shared::ports::clock::{Clock, SystemClock};
use shared::ports::queue::{OutgoingMessage, Queue};
use webhook::{NOTIFIED_OF, route_again};

use crate::cli::DeadLettersOptions;
use crate::deployment::{Deployment, Stack};
use crate::terminal::{print_stderr, print_stdout};

pub use erased::{Counts, leave_out_erased};
use visibility::{HIDDEN, show_again};

/// A message that was received too often has no attribute.
const EXHAUSTED: &str = "exhausted";
const EXHAUSTED_REMEDY: &str =
    "It failed until its queue gave up: look into the function's log, mend the cause, redrive.";
/// What Graph notified of, and no route exists for.
const UNROUTED: &str = "notification without a route";
const UNROUTED_REMEDY: &str = "Graph notified of what this version has no use for. Such a letter stays: redrive it with the `rollcall` of a newer version.";

/// A function's queue, with its dead-letter queue.
pub struct DeadLetterQueue {
    /// The function that consumes the queue.
    pub function: Function,
    /// The queue that letters are sent back to.
    pub queue: SqsQueue,
    /// The dead-letter queue of that queue.
    pub letters: SqsQueue,
}

/// What dead letters have in common that are counted together.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Kind {
    /// The name of the function whose letters they are.
    pub function: &'static str,
    /// The name of the outcome that they were dead-lettered with; `exhausted` where they have none.
    pub outcome: String,
    /// What a person can do about that outcome.
    pub remedy: String,
    /// The kind of their jobs, or that this version cannot read them.
    pub what: &'static str,
}

/// Runs `rollcall dead-letters`: prints how many letters of each kind there are, and redrives the chosen
/// ones.
///
/// # Errors
/// A sentence: nothing is deployed, or a queue does not answer.
pub async fn run(options: &DeadLettersOptions) -> anyhow::Result<ExitCode> {
    let stack = Stack::named(&options.stack.stack).await;
    if options.erased {
        return erased::run(&stack, options.stack.json).await;
    }
    let mut queues = Vec::new();
    for function in Function::WITH_QUEUE {
        let (queue, letters) = (function.queue_url_setting(), function.dead_letter_url_setting());
        let (Some(queue), Some(letters)) = (url(&stack, queue).await?, url(&stack, letters).await?) else {
            bail!("no function of the stack knows {queue} and {letters}: is it of another version?");
        };
        queues.push(DeadLetterQueue {
            function,
            queue: SqsQueue::new(&stack.aws, queue),
            letters: SqsQueue::new(&stack.aws, letters),
        });
    }
    let wanted = |kind: &Kind| {
        options.redrive && options.outcome.as_ref().is_none_or(|outcome| *outcome == kind.outcome)
    };
    let counts = sort_through(&queues, wanted).await?;
    print_counts(&counts, options);
    Ok(ExitCode::SUCCESS)
}

/// A queue's URL, from whichever function knows it.
async fn url(stack: &Stack, name: &str) -> anyhow::Result<Option<String>> {
    for function in Function::ALL {
        if let Some(url) = stack.settings(function.name()).await?.get(name) {
            return Ok(Some(url));
        }
    }
    Ok(None)
}

/// Receives every dead letter, and sends those that are `wanted` back to their queue. Answers how many there
/// are of each kind.
///
/// # Errors
/// A queue does not answer: what was sent back until then is in its queue.
pub async fn sort_through(
    queues: &[DeadLetterQueue],
    wanted: impl Fn(&Kind) -> bool,
) -> anyhow::Result<BTreeMap<Kind, usize>> {
    let mut counts = BTreeMap::new();
    for queue in queues {
        let mut left = Vec::new();
        loop {
            let letters =
                queue.letters.receive(HIDDEN).await.context("the dead letters cannot be received")?;
            if letters.is_empty() {
                break;
            }
            for letter in letters {
                let next = next(queue.function, &letter);
                let kind = kind(queue.function, &letter, next.is_some());
                match next.filter(|_| wanted(&kind)) {
                    Some((function, message)) => {
                        redrive(queues, queue, function, message, &letter.receipt_handle).await?;
                    }
                    None => left.push(letter.receipt_handle),
                }
                *counts.entry(kind).or_default() += 1;
            }
        }
        show_again(&queue.letters, left).await?;
    }
    Ok(counts)
}

/// The message that a letter is redriven as, and the function whose queue takes it; `None` where there is none.
fn next(function: Function, letter: &ReceivedMessage) -> Option<(Function, OutgoingMessage)> {
    match letter.attributes.get(NOTIFIED_OF) {
        Some(notified_of) => route_again(&letter.body, notified_of, SystemClock.now()),
        None if function == Function::Backfill => {
            Some((function, OutgoingMessage::new(unit_again(&letter.body))))
        }
        None => Some((function, OutgoingMessage::new(letter.body.clone()))),
    }
}

/// A unit goes on in the queue that it is sent back to, whichever queue it came from.
fn unit_again(body: &str) -> String {
    match BackfillUnit::from_message(body) {
        Ok(unit) => unit.not_bulk().to_message(),
        Err(_) => body.to_owned(),
    }
}

async fn redrive(
    queues: &[DeadLetterQueue],
    from: &DeadLetterQueue,
    to: Function,
    message: OutgoingMessage,
    receipt_handle: &str,
) -> anyhow::Result<()> {
    let to = queues.iter().find(|queue| queue.function == to);
    let to = to.context("the stack has no queue for a letter; it is still among the dead")?;
    let sent = to.queue.send(vec![message]).await;
    sent.context("a letter could not be sent back; it is still among the dead")?;
    let deleted = from.letters.delete(receipt_handle).await;
    deleted.context("a letter was sent back, and is still among the dead, too")
}

fn kind(function: Function, letter: &ReceivedMessage, has_next: bool) -> Kind {
    let attribute =
        |name: &str, other: &str| letter.attributes.get(name).map_or(other, String::as_str).to_owned();
    let what = match function {
        _ if !has_next => Some(UNROUTED),
        _ if letter.attributes.contains_key(NOTIFIED_OF) => Some("notification"),
        Function::Webhook | Function::Fetch => job_kind::<FetchJob>(letter),
        Function::Archive => job_kind::<ArchiveJob>(letter),
        Function::Subscriptions => job_kind::<SubscriptionsJob>(letter),
        Function::Backfill => job_kind::<BackfillUnit>(letter),
    };
    let remedy = if has_next { attribute("remedy", EXHAUSTED_REMEDY) } else { UNROUTED_REMEDY.to_owned() };
    Kind {
        function: function.name(),
        outcome: attribute("outcome", EXHAUSTED),
        remedy,
        what: what.unwrap_or("nothing that this version reads"),
    }
}

fn job_kind<J: Job>(letter: &ReceivedMessage) -> Option<&'static str> {
    J::from_message(&letter.body).ok().map(|job| job.kind())
}

/// How many letters there are of each kind, for programs.
pub fn counts_json(counts: &BTreeMap<Kind, usize>) -> Value {
    counts.iter().map(|(kind, count)| json!({"kind": kind, "count": count})).collect()
}

fn print_counts(counts: &BTreeMap<Kind, usize>, options: &DeadLettersOptions) {
    if options.stack.json {
        return print_stdout(&counts_json(counts).to_string());
    }
    if counts.is_empty() {
        return print_stdout("There are no dead letters.");
    }
    let mut table = Table::new();
    table.load_preset(presets::UTF8_FULL_CONDENSED).set_header(["function", "outcome", "what", "letters"]);
    let mut remedies = BTreeSet::new();
    for (kind, count) in counts {
        table.add_row([kind.function, &kind.outcome, kind.what, &count.to_string()]);
        remedies.insert((&kind.outcome, &kind.remedy));
    }
    print_stdout(&table.to_string());
    for (outcome, remedy) in remedies {
        print_stdout(&format!("{outcome}: {remedy}"));
    }
    if options.redrive {
        let stay = counts.keys().any(|kind| kind.what == UNROUTED);
        let but = if stay { " What no route exists for stays." } else { "" };
        print_stderr(&format!("What was asked for is on its way again.{but}"));
    }
}

#[cfg(test)]
mod tests {
    use shared::jobs::{LedgerWalk, Purpose, Run};

    use super::*;

    #[test]
    fn a_unit_of_a_bulk_run_goes_on_in_the_queue_that_it_is_sent_back_to() {
        let at = "2026-03-01T10:00:00Z".parse().unwrap();
        let (purpose, schedule, refresh) = (Purpose::Audit, None, false);
        let run = Run {
            id: "r".into(),
            purpose,
            since: at,
            until: at,
            refresh,
            began: at,
            schedule,
            is_bulk: true,
        };
        let unit = BackfillUnit::Ledger { run, walk: LedgerWalk::default() };
        let again = BackfillUnit::from_message(&unit_again(&unit.to_message())).unwrap();
        assert_eq!(again, unit.clone().not_bulk());
        assert_ne!(again, unit);
        assert_eq!(unit_again("{}"), "{}");
    }
}
