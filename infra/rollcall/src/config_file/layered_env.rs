//! The environment, and what stands below it.

use std::collections::BTreeMap;

use shared::env::Env;

/// The environment, and below it what the file gives.
pub struct LayeredEnv {
    pub(super) above: Box<dyn Env + Send + Sync>,
    pub(super) below: BTreeMap<String, String>,
}

impl Env for LayeredEnv {
    fn get(&self, name: &str) -> Option<String> {
        self.above.get(name).or_else(|| self.below.get(name).cloned())
    }
}
