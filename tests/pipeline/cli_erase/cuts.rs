//! An erasure that is cut at any of its calls ends, when it goes on, as one that is not cut.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use async_trait::async_trait;
use rollcall::erase::{Archive, Planned};
use rollcall::versions::{ListedPage, Position, Refusal, Retention, Version, VersionName, Versions};
use shared::archive::layout;
use shared::ports::store::{
    Condition, KeyPage, NewObject, Object, ObjectFacts, ObjectHead, ObjectStore, PutResult, StoreError,
    VersionPage, VersionedStore,
};
use tools::emulators::{self, Latencies};

use super::archives::{Place, erased, eraser, marker, request};
use super::people::{AIKO, TENANT, fill_some};

/// An archive whose process is killed at a call: neither that nor any after it gets an answer.
#[derive(Clone)]
pub(super) struct Cut {
    inner: Archive,
    pub(super) calls: Arc<AtomicUsize>,
    /// The number of the call at which it is cut, from 0.
    at: usize,
    /// Whether that call is done, and only its answer is lost.
    is_done: bool,
    /// Whether reads count as well.
    counts_reads: bool,
}

impl Cut {
    pub(super) fn new(inner: Archive, at: usize, is_done: bool, counts_reads: bool) -> Self {
        Self { inner, calls: Arc::default(), at, is_done, counts_reads }
    }

    pub(super) fn archive(&self) -> Archive {
        Archive { store: Arc::new(self.clone()), versions: Arc::new(self.clone()) }
    }

    async fn read<T>(&self, call: impl Future<Output = Result<T, StoreError>>) -> Result<T, StoreError> {
        if self.counts_reads || self.calls.load(Ordering::Relaxed) > self.at {
            return self.call(call).await;
        }
        call.await
    }

    async fn call<T>(&self, call: impl Future<Output = Result<T, StoreError>>) -> Result<T, StoreError> {
        let number = self.calls.fetch_add(1, Ordering::Relaxed);
        if number < self.at {
            return call.await;
        }
        if number == self.at && self.is_done {
            let _ = call.await;
        }
        Err(StoreError::Unavailable { code: "the process was killed".to_owned() })
    }
}

#[async_trait]
impl ObjectStore for Cut {
    async fn head(&self, key: &str) -> Result<Option<ObjectHead>, StoreError> {
        self.read(self.inner.store.head(key)).await
    }

    async fn get(&self, key: &str) -> Result<Option<Object>, StoreError> {
        self.read(self.inner.store.get(key)).await
    }

    async fn list(&self, prefix: &str, after: Option<&str>) -> Result<KeyPage, StoreError> {
        self.read(self.inner.store.list(prefix, after)).await
    }

    async fn put(&self, key: &str, object: NewObject, condition: Condition) -> Result<PutResult, StoreError> {
        self.call(self.inner.store.put(key, object, condition)).await
    }
}

#[async_trait]
impl VersionedStore for Cut {
    async fn list_versions(&self, prefix: &str, after: Option<&str>) -> Result<VersionPage, StoreError> {
        self.read(self.inner.store.list_versions(prefix, after)).await
    }

    async fn facts(&self, key: &str) -> Result<Option<ObjectFacts>, StoreError> {
        self.read(self.inner.store.facts(key)).await
    }
}

#[async_trait]
impl Versions for Cut {
    async fn list(&self, prefix: &str, after: Option<&Position>) -> Result<ListedPage, StoreError> {
        self.read(self.inner.versions.list(prefix, after)).await
    }

    async fn get(&self, key: &str, version: Option<&str>) -> Result<Option<Version>, StoreError> {
        self.read(self.inner.versions.get(key, version)).await
    }

    async fn replace(
        &self,
        key: &str,
        object: NewObject,
        place: (&str, Option<Retention>),
    ) -> Result<PutResult, StoreError> {
        self.call(self.inner.versions.replace(key, object, place)).await
    }

    async fn delete(&self, versions: &[VersionName]) -> Result<Vec<Refusal>, StoreError> {
        self.call(self.inner.versions.delete(versions)).await
    }
}

/// Cuts an erasure at each of its calls, or at each that writes, from the plan's end on; each in a new archive from `place`.
async fn goes_on_after_each_cut(place: impl AsyncFn(String) -> Place, counts_reads: bool) {
    let whole = place("erase-whole".to_owned()).await;
    fill_some(&*whole.archive.store).await;
    erased(&whole, AIKO.id).await;
    let expected = objects(&whole).await;
    let (mut at, mut is_cut) = (0, true);
    while is_cut {
        is_cut = false;
        for is_done in [false, true] {
            let place = place(format!("erase-cut-{at}-{is_done}")).await;
            fill_some(&*place.archive.store).await;
            let planner = eraser(place.archive.clone(), None);
            let Planned::Plan(plan) = planner.plan(request(AIKO.id)).await.unwrap() else { panic!("a plan") };
            let cut = Cut::new(place.archive.clone(), at, is_done, counts_reads);
            if eraser(cut.archive(), None).carry_out(&plan, true).await.is_err() {
                is_cut = true;
                go_on(&place).await;
            }
            assert_eq!(place.with_person().await, [""; 0], "cut at {at}, {is_done}");
            assert_eq!(objects(&place).await, expected, "cut at {at}, {is_done}");
        }
        at += 1;
    }
    assert!(at > 10, "{at}");
}

/// Goes on with what was cut; before its tombstone nothing was done, and the person must be named again.
async fn go_on(place: &Place) {
    let resumed = eraser(place.archive.clone(), None).resume(&marker().erasure, true).await;
    if resumed.is_err() {
        let tombstone = layout::tombstone(TENANT, &marker().erasure);
        assert!(place.archive.store.head(&tombstone).await.unwrap().is_none(), "{resumed:?}");
        erased(place, AIKO.id).await;
    }
}

/// All objects but how the erasure ended, which has its time; and how many versions there are.
async fn objects(place: &Place) -> (Vec<(String, String)>, usize) {
    let current = place.current().await.into_iter();
    let objects = current.filter(|(key, _)| !key.contains(".end"));
    let objects = objects.map(|(key, (text, metadata))| (key, format!("{metadata:?}\n{text}"))).collect();
    (objects, place.all().await.len())
}

#[tokio::test]
async fn an_erasure_in_a_folder_goes_on_after_each_cut() {
    goes_on_after_each_cut(async |_| Place::folder(), true).await;
}

#[tokio::test]
async fn an_erasure_in_a_bucket_goes_on_after_each_cut() {
    let config = emulators::aws_sim(Latencies::default()).await;
    goes_on_after_each_cut(async |name: String| Place::bucket(&config, &name, false).await, false).await;
}
