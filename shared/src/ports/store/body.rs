//! The bytes of an object that is to be written, in pieces.

use aws_lc_rs::digest::{Context, SHA256};
use bytes::{Bytes, BytesMut};
use crc_fast::{CrcAlgorithm, Digest};
use data_encoding::HEXLOWER;

/// The bytes of an object that is to be written. They may be parts of other bytes, of which no copy is made.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ObjectBody(Vec<Bytes>);

/// The most bytes of one of [`ObjectBody::chunks`]. What is sent is buffered a chunk at a time.
const CHUNK: usize = 64 << 10;

impl ObjectBody {
    /// How many bytes there are.
    pub fn len(&self) -> usize {
        self.0.iter().map(Bytes::len).sum()
    }

    /// Whether there is no byte.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The SHA-256 of all bytes, in lower-case hex.
    pub fn sha256_hex(&self) -> String {
        let mut context = Context::new(&SHA256);
        self.0.iter().for_each(|piece| context.update(piece));
        HEXLOWER.encode(context.finish().as_ref())
    }

    /// The CRC64NVME of all bytes, a checksum of S3.
    pub fn crc64_nvme(&self) -> u64 {
        let mut digest = Digest::new(CrcAlgorithm::Crc64Nvme);
        self.0.iter().for_each(|piece| digest.update(piece));
        digest.finalize()
    }

    /// All bytes as one piece, which is a copy where there are several.
    pub fn into_bytes(mut self) -> Bytes {
        match self.0.len() {
            0 => Bytes::new(),
            1 => self.0.remove(0),
            _ => self.0.concat().into(),
        }
    }

    /// The bytes in chunks of at most 64 KiB. Only small pieces are copied, to make one chunk of several.
    pub fn chunks(self) -> Chunks {
        let left = self.len();
        Chunks { pieces: self.0.into_iter(), piece: Bytes::new(), left }
    }
}

/// The chunks of an [`ObjectBody`].
#[derive(Debug)]
pub struct Chunks {
    pieces: std::vec::IntoIter<Bytes>,
    piece: Bytes,
    left: usize,
}

impl Chunks {
    /// How many bytes are still to come.
    pub fn left(&self) -> usize {
        self.left
    }

    /// The next bytes that lie together, at most so many; empty at the end.
    fn take(&mut self, most: usize) -> Bytes {
        while self.piece.is_empty() {
            let Some(piece) = self.pieces.next() else { return Bytes::new() };
            self.piece = piece;
        }
        let taken = self.piece.split_to(most.min(self.piece.len()));
        self.left -= taken.len();
        taken
    }
}

impl Iterator for Chunks {
    type Item = Bytes;

    fn next(&mut self) -> Option<Bytes> {
        let first = self.take(CHUNK);
        if first.is_empty() || first.len() == CHUNK || self.left == 0 {
            return Some(first).filter(|first| !first.is_empty());
        }
        let mut chunk = BytesMut::with_capacity(CHUNK);
        chunk.extend_from_slice(&first);
        while chunk.len() < CHUNK && self.left > 0 {
            let more = self.take(CHUNK - chunk.len());
            chunk.extend_from_slice(&more);
        }
        Some(chunk.freeze())
    }
}

impl FromIterator<Bytes> for ObjectBody {
    fn from_iter<I: IntoIterator<Item = Bytes>>(pieces: I) -> Self {
        Self(pieces.into_iter().collect())
    }
}

impl From<Bytes> for ObjectBody {
    fn from(bytes: Bytes) -> Self {
        Self(vec![bytes])
    }
}

impl From<Vec<u8>> for ObjectBody {
    fn from(bytes: Vec<u8>) -> Self {
        Bytes::from(bytes).into()
    }
}

impl From<String> for ObjectBody {
    fn from(text: String) -> Self {
        Bytes::from(text).into()
    }
}

impl From<&'static str> for ObjectBody {
    fn from(text: &'static str) -> Self {
        Bytes::from(text).into()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::digest::sha256_hex;

    #[test]
    fn a_crc64_is_that_of_the_catalogue_however_the_bytes_are_cut() {
        // <https://reveng.sourceforge.io/crc-catalogue/all.htm#crc.cat.crc-64-nvme>: its check value.
        assert_eq!(ObjectBody::from("123456789").crc64_nvme(), 0xae8b_1486_0a79_9888);
        let cut: ObjectBody = ["1234", "", "56789"].map(Bytes::from).into_iter().collect();
        assert_eq!(cut.crc64_nvme(), 0xae8b_1486_0a79_9888);
    }

    proptest! {
        #[test]
        fn however_it_is_cut_a_body_is_its_bytes(
            sizes in proptest::collection::vec(prop_oneof![0..9_usize, 0..200_000_usize], 0..12)
        ) {
            let pieces = sizes.iter().enumerate().map(|(index, size)| Bytes::from(vec![index as u8; *size]));
            let body: ObjectBody = pieces.collect();
            let whole = body.clone().into_bytes();
            prop_assert_eq!((whole.len(), sha256_hex(&whole)), (body.len(), body.sha256_hex()));
            let chunks: Vec<Bytes> = body.clone().chunks().collect();
            prop_assert!(chunks.iter().all(|chunk| (1..=CHUNK).contains(&chunk.len())));
            prop_assert!(chunks.len() <= whole.len() / CHUNK * 2 + 2 * sizes.len() + 1);
            prop_assert_eq!(chunks.concat(), whole);
        }
    }
}
