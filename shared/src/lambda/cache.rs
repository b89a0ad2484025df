//! A value that is read from elsewhere and cached for a while: keys that rotate, the members of a group.

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use tokio::sync::Mutex;

use crate::ports::clock::Clock;

/// How long a value is used before it is read again.
const KEEP: SignedDuration = SignedDuration::from_mins(5);
/// How soon a value is read again for an entry that it lacks: the entry may be new, or a stranger may have
/// made it up to make us read.
const REREAD: SignedDuration = SignedDuration::from_secs(10);

/// A value that is cached between invocations, for 5 minutes unless said otherwise. One caller reads it at a time;
/// the others wait.
pub struct RefreshingCache<T> {
    clock: Arc<dyn Clock>,
    keep: SignedDuration,
    reread: SignedDuration,
    read: Mutex<Option<Read<T>>>,
}

struct Read<T> {
    value: T,
    at: Timestamp,
}

/// The result of a look into a [`RefreshingCache`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Lookup<R> {
    /// The value has the entry.
    Found(R),
    /// The value lacks the entry, and was read after the entry was asked for.
    Absent,
    /// The value lacks the entry, and was read moments before the entry was asked for: it may have been added
    /// since, and the value is not read again so soon.
    Unknown,
}

impl<R> Lookup<R> {
    /// The entry that was found; `None` where it is absent or unknown.
    pub fn found(self) -> Option<R> {
        match self {
            Self::Found(found) => Some(found),
            Self::Absent | Self::Unknown => None,
        }
    }
}

impl<T> RefreshingCache<T> {
    /// An empty cache: the first look reads.
    pub fn new(clock: Arc<dyn Clock>) -> Self {
        Self { clock, keep: KEEP, reread: REREAD, read: Mutex::default() }
    }

    /// The same cache, whose value is used for `keep`, and read again for an entry that it lacks after `reread`
    /// at the soonest (10 seconds unless said otherwise).
    #[must_use]
    pub fn with_times(self, keep: SignedDuration, reread: SignedDuration) -> Self {
        Self { keep, reread, ..self }
    }

    /// Looks for an entry in the value, asked for now. If the value lacks it, the value is read again, unless
    /// that was done moments before.
    ///
    /// # Errors
    /// Those of `read`, unless the cached value has the entry: that is used while it cannot be read again.
    pub async fn find<R, E>(
        &self,
        read: impl AsyncFnOnce() -> Result<T, E>,
        look: impl Fn(&T) -> Option<R>,
    ) -> Result<Lookup<R>, E> {
        self.find_as_of(self.clock.now(), read, look).await
    }

    /// [`Self::find`] for an entry that was asked for at `asked_at`: a value read since then is new enough.
    ///
    /// # Errors
    /// Those of `read`, unless the cached value has the entry.
    pub async fn find_as_of<R, E>(
        &self,
        asked_at: Timestamp,
        read: impl AsyncFnOnce() -> Result<T, E>,
        look: impl Fn(&T) -> Option<R>,
    ) -> Result<Lookup<R>, E> {
        let mut cached = self.read.lock().await;
        let now = self.clock.now();
        let found = cached.as_ref().and_then(|cached| look(&cached.value));
        let good_for = if found.is_some() { self.keep } else { self.reread };
        if let Some(cached) = cached.as_ref().filter(|cached| now.duration_since(cached.at) < good_for) {
            let not_found = if cached.at >= asked_at { Lookup::Absent } else { Lookup::Unknown };
            return Ok(found.map_or(not_found, Lookup::Found));
        }
        match read().await {
            Ok(value) => {
                let found = look(&cached.insert(Read { value, at: now }).value);
                Ok(found.map_or(Lookup::Absent, Lookup::Found))
            }
            Err(error) => found.map(Lookup::Found).ok_or(error),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;
    use std::sync::atomic::{AtomicI64, Ordering};
    use std::time::Duration;

    use async_trait::async_trait;

    use super::*;

    #[derive(Default)]
    struct Seconds(AtomicI64);

    #[async_trait]
    impl Clock for Seconds {
        fn now(&self) -> Timestamp {
            Timestamp::from_second(self.0.load(Ordering::Relaxed)).unwrap()
        }

        async fn sleep(&self, _: Duration) {}
    }

    #[tokio::test]
    async fn it_is_read_when_it_is_old_and_when_something_is_missing() {
        let clock = Arc::new(Seconds::default());
        let cached = RefreshingCache::new(clock.clone());
        let reads = Cell::new(0);
        let find = async |wanted: u32| {
            let read = async || -> Result<u32, ()> { Ok(reads.replace(reads.get() + 1)) };
            cached.find(read, |value| (*value == wanted).then_some(())).await.unwrap() == Lookup::Found(())
        };
        for (second, wanted, found, read) in [
            (0, 0, true, 1),
            (1, 9, false, 1),
            (10, 9, false, 2),
            (19, 9, false, 2),
            (300, 1, true, 2),
            (310, 2, true, 3),
        ] {
            clock.0.store(second, Ordering::Relaxed);
            assert_eq!((find(wanted).await, reads.get()), (found, read), "at {second} s");
        }
    }

    #[tokio::test]
    async fn what_is_absent_was_read_after_it_was_asked_for() {
        let clock = Arc::new(Seconds::default());
        let cached = RefreshingCache::new(clock.clone());
        let find = async |asked_at: i64| {
            let asked_at = Timestamp::from_second(asked_at).unwrap();
            cached.find_as_of(asked_at, async || Ok::<u32, ()>(1), |_| None::<()>).await
        };
        assert_eq!(find(0).await, Ok(Lookup::Absent));
        clock.0.store(3, Ordering::Relaxed);
        assert_eq!(find(0).await, Ok(Lookup::Absent), "the same question as before");
        assert_eq!(find(3).await, Ok(Lookup::Unknown), "it was read before");
        clock.0.store(10, Ordering::Relaxed);
        assert_eq!(find(3).await, Ok(Lookup::Absent), "it is read again");
    }

    #[tokio::test]
    async fn what_is_known_stays_known_while_it_cannot_be_read() {
        let clock = Arc::new(Seconds::default());
        let cached = RefreshingCache::new(clock.clone());
        let find = async |answer: Result<u32, ()>, wanted: u32| {
            cached.find(async || answer, |value| (*value == wanted).then_some(())).await
        };
        assert_eq!(find(Err(()), 1).await, Err(()));
        assert_eq!(find(Ok(1), 1).await, Ok(Lookup::Found(())));
        clock.0.store(1_000, Ordering::Relaxed);
        assert_eq!(find(Err(()), 1).await, Ok(Lookup::Found(())));
        assert_eq!(find(Err(()), 2).await, Err(()));
    }
}
