//! What a process has used, as Linux counts it.

use std::fs;
use std::time::Duration;

/// What a process has used since its start.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Usage {
    /// On processors, of the threads that still live.
    pub cpu: Duration,
    /// The most memory it held at once.
    pub peak_bytes: u64,
}

impl Usage {
    /// Of the running process `id`.
    pub fn of(id: u32) -> Self {
        let threads = fs::read_dir(format!("/proc/{id}/task")).unwrap().map(|thread| thread.unwrap().path());
        let nanoseconds = |thread: std::path::PathBuf| {
            let counts = fs::read_to_string(thread.join("schedstat")).unwrap_or_default();
            counts.split(' ').next().and_then(|spent| spent.parse::<u64>().ok()).unwrap_or(0)
        };
        let status = fs::read_to_string(format!("/proc/{id}/status")).unwrap();
        let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
        let kibibytes: u64 = peak.trim().trim_end_matches(" kB").parse().unwrap();
        Self { cpu: Duration::from_nanos(threads.map(nanoseconds).sum()), peak_bytes: kibibytes << 10 }
    }
}
