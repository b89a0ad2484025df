//! Ctrl-C: the command ends, what it was writing is whole or not there, and it says what to run again.

use tokio::signal::ctrl_c;
use tokio::sync::oneshot;

use crate::cli::Command;
use crate::exit::Exit;

/// Waits for the first Ctrl-C on a thread of its own: the command may be busy, or wait for somebody to type. With the second
/// the process ends at once.
pub fn first() -> oneshot::Receiver<()> {
    let (sender, receiver) = oneshot::channel();
    std::thread::spawn(move || {
        let Ok(runtime) = tokio::runtime::Builder::new_current_thread().enable_io().build() else { return };
        runtime.block_on(async {
            if ctrl_c().await.is_ok() && sender.send(()).is_ok() && ctrl_c().await.is_ok() {
                std::process::exit(Exit::Interrupted.code().into());
            }
        });
    });
    receiver
}

/// How a command ends that Ctrl-C ended, and what is said then; nothing where that is how it ends.
pub fn ending(command: &Command) -> (Option<&'static str>, Exit) {
    let said = match command {
        Command::Browse(_) | Command::Simulate(_) => return (None, Exit::Done),
        Command::Login(_) => "Stopped. Nobody was signed in anew: run it again.",
        Command::Logout(_) => "Stopped. Run it again, and it forgets the sign-in.",
        Command::Pull(_) => {
            "Stopped. What is archived is whole; pull again, and it goes on with what the archive lacks."
        }
        Command::Backfill(_) | Command::Audit(_) => {
            "Stopped watching; a run that was begun goes on by itself. `rollcall audit` tells later what there is."
        }
        Command::Erase(_) => {
            "Stopped. What was done is done, each object wholly or not at all. Had it begun, its id was printed: rollcall erase --resume ID ARCHIVE goes on."
        }
        Command::Hold(_) => {
            "Stopped. What is held stays held; run the same command again, and it goes on with what is left."
        }
        Command::Manifest(_) => {
            "Stopped. The chain of roots is as it was or one longer; run it again, and it names what is left."
        }
        Command::DeadLetters(_) => {
            "Stopped. A letter is sent before it is deleted, so none is lost; those that were looked at are hidden for a quarter of an hour: run it again then."
        }
        Command::Export(_) => {
            "Stopped. Each file that is there is whole, but not each is there: run it again, which writes them all."
        }
        Command::Demo(_) => "Stopped. The next demo empties the folder and begins anew.",
        Command::Register(_) | Command::Person(_) | Command::Man(_) => {
            "Stopped. A file is there wholly or not at all: run it again."
        }
        Command::Ask(_) | Command::Verify(_) | Command::Doctor(_) => {
            "Stopped. Nothing was changed: run it again."
        }
        Command::Estimate(_) | Command::Completions(_) => "Stopped.",
    };
    (Some(said), Exit::Interrupted)
}
