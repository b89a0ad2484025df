//! The resource usage of a process, as Linux counts it.

use std::fs;
use std::path::PathBuf;
use std::time::Duration;

/// The resource usage of a process since its start.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Usage {
    /// CPU time, of the threads that still run.
    pub cpu: Duration,
    /// Its peak memory.
    pub peak_bytes: u64,
}

impl Usage {
    /// The usage of the process `id`; `None` if it has ended.
    pub fn of_running(id: u32) -> Option<Self> {
        let threads = fs::read_dir(format!("/proc/{id}/task")).ok()?.flatten().map(|thread| thread.path());
        let nanoseconds = |thread: PathBuf| {
            let counts = fs::read_to_string(thread.join("schedstat")).unwrap_or_default();
            counts.split(' ').next().and_then(|spent| spent.parse::<u64>().ok()).unwrap_or(0)
        };
        let status = fs::read_to_string(format!("/proc/{id}/status")).ok()?;
        let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
        let kibibytes: u64 = peak.trim().trim_end_matches(" kB").parse().ok()?;
        Some(Self { cpu: Duration::from_nanos(threads.map(nanoseconds).sum()), peak_bytes: kibibytes << 10 })
    }
}
