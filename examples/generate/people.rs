//! Where the invented people live: names, streets, and blocks of phone numbers.
//!
//! Blocks are reserved for fiction where the country has such a range (United States, United Kingdom, Germany, France,
//! Australia, Sweden); elsewhere they begin with 555. Britain's and France's fictional mobiles are not valid for Google's
//! library, so theirs are from the blocks of its example numbers.

use crate::random::Random;

/// A country with what its people's rows are made of.
pub struct Country {
    /// How many of a hundred rows are from here.
    pub share: u64,
    /// How a file names it: code or English name.
    pub names: &'static [&'static str],
    pub calling_code: &'static str,
    /// What is dialled before a national number within the country.
    pub trunk: &'static str,
    /// National numbers without trunk prefix; `#` is any digit, a space separates groups.
    pub lines: &'static [&'static str],
    pub mobiles: &'static [&'static str],
    pub first: &'static [&'static str],
    pub last: &'static [&'static str],
    pub streets: &'static [&'static str],
    /// City, state, postal code.
    pub cities: &'static [[&'static str; 3]],
    pub company_form: &'static str,
}

/// The country of a person or a company.
pub fn country(random: &mut Random) -> &'static Country {
    let mut place = random.below(100);
    for country in &COUNTRIES {
        if place < country.share {
            return country;
        }
        place -= country.share;
    }
    &COUNTRIES[0]
}

/// Shares add up to 100.
#[rustfmt::skip]
static COUNTRIES: [Country; 10] = [
    Country {
        share: 46,
        names: &["US", "USA", "United States"],
        calling_code: "1",
        trunk: "1",
        lines: &[
            "317 555 01##", "212 555 01##", "312 555 01##", "415 555 01##", "206 555 01##", "617 555 01##",
            "512 555 01##", "303 555 01##", "404 555 01##", "602 555 01##", "503 555 01##", "702 555 01##",
        ],
        mobiles: &["917 555 01##", "323 555 01##", "773 555 01##", "646 555 01##", "713 555 01##", "305 555 01##"],
        first: &[
            "Kathryn", "Josh", "Rebecca", "Michael", "Denise", "Carlos", "Aaliyah", "Brian", "Megan", "Tyrone", "Grace",
            "Walter", "Hannah", "Owen", "Lucía", "Peter", "Naomi", "Frank", "Sofia", "Dylan", "Ruth", "Victor", "Ivy",
            "Samuel",
        ],
        last: &[
            "Smith", "Johnson", "O'Brien", "Garcia", "Washington", "Miller", "Nguyen", "Kowalski", "Brooks", "Hernández",
            "Fitzgerald", "Park", "Anderson", "McKenna", "Rossi", "Cohen", "Baker", "Freeman", "Larsen", "Whitfield",
            "De la Cruz", "Young", "Patel", "Stone",
        ],
        streets: &["Main Street", "Oak Avenue", "Meridian Street", "Lakeview Drive", "Elm Court", "Industrial Parkway"],
        cities: &[
            ["Indianapolis", "IN", "46204"], ["New York", "NY", "10011"], ["Chicago", "IL", "60614"],
            ["San Francisco", "CA", "94107"], ["Austin", "TX", "78701"], ["St. Louis, Downtown", "MO", "63101"],
        ],
        company_form: "Inc.",
    },
    Country {
        share: 12,
        names: &["GB", "United Kingdom"],
        calling_code: "44",
        trunk: "0",
        lines: &["20 7946 0###", "113 496 0###", "161 496 0###", "141 496 0###", "191 498 0###", "29 2018 0###"],
        mobiles: &["7400 123 ###"],
        first: &["Oliver", "Amelia", "Harriet", "Callum", "Priya", "Niamh", "Geoffrey", "Zoë", "Alistair", "Imogen"],
        last: &["Hughes", "Whittaker", "Singh", "MacLeod", "Ashworth", "Penrose", "Okafor", "Thatcher-Lowe", "Evans"],
        streets: &["High Street", "Station Road", "Church Lane", "Victoria Terrace", "Mill Lane"],
        cities: &[["London", "", "SE1 7TY"], ["Leeds", "", "LS1 4DY"], ["Glasgow", "", "G1 1XQ"]],
        company_form: "Ltd",
    },
    Country {
        share: 12,
        names: &["DE", "DEU", "Germany"],
        calling_code: "49",
        trunk: "0",
        lines: &["30 23125 ###", "69 90009 ###", "40 66969 ###", "221 4710 ###", "89 99998 ###"],
        mobiles: &["171 39200 ##", "176 040690 ##"],
        first: &["Jürgen", "Käthe", "Günther", "Sabine", "Björn", "Anneliese", "Uwe", "Mareike", "Özlem", "Hans-Peter"],
        last: &["Müller", "Schäfer", "Weiß", "Groß", "Löwenstein", "Schröder", "Yılmaz", "von der Heide", "Krüger", "Voß"],
        streets: &["Hauptstraße", "Lindenallee", "Bahnhofstraße", "Am Mühlbach", "Königsweg"],
        cities: &[["Berlin", "", "10115"], ["München", "Bayern", "80331"], ["Köln", "NRW", "50667"]],
        company_form: "GmbH",
    },
    Country {
        share: 8,
        names: &["FR", "France"],
        calling_code: "33",
        trunk: "0",
        lines: &["1 99 00 ## ##", "2 61 91 ## ##", "3 53 01 ## ##", "4 65 71 ## ##", "5 36 49 ## ##"],
        mobiles: &["6 12 34 ## ##"],
        first: &["Amélie", "François", "Chloé", "Benoît", "Noémie", "Thierry", "Inès", "Gaël", "Océane"],
        last: &["Lefèvre", "Dubois", "Guérin", "D'Aubigné", "Château", "Moreau", "Benhaddou", "Le Goff"],
        streets: &["rue de la République", "avenue des Tilleuls", "boulevard Saint-Éloi", "place du Marché"],
        cities: &[["Paris", "", "75011"], ["Lyon", "", "69002"], ["Saint-Étienne", "", "42000"]],
        company_form: "SARL",
    },
    Country {
        share: 5,
        names: &["AU", "Australia"],
        calling_code: "61",
        trunk: "0",
        lines: &["2 5550 ####", "2 7010 ####", "3 5550 ####", "3 7010 ####", "7 5550 ####", "8 5550 ####"],
        mobiles: &["491 570 ###"],
        first: &["Lachlan", "Matilda", "Bruce", "Kirra", "Angus", "Tahlia", "Minh"],
        last: &["Cartwright", "Nguyen", "Walker", "O'Shea", "Papadopoulos", "Whelan"],
        streets: &["George Street", "Wattle Grove", "Harbour Road", "Banksia Close"],
        cities: &[["Sydney", "NSW", "2000"], ["Melbourne", "VIC", "3000"], ["Brisbane", "QLD", "4000"]],
        company_form: "Pty Ltd",
    },
    Country {
        share: 4,
        names: &["SE", "Sweden"],
        calling_code: "46",
        trunk: "0",
        lines: &["8 465 004 ##", "31 390 06 ##", "40 628 04 ##"],
        mobiles: &["70 174 06 ##"],
        first: &["Åsa", "Björn", "Ingrid", "Göran", "Linnéa", "Håkan"],
        last: &["Åkesson", "Lindström", "Björk", "Sjögren", "Östlund", "Nyström"],
        streets: &["Storgatan", "Björkvägen", "Ängsgränd"],
        cities: &[["Stockholm", "", "111 22"], ["Göteborg", "", "411 03"]],
        company_form: "AB",
    },
    Country {
        share: 5,
        names: &["HU", "HUN", "Hungary"],
        calling_code: "36",
        trunk: "06",
        lines: &["1 555 ####", "62 555 ###", "52 555 ###"],
        mobiles: &["30 555 ####", "20 555 ####", "70 555 ####"],
        first: &["Árpád", "Eszter", "Győző", "Ildikó", "Zsófia", "Ödön", "Bálint"],
        last: &["Nagy", "Szőke", "Kovács", "Füredi", "Őri", "Tóthné", "Lőrincz"],
        streets: &["Kossuth Lajos utca", "Petőfi tér", "Fő út", "Szőlő köz"],
        cities: &[["Budapest", "", "1051"], ["Győr", "", "9021"], ["Hódmezővásárhely", "", "6800"]],
        company_form: "Kft.",
    },
    Country {
        share: 4,
        names: &["RU", "Russia"],
        calling_code: "7",
        trunk: "8",
        lines: &["495 555 ## ##", "812 555 ## ##"],
        mobiles: &["912 555 ## ##", "921 555 ## ##"],
        first: &["Иван", "Ольга", "Сергей", "Наталья", "Пётр", "Юлия", "Дмитрий"],
        last: &["Кузнецов", "Соколова", "Щукин", "Ёлкина", "Морозов", "Быстрицкий"],
        streets: &["ул. Ленина", "Садовая улица", "проспект Мира"],
        cities: &[["Москва", "", "101000"], ["Санкт-Петербург", "", "190000"]],
        company_form: "ООО",
    },
    Country {
        share: 2,
        names: &["CN", "China"],
        calling_code: "86",
        trunk: "0",
        lines: &["10 5555 ####", "21 5555 ####"],
        mobiles: &["139 1555 ####", "186 0555 ####"],
        first: &["伟", "秀英", "静", "志强", "丽华"],
        last: &["王", "李", "欧阳", "陈", "赵"],
        streets: &["中山路", "人民大道", "长安街"],
        cities: &[["北京", "", "100000"], ["上海", "", "200000"]],
        company_form: "有限公司",
    },
    Country {
        share: 2,
        names: &["JP", "Japan"],
        calling_code: "81",
        trunk: "0",
        lines: &["3 5550 ####", "6 6555 ####"],
        mobiles: &["90 5555 ####", "80 5555 ####"],
        first: &["さくら", "太郎", "美咲", "健一", "ユキ"],
        last: &["佐藤", "鈴木", "高橋", "田中", "渡辺"],
        streets: &["桜通り", "本町", "中央通り"],
        cities: &[["東京", "", "100-0001"], ["大阪", "", "530-0001"]],
        company_form: "株式会社",
    },
];
