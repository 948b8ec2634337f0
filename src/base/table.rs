//! A table of records over the pages of an engine: one that reads with ascending keys, one that edits them.

use std::iter::Peekable;
use std::sync::Arc;

use super::engine::{Pages, Snapshot, Table, Writer};
use super::error::BaseError;
use super::page::{Packer, Page, Raw};

/// Pages that are read one after the other before a seek is made: most jumps of a sorted reader are short.
const STEPS: usize = 3;

/// Reads a table page by page. Any key can be asked for; ascending ones are cheap.
pub struct Walker {
    snapshot: Arc<dyn Snapshot>,
    table: Table,
    pages: Peekable<Pages>,
    low: Vec<u8>,
    page: Page,
    /// Whether `page` is a page of the table. Not so before the first seek.
    ready: bool,
}

impl Walker {
    /// A walker that has read nothing yet.
    pub fn new(snapshot: Arc<dyn Snapshot>, table: Table) -> Walker {
        let none: Pages = Box::new(std::iter::empty());
        Walker { snapshot, table, pages: none.peekable(), low: Vec::new(), page: Page::default(), ready: false }
    }

    /// The payload of a key.
    pub fn get(&mut self, key: &[u8]) -> Result<Option<&[u8]>, BaseError> {
        self.seek(key)?;
        Ok(self.page.get(key))
    }

    /// Goes to the page that may hold the key.
    pub fn seek(&mut self, key: &[u8]) -> Result<(), BaseError> {
        if self.ready && key >= self.low.as_slice() {
            for _ in 0..STEPS {
                if self.covers(key)? {
                    return Ok(());
                }
                self.advance()?;
            }
            if self.covers(key)? {
                return Ok(());
            }
        }
        self.pages = self.snapshot.clone().pages(self.table, key).peekable();
        self.ready = true;
        if !self.advance()? {
            // An empty table reads like one with an empty page.
            self.low.clear();
            self.page = Page::default();
        }
        Ok(())
    }

    /// The present page with its lowest key; after a seek.
    pub fn present(&self) -> (&[u8], &Page) {
        (&self.low, &self.page)
    }

    /// The lowest key of the next page; `None` if there is none.
    pub fn next_low(&mut self) -> Result<Option<Vec<u8>>, BaseError> {
        if matches!(self.pages.peek(), Some(Err(_))) {
            self.advance()?;
        }
        let next = self.pages.peek().and_then(|page| page.as_ref().ok());
        Ok(next.map(|(low, _)| low.clone()))
    }

    /// Shows the entries from `from` on whose keys begin with `prefix`, for as long as `see` says so.
    pub fn each(
        &mut self,
        prefix: &[u8],
        from: &[u8],
        mut see: impl FnMut(&[u8], &[u8]) -> Result<bool, BaseError>,
    ) -> Result<(), BaseError> {
        self.seek(from)?;
        loop {
            for (key, payload) in self.page.iter().skip_while(|(key, _)| *key < from) {
                if !key.starts_with(prefix) || !see(key, payload)? {
                    return Ok(());
                }
            }
            if !self.advance()? {
                return Ok(());
            }
        }
    }

    /// Goes to the next page; `false` if there is none.
    pub fn advance(&mut self) -> Result<bool, BaseError> {
        let Some(next) = self.pages.next() else { return Ok(false) };
        let (low, stored) = next?;
        self.page.unpack(&stored).map_err(|why| damaged(self.table, &low, why))?;
        self.low = low;
        Ok(true)
    }

    /// Whether the key, not below the present page, lies before the next one.
    pub fn covers(&mut self, key: &[u8]) -> Result<bool, BaseError> {
        match self.pages.peek() {
            None => Ok(true),
            Some(Ok((low, _))) => Ok(key < low.as_slice()),
            Some(Err(_)) => self.advance(),
        }
    }
}

/// Says where a page is damaged. Only the beginning of its key is named, by its bytes if it is no text.
pub fn damaged(table: Table, low: &[u8], why: &str) -> BaseError {
    BaseError::damaged(format!("{} from '{}': {why}", table.name(), low.escape_ascii()))
}

/// An entry, key and payload, that is valid until the next one is asked for.
pub type Lent<'a> = Result<Option<(&'a [u8], &'a [u8])>, BaseError>;

/// The entries of a table from a key on, one after the other.
pub struct Scan {
    walker: Walker,
    from: Vec<u8>,
    at: Option<usize>,
}

impl Scan {
    /// Entries whose key is not below `from`.
    pub fn new(snapshot: Arc<dyn Snapshot>, table: Table, from: &[u8]) -> Scan {
        Scan { walker: Walker::new(snapshot, table), from: from.to_vec(), at: None }
    }

    /// The next entry, valid until the next call.
    pub fn next(&mut self) -> Lent<'_> {
        let mut at = match self.at {
            Some(at) => at,
            None => {
                self.walker.seek(&self.from)?;
                let mut entries = self.walker.page.iter();
                let mut at = 0;
                while entries.next().is_some_and(|(key, _)| key < self.from.as_slice()) {
                    at = self.walker.page.size() - entries.rest();
                }
                at
            }
        };
        while at >= self.walker.page.size() {
            if !self.walker.advance()? {
                self.at = Some(at);
                return Ok(None);
            }
            at = 0;
        }
        let mut entries = self.walker.page.from(at);
        let entry =
            entries.next().ok_or_else(|| damaged(self.walker.table, &self.walker.low, "an entry is cut off"))?;
        self.at = Some(self.walker.page.size() - entries.rest());
        Ok(Some(entry))
    }
}

/// Where the pages of a table go.
pub trait PageSink {
    /// Takes the page of that key; `None` removes it.
    fn page(&self, table: Table, key: &[u8], page: Option<Raw<'_>>) -> Result<(), BaseError>;
}

impl PageSink for &dyn Writer {
    fn page(&self, table: Table, key: &[u8], page: Option<Raw<'_>>) -> Result<(), BaseError> {
        let packed = page.map(|page| page.pack()).transpose()?;
        self.put(table, key, packed.as_deref())
    }
}

/// Edits a table in one pass: keys come in ascending order, untouched pages are neither packed nor written.
pub struct Editor<S> {
    walker: Walker,
    sink: S,
    packer: Packer,
    /// Bytes of the present page that are behind us.
    at: usize,
    /// Whether the present page is being rewritten; what is behind us is then with the packer.
    changed: bool,
}

impl<S: PageSink> Editor<S> {
    /// An editor of the table as the snapshot has it, for the commit of that number.
    pub fn new(snapshot: Arc<dyn Snapshot>, sink: S, table: Table, commit: u64) -> Editor<S> {
        let walker = Walker::new(snapshot, table);
        Editor { walker, sink, packer: Packer::new(commit), at: 0, changed: false }
    }

    /// Goes to a key, which must be above the last one edited, and gives its present payload.
    pub fn find(&mut self, key: &[u8]) -> Result<Option<&[u8]>, BaseError> {
        if !self.walker.ready || !self.walker.covers(key)? {
            self.close_page()?;
            self.walker.seek(key)?;
        }
        let table = self.walker.table;
        let mut entries = self.walker.page.from(self.at);
        while let Some((found, payload)) = entries.clone().next() {
            if found >= key {
                return Ok((found == key).then_some(payload));
            }
            if self.changed {
                self.packer.push(found, payload, &mut |key, page| self.sink.page(table, key, page))?;
            }
            entries.next();
            self.at = self.walker.page.size() - entries.rest();
        }
        Ok(None)
    }

    /// Sets the payload of a key, or removes it. Keys must ascend.
    pub fn set(&mut self, key: &[u8], payload: Option<&[u8]>) -> Result<(), BaseError> {
        let exists = self.find(key)?.is_some();
        if payload.is_none() && !exists {
            return Ok(());
        }
        let table = self.walker.table;
        let mut put = |key: &[u8], page: Option<Raw<'_>>| self.sink.page(table, key, page);
        if !self.changed {
            self.changed = true;
            self.packer.begin(&self.walker.low);
            let mut entries = self.walker.page.iter();
            while self.walker.page.size() - entries.rest() < self.at {
                let Some((key, payload)) = entries.next() else { break };
                self.packer.push(key, payload, &mut put)?;
            }
        }
        if let Some(payload) = payload {
            self.packer.push(key, payload, &mut put)?;
        }
        if exists {
            let mut entries = self.walker.page.from(self.at);
            entries.next();
            self.at = self.walker.page.size() - entries.rest();
        }
        Ok(())
    }

    /// Writes the last page.
    pub fn finish(mut self) -> Result<(), BaseError> {
        self.close_page()
    }

    fn close_page(&mut self) -> Result<(), BaseError> {
        if self.changed {
            let table = self.walker.table;
            let mut put = |key: &[u8], page: Option<Raw<'_>>| self.sink.page(table, key, page);
            for (key, payload) in self.walker.page.from(self.at) {
                self.packer.push(key, payload, &mut put)?;
            }
            self.packer.finish(&mut put)?;
        }
        self.changed = false;
        self.at = 0;
        Ok(())
    }
}

/// Writes entries that come in ascending order as a row of pages of their own, the first with the key `low`.
pub struct Appender<'a> {
    writer: &'a dyn Writer,
    table: Table,
    packer: Packer,
    low: Vec<u8>,
    begun: bool,
    /// Stored bytes so far.
    pub bytes: u64,
}

impl<'a> Appender<'a> {
    /// An appender to a place of the table at which there is nothing yet.
    pub fn new(writer: &'a dyn Writer, table: Table, commit: u64, low: &[u8]) -> Appender<'a> {
        Appender { writer, table, packer: Packer::new(commit), low: low.to_vec(), begun: false, bytes: 0 }
    }

    /// Appends an entry.
    pub fn push(&mut self, key: &[u8], payload: &[u8]) -> Result<(), BaseError> {
        if !self.begun {
            self.packer.begin(&self.low);
            self.begun = true;
        }
        let (writer, table, bytes) = (self.writer, self.table, &mut self.bytes);
        self.packer.push(key, payload, &mut |key, page| put_counted(writer, table, bytes, key, page))
    }

    /// Writes the last page; gives the stored bytes of all.
    pub fn finish(mut self) -> Result<u64, BaseError> {
        if self.begun {
            let (writer, table, bytes) = (self.writer, self.table, &mut self.bytes);
            self.packer.finish(&mut |key, page| put_counted(writer, table, bytes, key, page))?;
        }
        Ok(self.bytes)
    }
}

fn put_counted(
    writer: &dyn Writer,
    table: Table,
    bytes: &mut u64,
    key: &[u8],
    page: Option<Raw<'_>>,
) -> Result<(), BaseError> {
    let packed = page.map(|page| page.pack()).transpose()?;
    *bytes += packed.as_ref().map_or(0, |page| page.len() as u64);
    writer.put(table, key, packed.as_deref())
}
