//! The log: what the program did and what went wrong, in a file of the state folder. Never on the terminal, and never
//! with a value from a record.

use std::any::Any;
use std::fs;
use std::io;
use std::path::Path;

use tracing_appender::non_blocking::WorkerGuard;

use super::private;

/// Beyond this size the log becomes `muster.log.old`, whose predecessor goes.
const MAX: u64 = 2 << 20;

/// What a panic says, without what may be somebody's data: a fixed text whole, any other up to its first quote or colon,
/// behind which such texts put values.
pub fn without_data(panic: &(dyn Any + Send)) -> String {
    let made = |text: &String| match text.split(['\'', '"', '`', ':']).next() {
        Some(start) if start.len() < text.len() => format!("{} ...", start.trim_end()),
        _ => text.clone(),
    };
    let fixed = panic.downcast_ref::<&'static str>().map(|text| (*text).to_owned());
    fixed.or_else(|| panic.downcast_ref::<String>().map(made)).unwrap_or_else(|| "it does not say what".to_owned())
}

/// Starts logging to a file. What was logged is on its way to the disk when the guard is dropped.
pub fn start(path: &Path) -> io::Result<WorkerGuard> {
    if fs::metadata(path).is_ok_and(|found| found.len() > MAX) {
        fs::rename(path, path.with_extension("log.old"))?;
    }
    let (writer, guard) = tracing_appender::non_blocking(private::append(path)?);
    let subscriber = tracing_subscriber::fmt().with_writer(writer).with_ansi(false).with_target(false).finish();
    tracing::subscriber::set_global_default(subscriber).map_err(io::Error::other)?;
    Ok(guard)
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case(
        "byte index 2 is not a char boundary; it is inside 'ë' of `Zoë Whittaker`",
        "byte index 2 is not a char boundary; it is inside ..."
    )]
    #[case("called `Result::unwrap()` on an `Err` value: \"zoe@x.example\"", "called ...")]
    #[case("index out of bounds: the len is 3 but the index is 7", "index out of bounds ...")]
    #[case("attempt to add with overflow", "attempt to add with overflow")]
    fn what_a_panic_says_has_no_values(#[case] text: &str, #[case] said: &str) {
        assert_eq!(without_data(&text.to_owned()), said);
    }

    #[test]
    fn a_fixed_text_is_said_whole() {
        assert_eq!(without_data(&"a 'fixed' text: whole"), "a 'fixed' text: whole");
        assert_eq!(without_data(&7), "it does not say what");
    }
}
