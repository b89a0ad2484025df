//! The pipeline on one machine: the functions' own handlers on ports that need no network.
//!
//! The demo, `rollcall pull`, the tests and the simulation share it, so that there is one wiring of the
//! functions and one queue with the semantics of SQS. No function depends on it.

mod env;
mod memory_queue;
mod memory_secrets;
mod memory_store;
mod pipeline;
mod queues;

pub use env::{Encryption, PipelineEnv, TOMBSTONE_KEY_ID};
pub use memory_queue::{Delivery, MemoryQueue, OldestFirst};
pub use memory_secrets::MemorySecrets;
pub use memory_store::MemoryStore;
pub use pipeline::LocalPipeline;
pub use queues::{MemoryQueues, QueueSet};
pub use shared::ports::store::FolderStore;
