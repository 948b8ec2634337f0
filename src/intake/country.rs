//! A country cell to a country: ISO 3166 codes of two or three letters, or the English name (R17).

use std::collections::HashMap;
use std::sync::LazyLock;

use crate::model::fields::header_key;
use crate::model::settings::Country;
use crate::model::text::fold;

mod names;

/// The country that a text names, without regard to case, accents and punctuation.
pub fn country(text: &str) -> Option<Country> {
    static INDEX: LazyLock<HashMap<String, Country>> = LazyLock::new(|| {
        let mut index = HashMap::new();
        for line in names::COUNTRIES.lines() {
            let mut spellings = line.split('|');
            let Some(country) = spellings.next().and_then(Country::new) else { continue };
            index.insert(key(country.code()), country);
            index.extend(spellings.map(|spelling| (key(spelling), country)));
        }
        index
    });
    INDEX.get(&key(text)).copied()
}

/// Letters and digits only, folded, without the article and with `and` for `&`: "The Bahamas" is "Bahamas".
fn key(text: &str) -> String {
    let text = fold(text.trim()).replace('&', " and ");
    header_key(text.strip_prefix("the ").unwrap_or(&text))
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;
    use std::collections::BTreeSet;

    #[rstest]
    #[case("us", "US")]
    #[case("USA", "US")]
    #[case("U.S.A.", "US")]
    #[case("United States of America", "US")]
    #[case(" hungary ", "HU")]
    #[case("HUN", "HU")]
    #[case("UK", "GB")]
    #[case("Great Britain", "GB")]
    #[case("Côte d'Ivoire", "CI")]
    #[case("Ivory Coast", "CI")]
    #[case("Trinidad & Tobago", "TT")]
    #[case("The Netherlands", "NL")]
    #[case("Republic of Korea", "KR")]
    #[case("South Korea", "KR")]
    #[case("Czech Republic", "CZ")]
    #[case("Türkiye", "TR")]
    #[case("Turkey", "TR")]
    #[case("St. Lucia", "LC")]
    #[case("Kosovo", "XK")]
    fn r17_countries_by_code_and_name(#[case] text: &str, #[case] code: &str) {
        assert_eq!(country(text).map(|c| c.code().to_owned()).as_deref(), Some(code));
    }

    #[rstest]
    #[case("")]
    #[case("XX")]
    #[case("Germoney")]
    #[case("Deutschland")]
    #[case("+44")]
    fn r17_another_text_is_no_country(#[case] text: &str) {
        assert_eq!(country(text), None);
    }

    #[test]
    fn r17_the_list_is_that_of_iso_3166_and_names_nothing_twice() {
        let mut seen: BTreeSet<String> = BTreeSet::new();
        let mut countries = 0;
        for line in names::COUNTRIES.lines() {
            let spellings: Vec<&str> = line.split('|').collect();
            assert!(spellings[0].len() == 2 && spellings[1].len() == 3 && spellings.len() > 2, "{line}");
            for spelling in &spellings {
                assert!(seen.insert(key(spelling)), "{spelling} in {line}");
            }
            countries += 1;
        }
        // 249 of ISO 3166-1, and Kosovo, which has numbers but no code of its own.
        assert_eq!(countries, 250);
    }
}
