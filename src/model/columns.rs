//! The columns that muster adds to the files it writes. When such a file is imported, these carry no field of a record.

use super::fields::header_key;

/// Rejects (R23): the physical lines of the row in the file that was imported.
pub const LINE: &str = "muster line";
/// Rejects (R23): the codes of its findings.
pub const CODE: &str = "muster code";
/// Rejects (R23): the fields that the findings are about.
pub const FIELD: &str = "muster field";
/// Rejects (R23): the messages.
pub const MESSAGE: &str = "muster message";
/// Rejects (R23): the record as it stands in the file, where it could not be split into the columns.
pub const RAW: &str = "muster raw";
/// Export (R13): [`MANUAL`] for an organization made by a person, else empty. The only one of these that an import reads.
pub const ORIGIN: &str = "muster origin";
/// The word in [`ORIGIN`].
pub const MANUAL: &str = "manual";

/// The columns of a rejects file behind the original ones, in their order.
pub const REJECTS: [&str; 5] = [LINE, CODE, FIELD, MESSAGE, RAW];

/// Whether a header names the origin column of an export (R13), without regard to case, spacing and punctuation.
pub fn is_origin_column(header: &str) -> bool {
    header_key(header) == header_key(ORIGIN)
}

/// Whether a header names a column of a rejects file, without regard to case, spacing and punctuation (R23).
pub fn is_rejects_column(header: &str) -> bool {
    let key = header_key(header);
    REJECTS.iter().any(|ours| header_key(ours) == key)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn r23_our_columns_are_recognised() {
        assert!(is_rejects_column("Muster Line") && is_rejects_column("muster_raw"));
        assert!(!is_rejects_column("Line") && !is_rejects_column(ORIGIN));
    }
}
