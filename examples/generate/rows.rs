//! Which row is what, and its cells. A row depends on the plan and its number only.

use std::fmt::Write as _;
use std::io::{self, Write};

use muster::model::fields::{Entity, FIELDS, Field, Kind, by_name};
use muster::model::text::fold;

use crate::people::{Country, country};
use crate::random::{Random, scramble};

/// What file to write.
pub struct Plan {
    pub rows: u64,
    pub seed: u64,
    /// Number of columns, 10 to 41.
    pub columns: usize,
    pub rows_per_account: u64,
    /// Share of rows in a conflict, 0 to 1: half of them of accounts, half of contacts.
    pub conflicts: f64,
    /// Share of rows that are broken, 0 to 1.
    pub broken: f64,
    /// 0, or which change of every row.
    pub change: u64,
}

/// The columns that may be left out, those that matter least first.
#[rustfmt::skip]
const LEAST: [&str; 31] = [
    "account.twitter", "account.external_url", "account.ticker", "contact.other_email", "contact.address2",
    "contact.twitter", "account.address2", "account.tags", "contact.middle_name", "contact.salutation", "account.fax",
    "contact.other_phone", "contact.external_url", "account.website", "account.revenue", "account.company_type",
    "account.state", "account.postal_code", "account.country", "account.address1", "contact.survey_opt_out",
    "contact.personal_email", "contact.home_phone", "account.employees", "account.industry", "account.city",
    "contact.state", "contact.postal_code", "contact.address1", "contact.city", "contact.country",
];

/// Purposes of random numbers.
const PERSON: u64 = 1;
const COMPANY: u64 = 2;
const TROUBLE: u64 = 3;
const CHANGE: u64 = 100;

#[rustfmt::skip]
const TITLES: [&str; 31] = [
    "Buyer", "Head of Purchasing", "Accountant", "Sales Manager", "Office Manager", "CTO", "Support Engineer",
    "Regional Director", "Assistant", "Team Lead, Logistics", "Facility Manager", "Legal Counsel", "Data Analyst",
    "Field Technician", "Marketing Specialist", "CFO", "Warehouse Supervisor", "HR Partner", "Product Owner",
    "Receptionist", "Quality Inspector", "Consultant", "Procurement \"Category\" Lead", "Trainer", "Project Manager",
    "Night Shift Lead", "Controller", "Architect", "Nurse", "Editor", "Plant Manager",
];
const INDUSTRIES: [&str; 8] =
    ["Retail", "Manufacturing", "Healthcare", "Logistics", "Education", "Software", "Energy", "Food & Beverage"];
#[rustfmt::skip]
const FIRST_WORDS: [&str; 24] = [
    "Amber", "Bright", "Cedar", "Copper", "Crescent", "Delta", "Evergreen", "Falcon", "Golden", "Granite", "Harbor",
    "Indigo", "Juniper", "Lantern", "Maple", "Nimbus", "Orchard", "Pioneer", "Quarry", "River", "Silver", "Tundra",
    "Violet", "Willow",
];
#[rustfmt::skip]
const SECOND_WORDS: [&str; 20] = [
    "Kettle", "Paper", "Office", "Bakery", "Systems", "Tools", "Freight", "Optics", "Farms", "Textiles", "Energy",
    "Clinic", "Books", "Marine", "Robotics", "Glass", "Foods", "Insurance", "Print", "Works",
];

/// The cells of one row, by place in the table of fields.
type Cells = Vec<String>;

impl Plan {
    /// Writes the header and every row.
    pub fn write(&self, out: impl Write) -> io::Result<()> {
        let mut out = csv::WriterBuilder::new().flexible(true).from_writer(out);
        let columns = self.fields();
        out.write_record(columns.iter().map(|field| field.header))?;
        let mut cells: Cells = vec![String::new(); FIELDS.len()];
        for row in 0..self.rows {
            cells.iter_mut().for_each(String::clear);
            self.fill(row, &mut cells);
            let mut record: Vec<&[u8]> = columns.iter().map(|field| cells[place(field)].as_bytes()).collect();
            self.break_row(row, &columns, &mut record);
            out.write_record(&record)?;
        }
        out.flush()
    }

    /// The columns of the file.
    fn fields(&self) -> Vec<&'static Field> {
        let belongs_to_phone = |kind| matches!(kind, Kind::Extension(_) | Kind::PhoneCountry(_) | Kind::PhoneSms(_));
        let all: Vec<&Field> = FIELDS.iter().filter(|field| !belongs_to_phone(field.kind)).collect();
        let without = &LEAST[..all.len().saturating_sub(self.columns)];
        all.into_iter().filter(|field| !without.contains(&field.name)).collect()
    }

    fn fill(&self, row: u64, cells: &mut Cells) {
        let mut trouble = Random::new(self.seed, TROUBLE, row);
        // Every second row may be a second row of the contact before it, never a third.
        let contact_conflict = row % 2 == 1 && trouble.chance(self.conflicts);
        let account_conflict = trouble.chance(self.conflicts / 2.0);
        let person = if contact_conflict { row - 1 } else { row };
        self.fill_contact(person, cells);
        self.fill_account(self.account(person), cells);
        if contact_conflict {
            self.disagree(Entity::Contact, &mut trouble, cells);
        }
        if account_conflict {
            self.disagree(Entity::Organization, &mut trouble, cells);
        }
    }

    fn fill_contact(&self, person: u64, cells: &mut Cells) {
        let mut random = Random::new(self.seed, PERSON, person);
        let home = country(&mut random);
        let mut set = |name: &str, value: &str| cells[named(name)].push_str(value);
        let (first, last) = (random.pick(home.first), random.pick(home.last));
        let login = login(first, last, person);
        // IDs in no order, as those of most systems are.
        set("contact.id", &format!("003{:016X}", scramble(self.seed.rotate_left(40) ^ person)));
        set("contact.first_name", first);
        set("contact.last_name", last);
        if random.chance(0.2) {
            set("contact.salutation", random.pick(&["Mr.", "Ms.", "Dr.", "Prof."]));
        }
        if random.chance(0.1) {
            set("contact.middle_name", random.pick(home.first));
        }
        let title = random.below(TITLES.len() as u64) + self.change;
        set("contact.title", TITLES[(title % TITLES.len() as u64) as usize]);
        for (name, probability, blocks) in [
            ("contact.work_phone", 0.7, home.lines),
            ("contact.cell_phone", 0.5, home.mobiles),
            ("contact.home_phone", 0.1, home.lines),
            ("contact.other_phone", 0.05, home.mobiles),
        ] {
            if random.chance(probability) {
                set(name, &phone(home, blocks, &mut random));
            }
        }
        set("contact.work_email", &format!("{login}@{}", domain(self.account(person))));
        if random.chance(0.3) {
            set("contact.personal_email", &format!("{login}@mail.example"));
        }
        if random.chance(0.02) {
            set("contact.other_email", &format!("{login}@club.example"));
        }
        self.fill_address("contact", home, &mut random, cells);
        let mut set = |name: &str, value: &str| cells[named(name)].push_str(value);
        if random.chance(0.1) {
            set("contact.twitter", &format!("@c{person}"));
        }
        if random.chance(0.5) {
            set("contact.external_url", &format!("https://crm.example/contact/{person}"));
        }
        set("contact.survey_opt_out", if random.chance(0.1) { "yes" } else { "no" });
        let mut change = Random::new(self.seed, CHANGE + self.change, person);
        if self.change > 0 && change.chance(0.3) {
            cells[named("contact.cell_phone")] = phone(home, home.mobiles, &mut change);
        }
    }

    fn fill_account(&self, account: u64, cells: &mut Cells) {
        let mut random = Random::new(self.seed, COMPANY, account);
        let home = country(&mut random);
        let mut set = |name: &str, value: &str| cells[named(name)].push_str(value);
        let name = company_name(&mut random, account);
        set("account.id", &format!("A-{account:07}"));
        set("account.name", &format!("{name} {}", home.company_form));
        set("account.company_type", random.pick(&["Customer", "Prospect", "Partner"]));
        set("account.industry", random.pick(&INDUSTRIES));
        if random.chance(0.8) {
            set("account.phone", &phone(home, home.lines, &mut random));
        }
        if random.chance(0.1) {
            set("account.fax", &phone(home, home.lines, &mut random));
        }
        set("account.employees", &(5 + random.below(5000)).to_string());
        set("account.revenue", &((100 + random.below(90_000)) * 1000 + self.change).to_string());
        set("account.website", &format!("https://www.{}", domain(account)));
        if random.chance(0.3) {
            set("account.tags", random.pick(&["vip", "vip;emea", "renewal", "newsletter;trial"]));
        }
        if random.chance(0.05) {
            set("account.ticker", &format!("X{}", account % 1000));
        }
        self.fill_address("account", home, &mut random, cells);
    }

    fn fill_address(&self, whose: &str, home: &Country, random: &mut Random, cells: &mut Cells) {
        let mut set = |part: &str, value: &str| cells[named(&format!("{whose}.{part}"))].push_str(value);
        let [city, state, postal_code] = home.cities[random.below(home.cities.len() as u64) as usize];
        set("address1", &format!("{} {}", 1 + random.below(400), random.pick(home.streets)));
        if random.chance(0.1) {
            set("address2", &format!("Suite {}", 100 + random.below(800)));
        }
        set("city", city);
        set("state", state);
        set("postal_code", postal_code);
        set("country", random.pick(home.names));
    }

    /// The account of a person: those who share one are far apart in the file.
    fn account(&self, person: u64) -> u64 {
        person % (self.rows / self.rows_per_account).max(1)
    }

    /// Makes a row say something else of its contact or its account: a blank, another spelling, or another value.
    fn disagree(&self, entity: Entity, trouble: &mut Random, cells: &mut Cells) {
        let [name, other] = match entity {
            Entity::Contact => ["contact.title", "contact.work_email"],
            Entity::Organization => ["account.name", "account.industry"],
        };
        match trouble.below(3) {
            0 => cells[named(other)].clear(),
            1 => cells[named(name)] = cells[named(name)].to_uppercase(),
            _ => cells[named(name)].push_str(" (new)"),
        }
    }

    fn break_row<'a>(&self, row: u64, columns: &[&Field], record: &mut Vec<&'a [u8]>) {
        let mut trouble = Random::new(self.seed, TROUBLE + 1, row);
        if !trouble.chance(self.broken) {
            return;
        }
        let at = |name: &str| columns.iter().position(|field| field.name == name);
        let mut put = |name: &str, value: &'a [u8]| {
            if let Some(at) = at(name) {
                record[at] = value;
            }
        };
        match trouble.below(8) {
            0 => record.truncate(columns.len() / 2),
            1 => record.push(b"one cell too many"),
            2 => put("contact.id", b""),
            3 => put("contact.last_name", b""),
            4 => put("contact.last_name", b"M\xfcller"),
            5 => put("contact.title", b"Buyer\0"),
            6 => put("contact.work_phone", b"4.47912E+11"),
            _ => put("contact.work_email", b"nobody at nowhere"),
        }
    }
}

/// The place of a field in the table; the names here are all in it.
fn named(name: &str) -> usize {
    by_name(name).map_or(0, place)
}

fn place(field: &Field) -> usize {
    usize::from(field.id.0)
}

fn login(first: &str, last: &str, person: u64) -> String {
    let plain = |name: &str| fold(name).chars().filter(char::is_ascii_alphanumeric).collect::<String>();
    match (plain(first), plain(last)) {
        (first, last) if first.is_empty() || last.is_empty() => format!("user{person}"),
        (first, last) => format!("{first}.{last}{}", person % 1000),
    }
}

fn company_name(random: &mut Random, account: u64) -> String {
    format!("{} {} {}", random.pick(&FIRST_WORDS), random.pick(&SECOND_WORDS), account % 100)
}

fn domain(account: u64) -> String {
    format!("company{account}.example")
}

/// A number of one of the blocks, in one of the notations that people use.
fn phone(home: &Country, blocks: &[&str], random: &mut Random) -> String {
    let block = random.pick(blocks);
    let national: String =
        block.chars().map(|c| if c == '#' { char::from(b'0' + random.below(10) as u8) } else { c }).collect();
    let Country { calling_code, trunk, .. } = home;
    let is_us = *calling_code == "1";
    let mut out = match random.below(if is_us { 10 } else { 7 }) {
        0 | 1 => format!("+{calling_code}{}", national.replace(' ', "")),
        2 => format!("+{calling_code} {}", national.replace(' ', "-")),
        3 => format!("00{calling_code} {national}"),
        4 if *trunk == "0" => format!("+{calling_code} (0){national}"),
        // Without a country code such a number is read by the rules of the wrong country, as happens.
        5 if random.chance(0.15) => format!("{trunk}{national}"),
        7 => national.replace(' ', "."),
        8 | 9 => us_national(&national),
        _ => format!("+{calling_code} {national}"),
    };
    if random.chance(0.03) {
        // Writing to a String cannot fail.
        let _ = write!(out, " x{}", 10 + random.below(990));
    }
    out
}

fn us_national(number: &str) -> String {
    match number.splitn(3, ' ').collect::<Vec<_>>()[..] {
        [area, exchange, line] => format!("({area}) {exchange}-{line}"),
        _ => number.to_owned(),
    }
}
