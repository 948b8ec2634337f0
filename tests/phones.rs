//! Phones against Google's own answers, and where the other Rust library parts from them (R19; design: Phones).
#![allow(clippy::expect_used, clippy::unwrap_used, reason = "a test fails by panicking")]

use std::collections::BTreeMap;

use muster::model::phone::Phone;
use muster::model::settings::Country;

/// A number as Google's library reads and writes it.
struct Example {
    region: &'static str,
    kind: &'static str,
    valid: bool,
    e164: &'static str,
    national: &'static str,
    international: &'static str,
}

fn examples() -> Vec<Example> {
    let lines = include_str!("fixtures/google-examples.tsv").lines().filter(|line| !line.starts_with('#'));
    lines
        .map(|line| match line.split('\t').collect::<Vec<_>>()[..] {
            [region, kind, validity, e164, national, international] => {
                Example { region, kind, valid: validity == "valid", e164, national, international }
            }
            _ => panic!("not an example: {line}"),
        })
        .collect()
}

impl Example {
    /// The notations of the number, each with its name and the region to read it by.
    fn notations(&self) -> [(&'static str, String, &'static str); 8] {
        // Numbers of no region, such as +800, are read in a file of the United States.
        let home = if self.region == "001" { "US" } else { self.region };
        let dotted = self.international.replace([' ', '-'], ".");
        let unicode = self.international.replace(' ', "\u{a0}").replace('-', "\u{2011}");
        [
            ("E.164", self.e164.to_owned(), home),
            ("E.164 abroad", self.e164.to_owned(), if home == "US" { "DE" } else { "US" }),
            ("national", self.national.to_owned(), home),
            ("international", self.international.to_owned(), "US"),
            ("RFC 3966", format!("tel:{}", self.international.replace([' ', '.', '/'], "-")), "US"),
            ("00", self.international.replacen('+', "00", 1), "US"),
            ("dots", dotted, home),
            ("no-break spaces and hyphens", unicode, home),
        ]
    }
}

fn e164(cell: &str, region: &str) -> Option<String> {
    Phone::parse(cell, None, Country::new(region)).e164().map(str::to_owned)
}

#[test]
fn r19_validity_and_e164_are_googles_for_every_region_type_and_notation() {
    let mut read = 0_usize;
    let mut wrong = Vec::new();
    for example in examples() {
        let expected = example.valid.then(|| example.e164.to_owned());
        for (notation, cell, region) in example.notations() {
            read += 1;
            let number = e164(&cell, region);
            if number != expected {
                wrong.push(format!(
                    "{} {} {notation}: '{cell}' is {number:?}, not {expected:?}",
                    example.region, example.kind
                ));
            }
        }
    }
    assert!(read > 10_000, "only {read} cells");
    assert!(wrong.len() * 1000 <= read, "{} of {read}:\n{}", wrong.len(), wrong.join("\n"));
}

/// What a library makes of a cell, measured by Google's answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Verdict {
    /// The same number, or the same refusal.
    Same,
    /// A number that Google calls valid is refused.
    Refused,
    /// A number that Google refuses is called valid.
    Accepted,
    /// Valid, but another number: a stranger is called.
    OtherNumber,
}

fn verdict(number: Option<&str>, google: Option<&str>) -> Verdict {
    match (number, google) {
        (number, google) if number == google => Verdict::Same,
        (None, _) => Verdict::Refused,
        (_, None) => Verdict::Accepted,
        _ => Verdict::OtherNumber,
    }
}

/// E.164 by the `phonenumber` crate, if it calls the number valid.
fn other_e164(cell: &str, region: &str) -> Option<String> {
    let number = phonenumber::parse(region.parse().ok(), cell).ok()?;
    number.is_valid().then(|| number.format().mode(phonenumber::Mode::E164).to_string())
}

/// Why `rlibphonenumber` reads the phones and `phonenumber` 0.3.10 does not. If this fails after an update of
/// `phonenumber`, it has become better: look at the choice again.
#[test]
fn r19_phonenumber_parts_from_google_where_muster_does_not() {
    let mut muster: BTreeMap<Verdict, usize> = BTreeMap::new();
    let mut other: BTreeMap<(Verdict, &str), usize> = BTreeMap::new();
    for example in examples() {
        let google = example.valid.then_some(example.e164);
        for (notation, cell, region) in example.notations().into_iter().take(4) {
            *muster.entry(verdict(e164(&cell, region).as_deref(), google)).or_default() += 1;
            *other.entry((verdict(other_e164(&cell, region).as_deref(), google), notation)).or_default() += 1;
        }
    }
    println!("muster: {muster:?}\nphonenumber: {other:#?}");
    assert_eq!(muster.keys().collect::<Vec<_>>(), [&Verdict::Same]);
    let count = |verdict| other.iter().filter(|((v, _), _)| *v == verdict).map(|(_, n)| n).sum::<usize>();
    assert!(count(Verdict::Refused) > 100, "phonenumber refuses few valid numbers: {other:?}");
    assert!(count(Verdict::OtherNumber) > 10, "phonenumber makes few wrong numbers: {other:?}");
}

#[test]
fn r19_phonenumber_drops_a_digit_that_muster_keeps() {
    assert_eq!(other_e164("+4915128388515", "US").as_deref(), Some("+495128388515"));
    assert_eq!(e164("+4915128388515", "US").as_deref(), Some("+4915128388515"));
}
