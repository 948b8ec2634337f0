//! What scripts rely on: the JSON of each command has the fields that it promises, and the samples give the counts that
//! their README tells.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

#[path = "support/story.rs"]
mod story;

use serde_json::{Value, json};
use story::{Story, sample};

/// The names in an object, in their order.
fn names(object: &Value) -> Vec<&str> {
    object.as_object().unwrap().keys().map(String::as_str).collect()
}

fn is_number(value: &Value) -> bool {
    value.as_u64().is_some()
}

#[test]
fn check_and_import_print_what_they_promise() {
    let story = Story::new();
    let check = story.muster(&format!("check --json {}", sample("conflicts.csv"))).exits(1).json();
    for (part, promised) in [
        ("file", "name bytes sha256 encoding separator"),
        ("rows", "total created updated unchanged repeated organization_only held rejected blank"),
        ("contacts", "created updated unchanged held"),
        ("organizations", "created updated unchanged held references"),
        ("memberships", "created moved unchanged"),
        (
            "blast_radius",
            "values_erased contacts_moved organizations_renamed phones_kept hand_edits_kept hand_edits_overwritten",
        ),
    ] {
        assert_eq!(names(&check[part]).join(" "), promised, "{part}");
    }
    for part in ["rows", "contacts", "organizations", "memberships", "blast_radius"] {
        assert!(check[part].as_object().unwrap().values().all(is_number), "{part}");
    }
    assert_eq!(check["file"]["name"], "conflicts.csv");
    assert_eq!(check["mapping"][0], json!({ "column": 1, "header": "Contact Id", "field": "contact.id" }));
    assert!(check["unmapped"].is_array());
    let conflict = &check["conflicts"][0];
    assert_eq!(conflict["kind"], "account");
    assert_eq!(conflict["id"], "AC-1");
    assert_eq!(conflict["class"], "blank");
    assert_eq!(conflict["lines"], json!([2, 3]));
    assert_eq!(conflict["decided"], Value::Null);
    let field = &conflict["fields"][0];
    assert_eq!(field["field"], "account.industry");
    assert_eq!(field["base"], Value::Null);
    assert_eq!(field["variants"].as_array().unwrap().len(), 2);
    assert_eq!(names(&field["variants"][0]), ["value", "lines"]);
    let finding = &check["findings"][0];
    assert_eq!(names(finding), ["line", "column", "field", "code", "severity", "value", "message", "hint"]);
    assert!(is_number(&check["findings_total"]) && is_number(&check["conflicts_total"]));
    assert_eq!(check["digest"].as_str().unwrap().len(), 64);
    assert_eq!([&check["import"], &check["committed"]], [&Value::Null, &json!(false)]);
    assert!(check["seconds"].is_f64());

    let import = story.import(&format!("{} --rejects r.csv", sample("conflicts.csv")), 1);
    let mut same = import.clone();
    for (name, value) in [("import", &import["import"]), ("committed", &import["committed"])] {
        assert_eq!(value, &if name == "import" { json!(1) } else { json!(true) });
    }
    for name in ["import", "committed", "seconds", "notes"] {
        same[name] = check[name].clone();
    }
    assert_eq!(same, check, "an import tells what the check told");
}

#[test]
fn long_lists_are_cut_and_their_length_is_told() {
    let story = Story::new();
    let rows: String = (0..1500).map(|n| format!("C-{n},A,B,317\n")).collect();
    story.file("many.csv", format!("Contact Id,First Name,Last Name,Mobile\n{rows}"));
    let check = story.muster("check --json many.csv --findings all.csv").exits(0).json();
    assert_eq!(check["findings"].as_array().unwrap().len(), 1000);
    assert_eq!(check["findings_total"], 1500);
    assert_eq!(story.text("all.csv").lines().count(), 1501);
}

#[test]
fn records_have_every_field_under_its_name() {
    let story = Story::new();
    story.import(&sample("office-mart.csv"), 0);
    let fields = story.muster("fields --json").exits(0).json();
    let contact = story.muster("show contact 1001 --json").exits(0).json();
    let organization = story.muster("show organization OM-100 --json").exits(0).json();
    for field in fields["fields"].as_array().unwrap().iter().filter(|field| field["kind"] != "phone extension") {
        let whose = if field["record"] == "contact" { &contact } else { &organization };
        assert!(whose.get(field["name"].as_str().unwrap()).is_some(), "{field}");
    }
    assert_eq!(
        contact["contact.work_phone"],
        json!({ "typed": "(317) 555-0101", "e164": "+13175550101", "extension": "12", "syncs": true, "reason": null })
    );
    assert_eq!(contact["organization"], json!({ "id": "OM-100", "name": "Office Mart" }));
    let provenance = &contact["provenance"];
    assert_eq!(provenance["import"]["file"], "office-mart.csv");
    assert_eq!([&provenance["import"]["number"], &provenance["line"]], [&json!(1), &json!(2)]);
    assert_eq!(provenance["changed_at"], provenance["import"]["at"]);
    assert_eq!(organization["account.tags"], json!(["vip", "renewal"]));
    assert_eq!(organization["members"]["total"], 3);
    assert_eq!(organization["members"]["first"][0], json!({ "id": "1001", "name": "Kathryn Smith" }));
    let hit = &story.muster("search 1001 --json").exits(0).json()["hits"][0];
    for (name, value) in contact.as_object().unwrap().iter().filter(|(name, _)| *name != "provenance") {
        assert_eq!(&hit[name], value, "a hit is the contact: {name}");
    }
}

#[test]
fn history_verify_and_undo_print_what_they_promise() {
    let story = Story::new();
    story.muster(&format!("import {} --as Kathryn", sample("office-mart.csv"))).exits(0);
    let undo = story.muster("undo 1 --dry-run --json").exits(0).json();
    assert_eq!(undo["contacts"], json!({ "created": 0, "updated": 0, "deleted": 6 }));
    assert_eq!([&undo["undo"], &undo["done"], &undo["undone_by"]], [&json!(1), &json!(false), &Value::Null]);
    story.muster("undo 1 --yes --json").exits(0);
    let history = story.muster("history --json").exits(0).json();
    assert_eq!(history["total"], 2);
    let [undo, import] = history["history"].as_array().unwrap().as_slice() else { panic!("{history}") };
    assert_eq!([&undo["number"], &undo["kind"], &undo["undid"]], [&json!(2), &json!("undo"), &json!(1)]);
    assert_eq!(undo["file"], Value::Null);
    assert_eq!([&import["undone_by"], &import["too_old"]], [&json!(2), &json!(false)]);
    assert_eq!(names(&import["file"]), ["name", "bytes", "sha256"]);
    assert_eq!(import["who"]["name"], "Kathryn");
    assert_eq!(import["contacts"], json!({ "created": 6, "updated": 0, "deleted": 0 }));
    assert!(import["at"].as_str().unwrap().parse::<jiff::Timestamp>().is_ok());

    let shown = story.muster("show import 1 --json").exits(0).json();
    assert_eq!(shown["details"]["counts"]["rows"]["created"], 6);
    assert_eq!(shown["details"]["reading"]["region"], "US");
    assert_eq!(shown["details"]["file"]["sha256"], import["file"]["sha256"]);

    let verify = story.muster("verify --json").exits(0).json();
    let digest = verify["digest"].as_str().unwrap();
    assert!(digest.len() == 64 && digest.bytes().all(|byte| byte.is_ascii_hexdigit()), "{verify}");
    let counts =
        json!({ "contacts": 0, "organizations": 0, "members": 0, "digest": digest, "damaged": [], "damaged_total": 0 });
    assert_eq!(verify, counts);
    assert_eq!(story.muster("history --json --limit 1").exits(0).json()["history"].as_array().unwrap().len(), 1);
}

/// The rows of the table at the top of the README: what is imported, its row counts, its exit code.
fn promised() -> Vec<(String, Vec<u64>, i32)> {
    let readme = std::fs::read_to_string(sample("README.md")).unwrap();
    let lines = readme.lines().filter(|line| line.starts_with("| ") && !line.starts_with("| ---"));
    let table =
        lines.skip_while(|line| !line.starts_with("| file")).skip(1).take_while(|line| line.split('|').count() == 13);
    table
        .map(|line| {
            let cells: Vec<&str> = line.trim_matches('|').split('|').map(str::trim).collect();
            // An empty cell is a zero.
            let numbers = cells[1..10].iter().map(|cell| cell.parse().unwrap_or(0));
            (cells[0].to_owned(), numbers.collect(), cells[10].parse().unwrap())
        })
        .collect()
}

#[test]
fn the_samples_give_the_counts_of_their_readme() {
    const OUTCOMES: [&str; 9] =
        ["total", "created", "updated", "unchanged", "repeated", "organization_only", "held", "rejected", "blank"];
    let promised = promised();
    assert_eq!(promised.len(), 7);
    for (what, numbers, exit) in promised {
        let story = Story::new();
        let (file, options) = match what.as_str() {
            "the same with `--resolve suggested`" => ("conflicts.csv", "--resolve suggested"),
            other => (other.split('`').nth(1).unwrap(), ""),
        };
        if what.ends_with("after it") {
            story.import(&sample("office-mart.csv"), 0);
        }
        let answer = story.muster(&format!("check --json {} {options}", sample(file))).exits(exit);
        let rows = &answer.json()["rows"];
        let counted: Vec<u64> = OUTCOMES.iter().map(|name| rows[name].as_u64().unwrap()).collect();
        assert_eq!(counted[..], numbers[..], "{what}");
        assert_eq!(counted[0], counted[1..].iter().sum::<u64>(), "{what}: the outcomes add up");
    }
}

#[test]
fn the_samples_give_the_findings_of_their_readme() {
    let findings = |line: &str| {
        let story = Story::new();
        let report = story.muster(line).json();
        let codes = report["findings"].as_array().unwrap().iter().map(|f| f["code"].as_str().unwrap().to_owned());
        (codes.collect::<Vec<String>>(), report)
    };
    let phones = sample("messy-phones.csv");
    let (codes, report) = findings(&format!("check --json {phones}"));
    assert_eq!(codes.len(), 12);
    assert_eq!(codes.iter().filter(|code| *code == "phone-too-long").count(), 3);
    assert_eq!(codes.iter().filter(|code| *code == "phone-extension").count(), 2);
    assert_eq!(report["unmapped"], json!(["Remark"]));
    assert_eq!(findings(&format!("check --json {phones} --region-from-country")).0.len(), 13);

    let umlauts = sample("umlauts-windows-1252.csv");
    let (codes, report) = findings(&format!("check --json {umlauts}"));
    assert_eq!(codes, ["phone-too-long"]);
    assert_eq!([&report["file"]["encoding"], &report["file"]["separator"]], ["windows-1252", ";"]);
    assert!(findings(&format!("check --json {umlauts} --region DE")).0.is_empty());

    let mut lines: Vec<(u64, String)> = Vec::new();
    let (_, report) = findings(&format!("check --json {}", sample("broken-rows.csv")));
    for finding in report["findings"].as_array().unwrap() {
        lines.push((finding["line"].as_u64().unwrap(), finding["code"].as_str().unwrap().to_owned()));
    }
    let expected = [
        (3, "row-too-short"),
        (4, "row-too-long"),
        (8, "contact-id-missing"),
        (9, "id-damaged"),
        (10, "id-damaged"),
        (11, "nul-byte"),
        (12, "undecodable"),
        (13, "required-missing"),
        (14, "account-id-missing"),
        (15, "number-unreadable"),
        (16, "phone-damaged"),
        (17, "email-malformed"),
        (18, "organization-unknown"),
        (21, "quote-unclosed"),
    ];
    assert_eq!(lines, expected.map(|(line, code)| (line, code.to_owned())));
}
