//! A limit of a process's memory, as Lambda sets one: a control group of Linux.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::runtime_api::{FunctionProcess, Settings};

/// Where each version of control groups is mounted, and its files: the limit, and that of the swap space.
const VERSIONS: [(&str, &str, &str); 2] = [
    ("/sys/fs/cgroup/memory", "memory.limit_in_bytes", "memory.memsw.limit_in_bytes"),
    ("/sys/fs/cgroup", "memory.max", "memory.swap.max"),
];

/// A control group that ends processes which need more memory. It is removed when this is dropped, after its
/// processes.
pub struct MemoryLimit(PathBuf);

impl MemoryLimit {
    /// A group with a limit of so many bytes; `None` where this machine makes none.
    pub fn new(bytes: u64) -> Option<Self> {
        static GROUPS: AtomicUsize = AtomicUsize::new(0);
        let number = GROUPS.fetch_add(1, Ordering::Relaxed);
        let name = format!("rollcall-{}-{number}", std::process::id());
        let groups = VERSIONS.iter().filter(|(root, ..)| Path::new(root).join("cgroup.procs").exists());
        groups.into_iter().find_map(|(root, limit, swap)| {
            let group = Path::new(root).join(&name);
            fs::create_dir(&group).ok()?;
            let limited = Self(group);
            fs::write(limited.0.join(limit), bytes.to_string()).ok()?;
            // There may be no swap space.
            fs::write(limited.0.join(swap), if *swap == "memory.swap.max" { 0 } else { bytes }.to_string())
                .ok();
            Some(limited)
        })
    }

    /// A function whose process is in the group.
    pub fn function(&self, program: &Path, settings: Settings) -> FunctionProcess {
        let enter = "echo $$ > \"$0/cgroup.procs\" && exec \"$1\"";
        let arguments = ["-c".into(), enter.into(), self.0.clone(), program.to_owned()];
        FunctionProcess::with_arguments("/bin/sh".into(), arguments.into(), settings)
    }
}

impl Drop for MemoryLimit {
    fn drop(&mut self) {
        // A process that was killed leaves its group a moment later.
        for _ in 0..100 {
            if fs::remove_dir(&self.0).is_ok() {
                return;
            }
            std::thread::sleep(std::time::Duration::from_millis(20));
        }
    }
}
