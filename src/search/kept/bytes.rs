//! Numbers and texts as bytes, for the file of [`super::Kept`]: all little-endian, rows after their lengths.

/// Bytes being written.
#[derive(Default)]
pub struct Out(pub Vec<u8>);

impl Out {
    /// A number.
    pub fn number(&mut self, number: u64) {
        self.0.extend_from_slice(&number.to_le_bytes());
    }

    /// A row of bytes.
    pub fn bytes(&mut self, bytes: &[u8]) {
        self.number(bytes.len() as u64);
        self.0.extend_from_slice(bytes);
    }

    /// A row of numbers.
    pub fn u16s(&mut self, numbers: impl ExactSizeIterator<Item = u16>) {
        self.number(numbers.len() as u64);
        numbers.for_each(|number| self.0.extend_from_slice(&number.to_le_bytes()));
    }

    /// A row of numbers.
    pub fn u32s(&mut self, numbers: impl ExactSizeIterator<Item = u32>) {
        self.number(numbers.len() as u64);
        numbers.for_each(|number| self.0.extend_from_slice(&number.to_le_bytes()));
    }

    /// A row of numbers.
    pub fn u64s(&mut self, numbers: &[u64]) {
        self.number(numbers.len() as u64);
        numbers.iter().for_each(|number| self.0.extend_from_slice(&number.to_le_bytes()));
    }
}

/// Bytes being read. Everything is `None` where they are not what was written.
pub struct In<'a>(pub &'a [u8]);

impl<'a> In<'a> {
    /// A number.
    pub fn number(&mut self) -> Option<u64> {
        let (number, rest) = self.0.split_first_chunk()?;
        self.0 = rest;
        Some(u64::from_le_bytes(*number))
    }

    /// A row of bytes.
    pub fn bytes(&mut self) -> Option<&'a [u8]> {
        self.row(1)
    }

    /// A row of numbers.
    pub fn u16s(&mut self) -> Option<Box<[u16]>> {
        Some(self.row(2)?.as_chunks().0.iter().map(|number| u16::from_le_bytes(*number)).collect())
    }

    /// A row of numbers.
    pub fn u32s(&mut self) -> Option<Box<[u32]>> {
        Some(self.row(4)?.as_chunks().0.iter().map(|number| u32::from_le_bytes(*number)).collect())
    }

    /// A row of numbers.
    pub fn u64s(&mut self) -> Option<Box<[u64]>> {
        Some(self.row(8)?.as_chunks().0.iter().map(|number| u64::from_le_bytes(*number)).collect())
    }

    fn row(&mut self, size: usize) -> Option<&'a [u8]> {
        let len = usize::try_from(self.number()?).ok()?.checked_mul(size)?;
        let (row, rest) = self.0.split_at_checked(len)?;
        self.0 = rest;
        Some(row)
    }
}
