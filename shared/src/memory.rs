//! How much memory the steps of one process hold at once: a budget in bytes, which small steps share, and one turn for what
//! is larger than a share of it.
//!
//! ```text
//! small steps ─▶ together, as long as the budget has room ┐
//! a large one ─▶ one at a time                            ┴─▶ in memory: the budget and the largest, never more
//! ```
//!
//! A step that does not know before how much it will hold reserves nothing: it holds up to a share without the turn
//! ([`MemoryBudget::share`]). So many of those at once hold as many shares: five in a batch of a function are the budget, the 25 of
//! a process on one machine five times as much.
//!
//! Nothing waits for ever: whoever has the turn waits for no room, and gives it back when its step ends or is dropped.
//! So one that has room may wait for the turn.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// What small steps hold together, in bytes. A function has 512 MB, of which the largest report takes up to 291 MiB
/// (two versions of it that are compared) and the process some 25: that leaves room.
pub const SHARED_BYTES: usize = 64 << 20;
/// The most that one of five steps may hold without the turn where nobody knows before how much it will be, in bytes.
pub const SHARE: usize = SHARED_BYTES / 5;

/// Bytes are reserved in units of so many.
const UNIT: usize = 64 << 10;

/// The memory that the steps of one process share. Make one for each process.
#[derive(Debug)]
pub struct MemoryBudget {
    room: Arc<Semaphore>,
    units: usize,
    turn: Arc<Semaphore>,
}

/// What one step may hold, until this is dropped.
#[derive(Debug)]
pub struct Reservation {
    turn: Arc<Semaphore>,
    held: Mutex<Held>,
}

/// What a step has: some of the room, the turn, or neither. The permit gives it back.
#[derive(Debug, Default)]
struct Held {
    is_turn: bool,
    /// Whether [`try_hold`] refused it more than a share, and it has not had the turn since.
    is_refused: bool,
    _permit: Option<OwnedSemaphorePermit>,
}

impl Held {
    fn turn(permit: Option<OwnedSemaphorePermit>) -> Self {
        Self { is_turn: true, is_refused: false, _permit: permit }
    }
}

tokio::task_local! {
    /// The reservation of the step that is polled now.
    static CURRENT: Reservation;
}

impl Default for MemoryBudget {
    fn default() -> Self {
        Self::new(SHARED_BYTES)
    }
}

impl MemoryBudget {
    /// A budget of so many bytes for small steps together.
    pub fn new(bytes: usize) -> Self {
        let units = bytes / UNIT;
        Self { room: Arc::new(Semaphore::new(units)), units, turn: Arc::new(Semaphore::new(1)) }
    }

    /// Waits until there is room for `bytes`, or, where they are more than the whole budget, for the turn.
    pub async fn reserve(&self, bytes: usize) -> Reservation {
        let units = bytes.div_ceil(UNIT);
        let is_turn = units > self.units;
        let (of, units) = if is_turn { (&self.turn, 1) } else { (&self.room, units as u32) };
        let permit = Arc::clone(of).acquire_many_owned(units).await.ok();
        let held = Held { is_turn, _permit: permit, ..Held::default() };
        Reservation { turn: Arc::clone(&self.turn), held: Mutex::new(held) }
    }

    /// What a step may hold of which nobody knows how much it will be: [`SHARE`], and with the turn more. Its share is not
    /// taken from the room, and does not wait for it: who calls this bounds how many such steps there are.
    pub fn share(&self) -> Reservation {
        Reservation { turn: Arc::clone(&self.turn), held: Mutex::default() }
    }
}

impl Reservation {
    /// Runs a step that may need the turn later: [`take_turn`], [`try_hold`].
    pub async fn scope<T>(self, step: impl Future<Output = T>) -> T {
        CURRENT.scope(self, step).await
    }

    fn held(&self) -> MutexGuard<'_, Held> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn try_take_turn(&self) -> bool {
        let mut held = self.held();
        if !held.is_turn {
            match Arc::clone(&self.turn).try_acquire_owned() {
                Ok(permit) => *held = Held::turn(Some(permit)),
                Err(_) => held.is_refused = true,
            }
        }
        held.is_turn
    }
}

/// Waits until this step is the one that may hold something large. Where steps have no budget it need not wait.
pub async fn take_turn() {
    let turn = CURRENT.try_with(|current| (!current.held().is_turn).then(|| Arc::clone(&current.turn)));
    if let Ok(Some(turn)) = turn {
        let permit = turn.acquire_owned().await.ok();
        CURRENT.try_with(|current| *current.held() = Held::turn(permit)).ok();
    }
}

/// Lets this step hold so many `bytes` from now on, if it may: more than [`SHARE`] with the turn only, which it takes where
/// nobody has it. `false`: it may not, [`is_refused`] tells so, and it must [`take_turn`] first. Where steps have no budget it may.
pub fn try_hold(bytes: usize) -> bool {
    bytes <= SHARE || CURRENT.try_with(Reservation::try_take_turn).unwrap_or(true)
}

/// Whether [`try_hold`] was `false`, and this step has not taken the turn since. Of a step whose call failed: an answer that
/// was read but not held is [`HttpError::NotItsTurn`](crate::ports::http::HttpError::NotItsTurn), which is told above HTTP as a
/// failure like others; by this the step knows that it need only take the turn and call again.
pub fn is_refused() -> bool {
    CURRENT.try_with(|current| current.held().is_refused).unwrap_or(false)
}

/// Gives the turn back before the step ends, which from now on holds no more than [`SHARE`].
pub fn give_turn_back() {
    let give_back = |current: &Reservation| {
        let mut held = current.held();
        if held.is_turn {
            *held = Held::default();
        }
    };
    // Where steps have no budget there is nothing to give.
    CURRENT.try_with(give_back).ok();
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;
    use std::pin::pin;

    use futures_util::future::join_all;
    use futures_util::{FutureExt, StreamExt, stream};
    use tokio::task::yield_now;

    use super::*;

    const MIB: usize = 1 << 20;

    /// The most bytes that steps of these sizes hold at once, each after it has reserved them.
    async fn most_at_once(budget: &MemoryBudget, sizes: &[usize]) -> usize {
        let (now, most) = (Cell::new(0), Cell::new(0));
        let step = async |size: usize| {
            let _reservation = budget.reserve(size).await;
            now.set(now.get() + size);
            most.set(most.get().max(now.get()));
            yield_now().await;
            now.set(now.get() - size);
        };
        join_all(sizes.iter().map(|size| step(*size))).await;
        assert_eq!(now.get(), 0);
        most.get()
    }

    #[tokio::test]
    async fn small_steps_go_together_and_large_ones_within_the_budget() {
        let budget = MemoryBudget::new(64 * MIB);
        assert_eq!(most_at_once(&budget, &[100; 5]).await, 500);
        assert_eq!(most_at_once(&budget, &[24 * MIB; 5]).await, 48 * MIB);
        assert_eq!(most_at_once(&budget, &[64 * MIB; 5]).await, 64 * MIB);
        let in_all_orders = [[10, 60, 30, 2, 64], [64, 30, 10, 60, 2], [2, 10, 30, 60, 64]];
        for sizes in in_all_orders {
            assert!(most_at_once(&budget, &sizes.map(|size| size * MIB)).await <= 64 * MIB, "{sizes:?}");
        }
    }

    #[tokio::test]
    async fn what_is_larger_than_the_budget_goes_one_at_a_time_beside_the_small_ones() {
        let budget = MemoryBudget::new(64 * MIB);
        assert_eq!(most_at_once(&budget, &[65 * MIB, usize::MAX / 16, 65 * MIB]).await, usize::MAX / 16);
        assert_eq!(most_at_once(&budget, &[65 * MIB, 70 * MIB, 64 * MIB]).await, (64 + 70) * MIB);
    }

    #[tokio::test]
    async fn a_step_that_is_dropped_gives_back_what_it_has_and_what_it_waits_for() {
        let budget = MemoryBudget::new(64 * MIB);
        let begun = |size| budget.reserve(size * MIB).map(|_held| std::future::pending::<()>()).flatten();
        {
            let (mut room, mut turn) = (pin!(begun(40)), pin!(begun(65)));
            let (mut waits_for_room, mut waits_for_turn) = (pin!(begun(40)), pin!(begun(65)));
            for step in [&mut room, &mut waits_for_room] {
                assert!(step.as_mut().now_or_never().is_none());
            }
            for step in [&mut turn, &mut waits_for_turn] {
                assert!(step.as_mut().now_or_never().is_none());
            }
        }
        assert_eq!(most_at_once(&budget, &[64 * MIB, 65 * MIB]).await, 129 * MIB);
    }

    #[tokio::test]
    async fn steps_that_have_all_the_room_may_wait_for_the_turn_and_give_their_room_to_others() {
        let budget = MemoryBudget::new(64 * MIB);
        let large = Cell::new(0);
        let step = async || {
            yield_now().await;
            take_turn().await;
            // The turn that it has already is not waited for.
            take_turn().await;
            large.set(large.get() + 1);
            assert_eq!(large.get(), 1);
            yield_now().await;
            large.set(large.get() - 1);
        };
        let steps = (0..9).map(async |_| budget.reserve(32 * MIB).await.scope(step()).await);
        join_all(steps).await;
    }

    #[tokio::test]
    async fn a_step_of_unknown_size_takes_the_turn_where_it_grows_large_and_may_give_it_back_early() {
        let budget = MemoryBudget::new(64 * MIB);
        let step = async || {
            assert!(try_hold(SHARE));
            let is_first = try_hold(SHARE + 1);
            assert_eq!(is_refused(), !is_first);
            if !is_first {
                take_turn().await;
            }
            assert!(!is_refused());
            assert!(try_hold(64 * MIB));
            yield_now().await;
            give_turn_back();
            yield_now().await;
            is_first
        };
        let steps = stream::iter(0..5).map(|_| budget.share().scope(step())).buffer_unordered(5);
        let first: Vec<bool> = steps.collect().await;
        assert_eq!(first.iter().filter(|is_first| **is_first).count(), 1);
        assert!(budget.share().scope(async { try_hold(SHARE + 1) }).await, "all have given it back");
    }

    #[tokio::test]
    async fn without_a_budget_nothing_waits() {
        assert!(try_hold(usize::MAX));
        take_turn().await;
        give_turn_back();
    }
}
