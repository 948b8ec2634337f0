//! Whole days with muster on the command line, each as the person would tell it.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

#[path = "support/story.rs"]
mod story;

use std::fs;
use std::os::unix::fs::PermissionsExt;

use story::{Story, column, sample};

const PEOPLE: &str = "Contact Id,Contact First Name,Contact Last Name,Contact Work Phone,Account Id,Account Name\n\
    C-1,Kathryn,Smith,(317) 555-0101,A-1,Office Mart\n\
    C-2,Josh,Reyes,317.555.0102,A-1,Office Mart\n";

#[test]
fn an_import_is_repeated_updated_and_taken_back() {
    let story = Story::new();
    story.muster(&format!("import {}", sample("office-mart.csv"))).exits(0).shows("Committed as import 1");
    let first = story.export();

    story.muster(&format!("import {}", sample("office-mart.csv"))).exits(0).shows("same file as import 1");
    assert_eq!(story.export(), first, "a repeated import changes nothing");

    story.muster(&format!("import {} --as Kathryn", sample("office-mart-update.csv"))).exits(0);
    assert_ne!(story.export(), first);
    let card = story.muster("show contact 1002").exits(0);
    assert!(card.out.contains("Lantern Books Ltd (LB-200)"), "{}", card.out);
    assert!(card.out.contains("by import 3, office-mart-update.csv line 3"), "{}", card.out);

    let history = story.muster("history").exits(0).shows("(Kathryn)").shows("office-mart-update.csv");
    assert_eq!(history.out.lines().count(), 4, "{}", history.out);

    story.muster("undo 3").exits(2).says("--yes");
    story.muster("undo 3 --dry-run").exits(0).shows("1 removed, 2 restored");
    story.muster("undo 3 --yes").exits(0).shows("muster undo 4");
    assert_eq!(story.export(), first, "everything is as before the update");
    story.muster("history").exits(0).shows("undone by 4").shows("undo of 3");
    story.muster("undo 3 --yes").exits(1).says("already undone by 4");

    story.muster("undo 4 --yes").exits(0);
    assert_ne!(story.export(), first, "an undo can itself be undone");
    story.muster("verify").exits(0).shows("sound");
}

#[test]
fn r16_an_import_without_changes_can_be_stepped_over() {
    let story = Story::new();
    story.file("people.csv", PEOPLE).import("people.csv", 0);
    story.muster("import people.csv").exits(0).shows("Nothing to change");
    story.muster("undo 2 --yes").exits(0).shows("Nothing to undo");
    story.muster("undo 1 --yes").exits(0);
    assert_eq!(story.export().lines().count(), 1, "only the header is left");
    assert_eq!(story.import("people.csv", 0)["rows"]["created"], 2);
}

#[test]
fn r16_a_known_file_is_announced_with_what_became_of_its_import() {
    let story = Story::new();
    story.file("people.csv", PEOPLE).import("people.csv", 0);
    story.muster("import people.csv").exits(0).shows("same file as import 1\n");
    story.muster("undo 1 --yes").exits(0);
    story.muster("check people.csv").exits(0).shows("same file as import 1, undone on 2");
    story.muster("undo 3 --yes").exits(0);
    story.muster("check people.csv").exits(0).shows("same file as import 1\n");
}

#[test]
fn r20_a_guessed_encoding_is_said_with_three_values() {
    let story = Story::new();
    story.muster(&format!("check {}", sample("umlauts-windows-1252.csv"))).exits(0).shows("the encoding is a guess");
    let text: Vec<u8> = "Contact Id,First Name,Last Name\n1,J\u{fc}rgen,M\u{fc}ller\n2,Bj\u{f6}rn,Gro\u{df}\n"
        .chars()
        .map(|c| u8::try_from(u32::from(c)).unwrap())
        .collect();
    story.file("guess.csv", text);
    story
        .muster("check guess.csv")
        .exits(0)
        .shows("windows-1252")
        .shows("'Jürgen', 'Müller', 'Björn'")
        .shows("--encoding");
    let masked = story.muster("check guess.csv --mask").exits(0).shows("windows-1252");
    assert!(!masked.out.contains("Jürgen"), "{}", masked.out);
    let chosen = story.muster("check guess.csv --encoding windows-1252").exits(0);
    assert!(!chosen.out.contains("guess:"), "{}", chosen.out);
}

#[test]
fn r26_what_came_later_blocks_an_undo_and_is_named() {
    let story = Story::new();
    story.file("people.csv", PEOPLE).import("people.csv", 0);
    story
        .file("new.csv", "Contact Id,Contact First Name,Contact Last Name\nC-2,Josh,Reyes-Hall\n")
        .import("new.csv", 0);
    let before = story.export();
    let blocked = story.muster("undo 1 --yes").exits(1);
    assert!(blocked.out.contains("contact 'C-2', Last name: changed since by import 2"), "{}", blocked.out);
    assert_eq!(story.export(), before);

    let json = story.muster("undo 1 --yes --json").exits(1).json();
    assert_eq!(json["done"], false);
    assert_eq!(json["blockers_total"], 2);
    assert_eq!(json["blockers"][0]["changed_by"], 2);
    assert_eq!(json["blockers"][0]["field"], "contact.last_name");
    assert_eq!(json["blockers"][1]["reason"], "contact 'C-2' belongs to it");

    story.muster("undo 1 --keep-blocked --yes").exits(0).shows("1 removed");
    assert_eq!(column(&story.export(), "Contact Id"), ["C-2"]);
    story.muster("verify").exits(0);
}

/// Everything that a round trip could lose: custom fields, phones that are no numbers, extensions, an organization made
/// by hand, cells that look like formulas, line breaks, quotes.
const RICH: &str = "\
Contact Id,Contact First Name,Contact Last Name,Contact Title,Contact Work Phone,Contact Work Phone Extension,\
Contact Work Phone Accepts SMS,Contact Cell Phone,Contact Address 1,Lead Source,Account Id,Account Name,Account Tags,muster origin\n\
C-1,=Kathryn,Smith,'=1+1,(317) 555-0101,012,yes,call the desk,\"1 Main St\nFloor 2\",Fair,A-1,Office Mart,b;a,manual\n\
C-2,Josh,\"O\"\"Brien\",-5,317,7,,+1 317 555 0111 ext. 9,,@web,A-1,Office Mart,a;b,manual\n\
C-3,Zoë,Ünal,+plus,+442079460204,,,,,,,,,\n\
,,,,,,,,,,A-2,Lone Ltd,,\n";

#[test]
fn an_export_imported_into_a_new_base_exports_the_same() {
    let story = Story::new();
    story.file("rich.csv", RICH).import("rich.csv --keep-unmapped", 0);
    for options in ["", "--phones typed", "--dialect current"] {
        let exported = story.muster(&format!("export --to - {options}")).exits(0).out;
        story.file("exported.csv", &exported);
        let again = Story::new();
        again.file("exported.csv", &exported).import("exported.csv", 0);
        let same = again.muster(&format!("export --to - {options}")).exits(0).out;
        pretty(&same, &exported);
        if options != "--phones typed" {
            pretty(&again.export(), &story.export());
        }
    }
    let csv = story.export();
    assert_eq!(column(&csv, "contact.custom.Lead Source"), ["Fair", "'@web", "", ""]);
    assert_eq!(column(&csv, "muster origin"), ["manual", "manual", "", ""]);
    assert_eq!(column(&csv, "Contact Work Phone"), ["+13175550101 x012", "317", "+442079460204", ""]);
    assert_eq!(column(&csv, "Contact Work Phone Extension"), ["", "7", "", ""]);
    assert_eq!(column(&csv, "Contact First Name")[0], "'=Kathryn");
    assert_eq!(story.import("exported.csv", 0)["rows"]["unchanged"], 3, "the base takes its own export as no change");
}

#[track_caller]
fn pretty(left: &str, right: &str) {
    for (left, right) in left.lines().zip(right.lines()) {
        assert_eq!(left, right);
    }
    assert_eq!(left.lines().count(), right.lines().count());
}

#[test]
fn r23_rejects_are_corrected_and_imported_as_they_are() {
    let story = Story::new();
    story.file(
        "team.csv",
        "ID,First Name,Last Name,Mobile,Note\n1,Kathryn,Smith,,x\n2,Josh,,,=note\n3,Rebecca\n4,Zoë,Ünal,,\n",
    );
    let answer = story.muster("import team.csv --map ID=contact.id").exits(1);
    assert!(answer.out.contains("team.rejects.csv"), "{}", answer.out);
    let rejects = story.text("team.rejects.csv");
    assert_eq!(column(&rejects, "muster code"), ["required-missing", "row-too-short"]);
    assert_eq!(column(&rejects, "muster raw"), ["", "3,Rebecca"]);
    assert_eq!(column(&rejects, "Note"), ["'=note", ""]);

    let corrected = rejects.replace("2,Josh,,", "2,Josh,Reyes,").replace("\n,,,,,", "\n3,Rebecca,Lind,,,");
    story.file("corrected.csv", corrected);
    let result = story.import("corrected.csv", 0);
    assert_eq!(result["rows"]["created"], 2);
    assert_eq!(column(&story.export(), "Contact Id"), ["1", "2", "3", "4"]);

    // A second time: the first rejects file is somebody's work and stays.
    story.muster("import team.csv").exits(1).shows("team.rejects-2.csv");
    assert_eq!(story.text("team.rejects.csv"), rejects);
}

#[test]
fn questions_are_refused_with_the_option_that_answers_them() {
    let story = Story::new();
    story.file("twice.csv", "Contact Id,First Name,Last Name,Phone,Telephone\n1,A,B,317-555-0101,317-555-0102\n");
    story.muster("import twice.csv").exits(2).says("--map 'Telephone=contact.work_phone'");
    assert_eq!(story.export().lines().count(), 1, "nothing was imported");
    story.run(&["import", "twice.csv", "--map", "Phone=contact.nope"]).exits(2).says("muster fields");
    story.run(&["import", "twice.csv", "--map", "Phone=contact.work_phone"]).exits(0);
    assert_eq!(column(&story.export(), "Contact Work Phone"), ["+13175550101"]);
}

#[test]
fn r04_account_columns_without_an_account_id_are_left_out_or_make_one() {
    let story = Story::new();
    story.file("company.csv", "Contact Id,First Name,Last Name,Company\n1,A,B,Office Mart\n2,C,D,Office Mart\n");
    story.muster("import company.csv").exits(2).says("--no-accounts").says("--map 'Company=account.id'");
    let without = story.muster("check --json company.csv --no-accounts").exits(0).json();
    assert_eq!(without["organizations"]["created"], 0);
    let result = story.import("company.csv --map Company=account.id --map Company=account.name", 0);
    assert_eq!(result["organizations"]["created"], 1);
    assert_eq!(column(&story.export(), "Account Id"), ["Office Mart", "Office Mart"]);
}

#[test]
fn r27_a_key_is_composed_of_columns() {
    let story = Story::new();
    story.file("keys.csv", "Country,Customer No,First Name,Last Name\nUS,7,A,B\nDE,7,C,D\nDE,,E,F\n");
    let words = ["import", "keys.csv", "--map", "Country+Customer No=contact.id", "--key-separator", "/"];
    story.run(&words).exits(1).shows("contact-id-missing");
    assert_eq!(column(&story.export(), "Contact Id"), ["DE/7", "US/7"]);
}

#[test]
fn r08_policies_decide_conflicts_in_order() {
    let rows = |options: &str| {
        let story = Story::new();
        let line = format!("check --json {} {options}", sample("conflicts.csv"));
        let answer = story.muster(&line);
        let json = answer.json();
        let decided = json["conflicts"].as_array().unwrap().iter().filter(|c| !c["decided"].is_null()).count();
        (json["rows"]["held"].as_u64().unwrap(), decided, answer.code.unwrap())
    };
    assert_eq!(rows(""), (16, 0, 1));
    assert_eq!(rows("--resolve suggested"), (6, 4, 1));
    assert_eq!(rows("--resolve first"), (0, 7, 0));
    assert_eq!(rows("--resolve last"), (0, 7, 0));
    assert_eq!(rows("--resolve hold"), (16, 7, 1));
    assert_eq!(rows("--resolve account:first").1, 3);
    assert_eq!(rows("--resolve contact:content:last").1, 2);
    assert_eq!(rows("--resolve suggested --resolve content:first"), (0, 7, 0));
    assert_eq!(rows("--resolve most-rows").1, 2, "ties stay open");
    assert_eq!(rows("--resolve base"), (16, 0, 1), "the base has none of them");
}

#[test]
fn r08_a_decision_is_remembered_for_the_next_file() {
    let story = Story::new();
    let file = sample("conflicts.csv");
    story.import(&format!("{file} --resolve first --rejects r1.csv"), 0);
    story.muster("undo 1 --yes").exits(0);
    let result = story.import(&format!("{file} --resolve remembered"), 0);
    assert_eq!(result["conflicts"][0]["decided"], "remembered");
    assert_eq!(result["conflicts"][0]["remembered_from_import"], 1);
}

#[test]
fn only_create_and_only_update_reject_the_others() {
    let story = Story::new();
    story.file("people.csv", PEOPLE).import("people.csv", 0);
    let more = format!("{}C-3,Rebecca,Lind,,A-1,Office Mart\n", PEOPLE.replace("Smith", "Smith-Hall"));
    story.file("more.csv", more);
    let result = story.muster("check --json more.csv --only create").exits(1).json();
    assert_eq!([&result["rows"]["created"], &result["rows"]["updated"]], [1, 0]);
    assert_eq!(result["findings"][0]["code"], "would-update");
    let result = story.muster("check --json more.csv --only update").exits(1).json();
    assert_eq!([&result["rows"]["created"], &result["rows"]["updated"]], [0, 1]);
    assert_eq!(result["findings"][0]["code"], "would-create");
}

#[test]
fn r11_empty_cells_keep_or_clear() {
    let story = Story::new();
    story.file("people.csv", PEOPLE).import("people.csv", 0);
    story.file("blank.csv", PEOPLE.replace("(317) 555-0101", ""));
    assert_eq!(story.import("blank.csv", 0)["rows"]["updated"], 0);
    let result = story.import("blank.csv --blank clear", 0);
    assert_eq!(result["blast_radius"]["values_erased"], 1);
    assert_eq!(column(&story.export(), "Contact Work Phone"), ["", "+13175550102"]);
}

#[test]
fn r18_strict_phones_reject_the_row() {
    let story = Story::new();
    story.file("people.csv", PEOPLE.replace("317.555.0102", "317"));
    assert_eq!(story.muster("check --json people.csv").exits(0).json()["findings"][0]["severity"], "warning");
    let result = story.import("people.csv --strict-phones", 1);
    assert_eq!(result["rows"]["rejected"], 1);
    assert_eq!(column(&story.text("people.rejects.csv"), "muster code"), ["phone-too-short"]);
}

#[test]
fn standard_input_is_imported_like_a_file() {
    let story = Story::new();
    let answer = story.command(&["import", "-"]).write_stdin(PEOPLE).output().unwrap();
    assert_eq!(answer.status.code(), Some(0));
    story.muster("history").exits(0).shows("standard input");
    assert_eq!(column(&story.export(), "Contact Id"), ["C-1", "C-2"]);
    let broken = PEOPLE.replace("Smith", "");
    let answer =
        story.command(&["import", "-", "--rejects", "r.csv"]).write_stdin(broken.replace("C-1", "C-9")).output();
    assert_eq!(answer.unwrap().status.code(), Some(1));
    assert_eq!(column(&story.text("r.csv"), "Contact Id"), ["C-9"]);
}

#[test]
fn reports_are_written_beside_the_import() {
    let story = Story::new();
    story.file("people.csv", PEOPLE).import("people.csv", 0);
    story.file("new.csv", PEOPLE.replace("Smith", "Smith-Hall").replace("317.555.0102", "317"));
    story.import("new.csv --changes changes.csv --findings findings.csv", 0);
    let changes = story.text("changes.csv");
    assert_eq!(
        changes.lines().collect::<Vec<_>>(),
        ["record,id,change,line,field,old,new", "contact,C-1,updated,2,contact.last_name,Smith,Smith-Hall"]
    );
    assert_eq!(column(&story.text("findings.csv"), "code"), ["phone-kept", "phone-too-short"]);
    let before = story.export();
    story.muster("import new.csv --changes changes.csv").exits(3).says("changes.csv exists: choose another name");
    assert_eq!(story.text("changes.csv"), changes, "a report is never overwritten");
    assert_eq!(story.export(), before);
}

#[test]
fn rejects_that_cannot_be_written_stop_the_import_before_the_commit() {
    let story = Story::new();
    story.file("people.csv", PEOPLE.replace("Smith", ""));
    story.muster("import people.csv --rejects no-such-folder/r.csv").exits(3).says("no-such-folder/r.csv");
    assert_eq!(story.export().lines().count(), 1, "nothing was imported");
}

#[test]
fn r13_an_organization_made_by_hand_is_handed_over() {
    let story = Story::new();
    story.file("rich.csv", RICH).import("rich.csv", 0);
    story.file("join.csv", "Contact Id,Contact First Name,Contact Last Name,Account Id\nC-9,New,Member,A-1\n");
    let answer = story.muster("import join.csv --rejects r.csv").exits(1);
    assert!(answer.out.contains("muster adopt") || answer.out.contains("manual-organization"), "{}", answer.out);
    story.muster("adopt organization A-1").exits(2).says("--yes");
    story.muster("adopt organization A-9 --yes").exits(1).says("not in the base");
    story.muster("adopt organization A-1 --yes").exits(0);
    story.muster("adopt organization A-1 --yes").exits(0).shows("already");
    story.import("join.csv", 0);
    story.muster("show organization A-1").exits(0).shows("3 members").shows("New Member");
    story.muster("history").exits(0).shows("handover");
    story.muster("undo 4 --yes").exits(0);
    story.muster("undo 3 --yes").exits(0);
    story.muster("show organization A-1").exits(0).shows("made by hand");
}

#[test]
fn records_are_found_by_either_id() {
    let story = Story::new();
    story.file("people.csv", PEOPLE).import("people.csv", 0);
    let card = story.muster("show contact C-1 --json").exits(0).json();
    let internal = card["internal"].as_str().unwrap();
    assert_eq!(story.muster(&format!("show contact --internal {internal} --json")).exits(0).json(), card);
    story.muster(&format!("show organization --internal {internal}")).exits(1).says("not in the base");
    story.muster("show contact --internal C-1").exits(2).says("no internal ID");
    story.muster("show contact c-1").exits(1).says("contact 'c-1' is not in the base; stored: 'C-1'");
    story.muster("show import 9").exits(1).says("muster history");
}

#[test]
fn the_text_of_the_search_is_kept_beside_the_base_and_is_only_a_copy() {
    let story = Story::new();
    story.import(&sample("office-mart.csv"), 0);
    let kept = story.path(".local/share/muster/search.text");
    let found = story.muster("search kathryn").exits(0).out;
    let mode = fs::metadata(&kept).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    let whole = fs::read(&kept).unwrap();
    assert_eq!(story.muster("search kathryn").exits(0).out, found, "from the file");
    for damaged in [&whole[..whole.len() / 2], &b"something else"[..], &[]] {
        fs::write(&kept, damaged).unwrap();
        assert_eq!(story.muster("search kathryn").exits(0).out, found);
        assert_eq!(fs::read(&kept).unwrap().len(), whole.len(), "it is made again");
    }
    // What is newer than the file is found too.
    story.file("new.csv", "Contact Id,Contact First Name,Contact Last Name\nN-1,Kathryn,New\n").import("new.csv", 0);
    story.muster("search kathryn").exits(0).shows("N-1").shows("2 hits");
    story.muster(&format!("backup --to {}", story.path("copy").display())).exits(0);
    assert!(!story.path("copy/search.text").exists());
    // A base that is put in its place has the same numbers of commits, but they are other ones.
    story.muster("undo 2 --yes").exits(0);
    story.muster("search kathryn").exits(0).shows("1 hits");
    story.muster(&format!("restore --from {} --overwrite", story.path("copy").display())).exits(0);
    story
        .file("other.csv", "Contact Id,Contact First Name,Contact Last Name\nN-2,Kathryn,New\n")
        .import("other.csv", 0);
    story.muster("search kathryn").exits(0).shows("N-1").shows("N-2").shows("3 hits");
}

#[test]
fn contacts_and_organizations_are_searched() {
    let story = Story::new();
    story.import(&sample("office-mart.csv"), 0);
    story.muster("search kathryn").exits(0).shows("1001").shows("Office Mart").shows("1 hits");
    story.muster("search 5550102").exits(0).shows("Josh Reyes");
    story.muster("search office --organizations").exits(0).shows("OM-100");
    story.muster("search nobody-of-that-name").exits(1).shows("No contact matches");
    story.muster("search nofilter:x").exits(2).says("there is no filter");
    let json = story.muster("search lantern --json --limit 1").exits(0).json();
    assert_eq!([&json["query"], &json["total"]], [&serde_json::json!("lantern"), &serde_json::json!(2)]);
    assert_eq!(json["hits"].as_array().unwrap().len(), 1);
    assert_eq!(json["hits"][0]["organization"]["id"], "LB-200");
}

#[test]
fn a_backup_opens_as_a_base() {
    let story = Story::new();
    story.muster("backup --to copy").exits(3).says("there is no base");
    story.file("people.csv", PEOPLE).import("people.csv", 0);
    story.muster("backup --to copy").exits(0).shows("2 contacts and 1 organizations");
    story.muster("backup --to copy").exits(3).says("not empty");
    assert_eq!(story.muster("export --to - --base copy").exits(0).out, story.export());
    story.muster("--base copy verify").exits(0);
    story.muster("--base copy undo 1 --yes").exits(0);
    assert_eq!(column(&story.export(), "Contact Id").len(), 2, "the copy is a base of its own");
}

#[test]
fn an_export_is_private_and_whole() {
    use std::os::unix::fs::PermissionsExt;
    let story = Story::new();
    story.file("people.csv", PEOPLE).import("people.csv", 0);
    story.muster("export --to out.csv").exits(0).shows("2 contacts");
    assert_eq!(fs::metadata(story.path("out.csv")).unwrap().permissions().mode() & 0o777, 0o600);
    assert_eq!(story.text("out.csv"), story.export());
    story.muster("export --to no/such/folder.csv").exits(3).says("no/such/folder.csv");
    story.muster("export --to - --json").exits(2).says("--to");
}

#[test]
fn commands_that_read_make_no_base() {
    let story = Story::new();
    for line in ["history", "verify", "export --to -", "search x", "show contact X", "show import 1", "undo 1 --yes"] {
        story.muster(line);
    }
    story.muster("verify --json").exits(0);
    assert_eq!(fs::read_dir(story.path("")).unwrap().count(), 0, "nothing was made");
    story.file("people.csv", PEOPLE).muster("check people.csv").exits(0);
    assert!(!story.path(".local").exists());
}

#[test]
fn r10_threads_and_the_order_of_rows_do_not_change_the_digest() {
    let story = Story::new();
    let digest = |file: &str, threads: u32| {
        let answer = story.muster(&format!("check --json {file} --threads {threads} --resolve suggested"));
        answer.json()["digest"].as_str().unwrap().to_owned()
    };
    let conflicts = fs::read_to_string(sample("conflicts.csv")).unwrap();
    let mut rows: Vec<&str> = conflicts.lines().skip(1).collect();
    rows.reverse();
    let shuffled = [&[conflicts.lines().next().unwrap()], rows.as_slice()].concat().join("\n");
    story.file("a.csv", &conflicts).file("b.csv", shuffled);
    let first = digest("a.csv", 1);
    assert_eq!(digest("a.csv", 8), first);
    assert_eq!(digest("b.csv", 8), first);
}
