//! One version of an artifact: its bytes, with what they tell by its kind. The store compares them with their SHA-256 at the put.
//!
//! What differs between the kinds of artifacts is [`Artifact`]; how they are stored is the same for all.

mod call_record;
mod event;
mod legacy_report;
mod lines;
mod registrations;
mod report;

use bytes::Bytes;
use jiff::Timestamp;
use shared::archive::erasure::{Shape, Tombstones};
use shared::archive::layout::{ArtifactPlace, metadata_path, metadata_value};
use shared::digest::sha256_hex;
use shared::jobs::ArchiveJob;
use shared::model::{ArtifactRef, parse_time};
use shared::ports::store::{Checksum, Metadata, NewObject, Object, ObjectBody};

use crate::ArchiveError;
use crate::erased::{ERASURE, Left, left};

/// What a kind of artifact decides.
pub(crate) trait Artifact {
    /// Reads a version once: checks that it is this artifact as `job` describes it, and gives what follows from it.
    fn read(&self, job: &ArchiveJob, body: Body<'_>) -> Result<Contents, ArchiveError>;

    /// How rich a version is: the greater is the richer. A text that cannot be read is the poorest.
    fn richness(&self, text: &str) -> Vec<i128>;

    /// The lines of a version that is in the archive already, as [`Contents::lines`] has those of a new one.
    fn lines(&self, job: &ArchiveJob, body: Body<'_>) -> serde_json::Result<ObjectBody>;
}

/// What the bytes of a version tell.
pub(crate) struct Contents {
    /// Where it belongs.
    place: ArtifactPlace,
    /// What its metadata has more than that of every artifact.
    properties: Properties,
    /// The lines that are made of it for SQL, where its place has some: parts of its bytes, which are not copied.
    lines: ObjectBody,
}

/// A version's bytes, and the same as text.
#[derive(Clone, Copy)]
pub(crate) struct Body<'a> {
    text: &'a str,
    bytes: &'a Bytes,
}

impl<'a> Body<'a> {
    /// The text of `bytes`; `None` where they are not UTF-8.
    fn of(bytes: &'a Bytes) -> Option<Self> {
        std::str::from_utf8(bytes).ok().map(|text| Self { text, bytes })
    }
}

/// Names and values of an artifact's metadata, not yet encoded; a value of `None` is left out.
pub(crate) type Properties = Vec<(&'static str, Option<String>)>;

/// The kind of an artifact.
fn kind(artifact: &ArtifactRef) -> &dyn Artifact {
    match artifact {
        ArtifactRef::Report(report) => report,
        ArtifactRef::CallRecord(call) => call,
        ArtifactRef::Event(event) => event,
        ArtifactRef::Registrations(registrations) => registrations,
        ArtifactRef::LegacyReport(source) => source,
    }
}

/// The name of the metadata that says what the artifact is of.
const SOURCE: &str = "source";

/// A version of an artifact that is to be stored.
pub(crate) struct ArtifactVersion<'a> {
    job: &'a ArchiveJob,
    tombstones: &'a Tombstones,
    pub(crate) place: ArtifactPlace,
    pub(crate) body: Bytes,
    /// Of the bytes, in hex: that of the job, unless somebody was left out.
    sha256: String,
    metadata: Metadata,
    lines: Option<ObjectBody>,
}

/// Which of two versions is current: the richer, then the later.
pub(crate) type Rank = (Vec<i128>, Option<Timestamp>);

impl<'a> ArtifactVersion<'a> {
    /// Checks that the text is what the job says: whole, of this artifact; and leaves out who was erased. The store compares
    /// its bytes with the SHA-256 that was counted when Graph's answer came; where it does not, [`Self::compare`] must.
    /// `None`: all of it is about somebody who was erased.
    pub(crate) fn read(
        job: &'a ArchiveJob,
        tombstones: &'a Tombstones,
        body: Bytes,
    ) -> Result<Option<Self>, ArchiveError> {
        if body.len() != job.size_bytes {
            return Err(ArchiveError::Mismatch(OTHER_BYTES));
        }
        let as_text = Body::of(&body).ok_or(ArchiveError::Mismatch("it is not UTF-8"))?;
        match left(job, tombstones, as_text.text).map_err(|_| ArchiveError::Mismatch("it is not JSON"))? {
            None => Self::of(job, tombstones, (body, job.sha256.clone(), None)).map(Some),
            Some(Left { body: left, sha256, erasure }) => {
                // No store will see these bytes.
                compare(&body, &job.sha256)?;
                if Shape::of(&job.artifact).is_of_one_person() {
                    return Ok(None);
                }
                drop(body);
                Self::of(job, tombstones, (left, sha256, Some(erasure))).map(Some)
            }
        }
    }

    fn of(
        job: &'a ArchiveJob,
        tombstones: &'a Tombstones,
        (body, sha256, erasure): (Bytes, String, Option<String>),
    ) -> Result<Self, ArchiveError> {
        let as_text = Body::of(&body).ok_or(ArchiveError::Mismatch("it is not UTF-8"))?;
        let Contents { place, mut properties, lines } = kind(&job.artifact).read(job, as_text)?;
        properties.extend([("sha256", Some(sha256.clone())), (ERASURE, erasure)]);
        let metadata = metadata(job, properties);
        Ok(Self { job, tombstones, place, metadata, body, sha256, lines: Some(lines) })
    }

    /// Compares the bytes with their SHA-256: for what follows from them before a store has compared them.
    pub(crate) fn compare(&self) -> Result<(), ArchiveError> {
        compare(&self.body, &self.sha256)
    }

    /// The SHA-256 of its bytes in hex: that of Graph's answer when it came, unless somebody was left out.
    pub(crate) fn sha256(&self) -> &str {
        &self.sha256
    }

    /// Another version of the same artifact as the archive has it, without those who were erased since.
    pub(crate) fn without_erased(&self, mut other: Object) -> Object {
        let text = std::str::from_utf8(&other.body).unwrap_or_default();
        // What is no JSON was not written here, and nobody can be found in it.
        if let Ok(Some(Left { body, sha256, erasure })) = left(self.job, self.tombstones, text) {
            other.body = body;
            let changed = [("sha256", sha256), (ERASURE, erasure)];
            other.head.metadata.extend(changed.map(|(name, value)| (name.to_owned(), value)));
        }
        other
    }

    /// The object that holds it, current or revision.
    pub(crate) fn object(&self) -> NewObject {
        json_object(self.body.clone(), self.sha256.clone(), self.metadata.clone())
    }

    /// The object that takes the place of one with the metadata `before`. What was known of the artifact's source
    /// is not forgotten, nor that somebody was erased from it: no manifest may have seen that yet.
    pub(crate) fn object_after(&self, before: &Metadata) -> NewObject {
        let mut object = self.object();
        if let Some(erasure) = before.get(ERASURE) {
            object.metadata.entry(ERASURE.to_owned()).or_insert_with(|| erasure.clone());
        }
        if !object.metadata.contains_key(SOURCE) {
            let known = before.iter().filter(|(name, _)| [SOURCE, "outcome"].contains(&name.as_str()));
            object.metadata.extend(known.map(|(name, value)| (name.clone(), value.clone())));
        }
        object
    }

    /// Whether this version's metadata names its source, and `other` does not.
    pub(crate) fn tells_more_than(&self, other: &Metadata) -> bool {
        self.metadata.contains_key(SOURCE) && !other.contains_key(SOURCE)
    }

    /// Whether another version, with its metadata, is at least as good as this one.
    pub(crate) fn is_outranked_by(&self, body: &[u8], metadata: &Metadata) -> bool {
        self.rank_of(body, metadata) >= self.rank_of(&self.body, &self.metadata)
    }

    fn rank_of(&self, body: &[u8], metadata: &Metadata) -> Rank {
        let fetched_at = metadata.get("fetched-at").and_then(|time| parse_time(time));
        let text = std::str::from_utf8(body).unwrap_or_default();
        (kind(&self.job.artifact).richness(text), fetched_at)
    }

    /// Its own lines, which were made when it was read; a second time they are made again.
    pub(crate) fn own_lines(&mut self) -> serde_json::Result<ObjectBody> {
        self.lines.take().map_or_else(|| self.lines_of(&self.body), Ok)
    }

    /// The lines of another version of the same artifact.
    pub(crate) fn lines_of(&self, other: &Bytes) -> serde_json::Result<ObjectBody> {
        let body = Body::of(other).ok_or_else(|| serde::de::Error::custom("it is not UTF-8"))?;
        kind(&self.job.artifact).lines(self.job, body)
    }
}

fn compare(bytes: &[u8], sha256: &str) -> Result<(), ArchiveError> {
    if sha256_hex(bytes) == sha256 { Ok(()) } else { Err(ArchiveError::Mismatch(OTHER_BYTES)) }
}

/// Why a version is not stored whose bytes have another length or SHA-256 than the job says.
const OTHER_BYTES: &str = "its bytes are not those that were fetched";

/// A JSON object of the archive, whose bytes have this SHA-256.
pub(crate) fn json_object(body: Bytes, sha256: String, metadata: Metadata) -> NewObject {
    let checksum = Checksum::Sha256(sha256);
    NewObject { body: body.into(), checksum, content_type: "application/json", metadata }
}

/// The metadata: what every artifact has, and the properties of its kind.
fn metadata(job: &ArchiveJob, properties: Properties) -> Metadata {
    let common = [
        ("fetched-at", Some(job.fetched_at.to_string())),
        ("graph-request-id", job.graph_request_id.clone()),
        ("api", Some(job.api.clone())),
        ("pages", Some(job.pages.to_string())),
        ("cause", Some(job.cause.name().to_owned())),
    ];
    let known = common.into_iter().chain(properties).filter_map(|(name, value)| Some((name, value?)));
    known.map(|(name, value)| (name.to_owned(), metadata_value(&value))).chain(source(job)).collect()
}

/// The path of what the artifact is of; `None` where that is not known. Its segments are encoded already.
fn source(job: &ArchiveJob) -> Option<(String, String)> {
    let path = match &job.artifact {
        ArtifactRef::Report(report) => report.source.path(),
        ArtifactRef::CallRecord(_) => job.resolution.as_ref()?.source.clone()?,
        ArtifactRef::Event(event) => event.path(),
        ArtifactRef::Registrations(registrations) => registrations.path(),
        ArtifactRef::LegacyReport(source) => source.path(),
    };
    Some((SOURCE.to_owned(), metadata_path(path)))
}

/// A job with `body` inside, of which nothing else matters.
#[cfg(test)]
fn test_job(artifact: ArtifactRef, body: &str) -> ArchiveJob {
    ArchiveJob {
        hops: 0,
        tenant_id: "t".into(),
        artifact,
        cause: shared::jobs::Cause::Pull,
        first_seen: Timestamp::UNIX_EPOCH,
        session: None,
        fetched_at: Timestamp::UNIX_EPOCH,
        graph_request_id: None,
        api: "v1.0".into(),
        pages: 1,
        records: 0,
        resolution: None,
        size_bytes: body.len(),
        sha256: sha256_hex(body.as_bytes()),
        body: None,
    }
}
