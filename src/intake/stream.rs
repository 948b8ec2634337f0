//! One pass over the bytes of a source: read, hashed, counted, and turned into UTF-8.

use std::io;
use std::os::unix::fs::FileExt;
use std::sync::atomic::{AtomicU64, Ordering};

use encoding_rs::{DecoderResult, Encoding, UTF_8};
use sha2::{Digest, Sha256};

use super::error::IntakeError;
use super::source::Source;

/// Bytes asked from the file at a time.
const CHUNK: usize = 256 * 1024;

/// A byte that UTF-8 never has. It stands where the file's encoding could not be decoded, so that the cell fails the
/// same test as a cell of a damaged UTF-8 file.
const UNDECODABLE: u8 = 0xff;

/// Where the record splitter gets its bytes from.
pub(super) trait Input {
    /// Appends some bytes of UTF-8 text, or nothing at the end.
    fn more(&mut self, into: &mut Vec<u8>) -> Result<(), IntakeError>;
}

/// Text in memory, given out at once.
impl Input for &[u8] {
    fn more(&mut self, into: &mut Vec<u8>) -> Result<(), IntakeError> {
        into.extend_from_slice(std::mem::take(self));
        Ok(())
    }
}

/// The whole of a source, from its first byte, as UTF-8. Fails if the file is no longer as it was when it was opened.
pub(super) struct Stream<'s> {
    source: &'s Source,
    offset: u64,
    hash: Option<Sha256>,
    bytes_read: Option<&'s AtomicU64>,
    decode: Decode,
    ended: bool,
}

impl<'s> Stream<'s> {
    /// A pass that only reads.
    pub(super) fn new(source: &'s Source) -> Stream<'s> {
        let decode = Decode::new(source.encoding, source.bom_len);
        Stream { source, offset: 0, hash: None, bytes_read: None, decode, ended: false }
    }

    /// A pass that also hashes the raw bytes and says how far it is.
    pub(super) fn hashing(source: &'s Source, bytes_read: &'s AtomicU64) -> Stream<'s> {
        Stream { hash: Some(Sha256::new()), bytes_read: Some(bytes_read), ..Stream::new(source) }
    }

    /// How many raw bytes were read.
    pub(super) fn offset(&self) -> u64 {
        self.offset
    }

    /// The SHA-256 of the raw bytes read so far, in lower-case hexadecimal; empty for a pass that does not hash.
    pub(super) fn sha256(self) -> String {
        let digest = self.hash.map(|hash| hash.finalize().to_vec()).unwrap_or_default();
        digest.iter().map(|byte| format!("{byte:02x}")).collect()
    }

    /// Takes note of raw bytes and gives their text out.
    fn take(&mut self, raw: &[u8], into: &mut Vec<u8>) {
        if let Some(hash) = &mut self.hash {
            hash.update(raw);
        }
        self.offset += raw.len() as u64;
        if let Some(counter) = self.bytes_read {
            counter.store(self.offset, Ordering::Relaxed);
        }
        self.decode.feed(raw, raw.is_empty(), into);
    }
}

impl Input for Stream<'_> {
    fn more(&mut self, into: &mut Vec<u8>) -> Result<(), IntakeError> {
        let before = into.len();
        let mut raw = std::mem::take(&mut self.decode.raw);
        raw.resize(CHUNK, 0);
        // A chunk may end within a character and give no text yet; only the end of the file gives none for good.
        while into.len() == before && !self.ended {
            let read = read_at(&self.source.file, &mut raw, self.offset).map_err(|source| IntakeError::Read {
                name: self.source.name.clone(),
                offset: self.offset,
                source,
            })?;
            self.take(&raw[..read], into);
            self.ended = read == 0;
            if self.ended {
                self.source.ensure_unchanged(self.offset)?;
            }
        }
        self.decode.raw = raw;
        Ok(())
    }
}

/// Reads at a place of the file, again if a signal came between.
pub(super) fn read_at(file: &std::fs::File, into: &mut [u8], offset: u64) -> io::Result<usize> {
    loop {
        match file.read_at(into, offset) {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            result => return result,
        }
    }
}

/// Raw bytes to UTF-8. UTF-8 itself passes through unchecked: cells are checked one by one, so that a bad byte costs
/// one row and not the file.
pub(super) struct Decode {
    decoder: Option<encoding_rs::Decoder>,
    skip: usize,
    raw: Vec<u8>,
}

impl Decode {
    /// For a file in that encoding that begins with a byte order mark of `bom_len` bytes.
    pub(super) fn new(encoding: &'static Encoding, bom_len: usize) -> Decode {
        let decoder = (encoding != UTF_8).then(|| encoding.new_decoder_without_bom_handling());
        Decode { decoder, skip: bom_len, raw: Vec::new() }
    }

    /// Appends the text of the next raw bytes; `last` says that none come after these.
    pub(super) fn feed(&mut self, raw: &[u8], last: bool, into: &mut Vec<u8>) {
        let (skipped, mut raw) = raw.split_at(self.skip.min(raw.len()));
        self.skip -= skipped.len();
        let Some(decoder) = &mut self.decoder else {
            return into.extend_from_slice(raw);
        };
        loop {
            let at = into.len();
            // Enough for any input, so that the decoder never stops for want of room; 16 bytes are its minimum.
            let room = decoder.max_utf8_buffer_length_without_replacement(raw.len()).unwrap_or(raw.len() * 3).max(16);
            into.resize(at + room, 0);
            let (result, read, written) = decoder.decode_to_utf8_without_replacement(raw, &mut into[at..], last);
            into.truncate(at + written);
            raw = &raw[read..];
            match result {
                DecoderResult::Malformed(..) => into.push(UNDECODABLE),
                DecoderResult::InputEmpty => return,
                DecoderResult::OutputFull => {}
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use encoding_rs::{UTF_16LE, WINDOWS_1252};

    fn decoded(encoding: &'static Encoding, pieces: &[&[u8]]) -> Vec<u8> {
        let mut decode = Decode::new(encoding, 0);
        let mut out = Vec::new();
        for piece in pieces {
            decode.feed(piece, false, &mut out);
        }
        decode.feed(&[], true, &mut out);
        out
    }

    #[test]
    fn r20_text_split_within_a_character_is_whole() {
        assert_eq!(decoded(UTF_16LE, &[b"\xfc", b"\x00a", b"\x00"]), "üa".as_bytes());
        assert_eq!(decoded(WINDOWS_1252, &[b"J\xfcrgen"]), "Jürgen".as_bytes());
    }

    #[test]
    fn r20_what_cannot_be_decoded_is_marked_and_the_rest_is_kept() {
        // A lone surrogate between two letters, and half a character at the end.
        assert_eq!(decoded(UTF_16LE, &[b"a\x00\x00\xd8b\x00c"]), b"a\xffb\xff");
    }
}
