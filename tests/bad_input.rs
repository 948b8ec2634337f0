//! Bad input of every kind: each gets a message that names place, reason and remedy, the right exit code, and whatever is
//! good in it is imported.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

#[path = "support/story.rs"]
mod story;

use std::fs::{self, OpenOptions};
use std::io::{Read, Write};
use std::os::unix::fs::{FileExt, PermissionsExt};
use std::path::Path;
use std::process::{Child, Stdio};
use std::time::Duration;

use rstest::rstest;
use story::{Answer, Story, column};

const HEADER: &str = "Contact Id,Contact First Name,Contact Last Name\n";
const PEOPLE: &str = "Contact Id,Contact First Name,Contact Last Name\nC-1,Kathryn,Smith\nC-2,Josh,Reyes\n";
const BASE: &str = ".local/share/muster";

#[rstest]
#[case::empty(b"", "in.csv is empty: it has no header line", "muster template")]
#[case::blank_lines(b"\n\r\n\n", "in.csv is empty", "muster template")]
#[case::gzip(b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03abc", "it looks like a gzip archive", "save it as CSV")]
#[case::xlsx(b"PK\x03\x04\x14\x00\x06\x00\x08\x00", "it looks like an Excel workbook", "save it as CSV")]
#[case::pdf(b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj", "it looks like a PDF document", "save it as CSV")]
#[case::open_header(b"Contact Id,\"First Name\nC-1,A\n", "in.csv (line 1)", "--separator")]
fn a_file_that_is_no_csv_is_refused(#[case] content: &[u8], #[case] reason: &str, #[case] remedy: &str) {
    let story = Story::new();
    story.file("in.csv", content);
    for command in ["check", "import"] {
        story.muster(&format!("{command} in.csv")).exits(3).says("in.csv").says(reason).says(remedy);
    }
}

#[test]
fn a_file_that_cannot_be_opened_is_named() {
    let story = Story::new();
    story.muster("import missing.csv").exits(3).says("missing.csv").says("No such file").says("check the path");
    fs::create_dir(story.path("folder")).unwrap();
    story.muster("import folder").exits(3).says("folder is a folder").says("name a file in it");
    story.muster("import /dev/null").exits(3).says("not a regular file").says("muster import -");
    story.file("secret.csv", PEOPLE);
    fs::set_permissions(story.path("secret.csv"), fs::Permissions::from_mode(0o0)).unwrap();
    if rustix::process::getuid().is_root() {
        println!("skipped: root may read every file");
    } else {
        story.muster("import secret.csv").exits(3).says("Permission denied").says("may read");
    }
}

#[test]
fn a_header_alone_imports_nothing_and_says_so() {
    let story = Story::new();
    story.file("in.csv", HEADER).muster("import in.csv").exits(0).shows("a header but no rows");
}

#[test]
fn columns_that_say_nothing_of_whom_a_row_is_about_are_asked_about() {
    let story = Story::new();
    story.file("no-header.csv", "1001,Kathryn,Smith\n1002,Josh,Reyes\n");
    story.muster("import no-header.csv").exits(2).says("is the first line a header?");
    story.file("unknown.csv", "Foo,Bar\n1,2\n");
    story.muster("import unknown.csv").exits(2).says("--map 'Foo=contact.id'");
}

#[test]
fn r21_the_same_column_twice_is_asked_about() {
    let story = Story::new();
    story.file("in.csv", "Contact Id,Contact First Name,Contact Last Name,Contact First Name\n1,A,B,C\n");
    story.muster("import in.csv").exits(2).says("--map '#2=contact.first_name'").says("--map '#4=contact.first_name'");
    story.run(&["import", "in.csv", "--map", "#4=contact.first_name"]).exits(0);
    assert_eq!(column(&story.export(), "Contact First Name"), ["C"]);
}

/// Imports one bad row between two good ones. The good ones are imported, the bad one is rejected with its code and line.
#[rstest]
#[case::too_short("2,A\n", "row-too-short")]
#[case::too_long("2,A,B,C\n", "row-too-long")]
#[case::open_quote("2,\"A,B\n", "quote-unclosed")]
#[case::nul("2,A\0,B\n", "nul-byte")]
#[case::control_in_id("2\u{1},A,B\n", "id-damaged")]
#[case::damaged_id("1.2E+11,A,B\n", "id-damaged")]
#[case::no_id(",A,B\n", "contact-id-missing")]
fn one_bad_row_costs_one_row(#[case] row: &str, #[case] code: &str) {
    let story = Story::new();
    story.file("in.csv", format!("{HEADER}1,Kathryn,Smith\n{row}3,Josh,Reyes\n"));
    let result = story.import("in.csv", 1);
    assert_eq!([&result["rows"]["created"], &result["rows"]["rejected"]], [2, 1]);
    let finding = &result["findings"][0];
    assert_eq!([finding["code"].as_str(), finding["severity"].as_str()], [Some(code), Some("error")]);
    assert_eq!(finding["line"], 3);
    assert!(!finding["hint"].as_str().unwrap().is_empty());
    assert_eq!(column(&story.export(), "Contact Id"), ["1", "3"]);
    assert_eq!(column(&story.text("in.rejects.csv"), "muster line"), ["3"]);
}

#[test]
fn a_byte_that_is_no_text_costs_its_row() {
    let story = Story::new();
    let mut rows: Vec<u8> = HEADER.into();
    // Beyond the part that decides the encoding, and fewer than one row in a hundred.
    for n in 0..60_000 {
        rows.extend_from_slice(format!("C-{n:05},Kathryn,Smith\n").as_bytes());
    }
    rows.extend_from_slice(b"C-X,Zo\xeb,\xdcnal\n");
    story.file("in.csv", rows);
    let result = story.import("in.csv", 1);
    assert_eq!([&result["rows"]["created"], &result["rows"]["rejected"]], [60_000, 1]);
    assert_eq!(result["findings"][0]["code"], "undecodable");
    assert_eq!(result["findings"][0]["line"], 60_002);
}

#[test]
fn r01_ids_have_at_most_255_characters() {
    let story = Story::new();
    let (fits, long) = ("é".repeat(255), "é".repeat(256));
    story.file("in.csv", format!("{HEADER}{fits},A,B\n{long},A,B\n"));
    let result = story.import("in.csv", 1);
    assert_eq!(result["findings"][0]["code"], "id-too-long");
    story.muster(&format!("show contact {fits}")).exits(0);
}

#[test]
fn r18_spreadsheet_damage_is_said_and_the_text_kept() {
    let story = Story::new();
    story.file("in.csv", "Contact Id,First Name,Last Name,Mobile\n1,A,B,4.47912E+11\n");
    let result = story.import("in.csv", 0);
    assert_eq!(result["findings"][0]["code"], "phone-damaged");
    story.muster("show contact 1").exits(0).shows("4.47912E+11 (will not sync: spreadsheet damage)");
}

#[test]
fn a_cell_of_50_mb_costs_its_row_and_no_memory() {
    for quote in ["", "\""] {
        let story = Story::new();
        let cell = "x".repeat(50_000_000);
        story.file("in.csv", format!("{HEADER}1,A,B\n2,{quote}{cell}{quote},B\n3,C,D\n"));
        let result = story.import("in.csv", 1);
        assert_eq!([&result["rows"]["created"], &result["rows"]["rejected"]], [2, 1], "{quote}");
        assert_eq!(result["findings"][0]["code"], "record-too-long");
        assert!(fs::metadata(story.path("in.rejects.csv")).unwrap().len() < 1 << 20);
    }
}

#[test]
fn ten_thousand_columns_are_read_and_more_than_a_sheet_has_are_refused() {
    let story = Story::new();
    let wide = |columns: usize| {
        let names: String = (0..columns).map(|n| format!(",X{n}")).collect();
        format!("{}{names}\n1,A,B{}\n", HEADER.trim_end(), ",v".repeat(columns))
    };
    story.file("wide.csv", wide(10_000)).file("wider.csv", wide(20_000));
    let text = story.muster("import wide.csv").exits(0).shows("and 9,980 more").out;
    assert!(text.len() < 4_000, "{text}");
    story.muster("import wider.csv").exits(3).says("20003 columns, 16384 are allowed").says("--separator");
    // What the base remembers of such a file is large too: it must be readable, and so must what lies beside it.
    story.file("people.csv", PEOPLE).import("people.csv", 0);
    story.muster("verify").exits(0);
    let kept = story.muster("import wide.csv --keep-unmapped");
    assert!(matches!(kept.code, Some(0 | 1)), "{}", kept.err);
    story.muster("verify").exits(0);
}

#[test]
fn large_records_do_not_push_others_out_of_the_base() {
    let story = Story::new();
    let text = |n: usize| "x".repeat(n);
    let mut file = String::from("Contact Id,First Name,Last Name,Note,Note 2\n");
    for n in 0..60 {
        let size = if n % 7 == 3 { 9_000 } else { 200 };
        file.push_str(&format!("C-{n:02},A,B,{},{}\n", text(size), text(size)));
    }
    story.file("in.csv", file);
    let result = story.import("in.csv --keep-unmapped", 0);
    assert_eq!(result["rows"]["created"], 60);
    story.muster("verify").exits(0);
    assert_eq!(column(&story.export(), "Contact Id").len(), 60);
}

#[test]
fn a_file_that_changes_while_it_is_read_is_refused() {
    let story = Story::new();
    let rows: String = (0..400_000).map(|n| format!("C-{n:06},Kathryn,Smith\n")).collect();
    story.file("in.csv", format!("{HEADER}{rows}"));
    for change in ["grows", "is cut"] {
        let child = start(&story, &["import", "in.csv"]);
        let open = || {
            let files = fs::read_dir(format!("/proc/{}/fd", child.id())).into_iter().flatten().flatten();
            files.flat_map(|file| fs::read_link(file.path())).any(|file| file.ends_with("in.csv"))
        };
        while !open() {
            std::thread::sleep(Duration::from_millis(1));
        }
        let file = OpenOptions::new().append(true).open(story.path("in.csv")).unwrap();
        match change {
            "grows" => (&file).write_all(b"C-X,Late,Comer\n").unwrap(),
            _ => file.set_len(1 << 20).unwrap(),
        }
        let answer = Answer::of(child.wait_with_output().unwrap());
        answer.exits(3).says("in.csv changed while it was read").says("wait until the export is finished");
        assert_eq!(story.export().lines().count(), 1, "{change}: nothing was imported");
        story.file("in.csv", format!("{HEADER}{rows}"));
    }
}

#[test]
fn a_file_that_disappears_while_it_is_read_is_read_to_its_end() {
    let story = Story::new();
    let rows: String = (0..100_000).map(|n| format!("C-{n:06},Kathryn,Smith\n")).collect();
    story.file("in.csv", format!("{HEADER}{rows}"));
    let child = start(&story, &["import", "in.csv"]);
    std::thread::sleep(Duration::from_millis(60));
    fs::remove_file(story.path("in.csv")).unwrap();
    let answer = Answer::of(child.wait_with_output().unwrap());
    // Removed before it was opened, it is missing; after that, it is whole.
    match answer.code {
        Some(3) => assert!(answer.err.contains("No such file"), "{}", answer.err),
        _ => assert_eq!(story.export().lines().count(), 100_001),
    }
}

fn start(story: &Story, words: &[&str]) -> Child {
    let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_muster"));
    command.env_clear().env("HOME", story.path("")).env("TZ", "UTC").current_dir(story.path("")).args(words);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
}

#[test]
fn a_base_in_use_names_who_has_it() {
    let story = Story::new();
    story.file("people.csv", PEOPLE).import("people.csv", 0);
    // An import that waits for its input has the base open. It may meet one of the looks below: then it waits for that.
    let mut holder = start(&story, &["import", "-", "--wait", "20"]);
    holder.stdin.as_mut().unwrap().write_all(HEADER.as_bytes()).unwrap();
    let mut answer = story.muster("history");
    for _ in 0..50 {
        if answer.code == Some(4) {
            break;
        }
        std::thread::sleep(Duration::from_millis(50));
        answer = story.muster("history");
    }
    let process = format!("muster (process {}, user ", holder.id());
    answer.exits(4).says("is in use by").says(&process).says(", since 20").says("--wait SECONDS");
    story.muster("import people.csv").exits(4);
    story.muster("doctor").exits(0).shows(&process);

    let waiting = start(&story, &["history", "--wait", "20"]);
    std::thread::sleep(Duration::from_millis(300));
    drop(holder.stdin.take());
    holder.wait().unwrap();
    let answer = Answer::of(waiting.wait_with_output().unwrap());
    answer.exits(0).shows("people.csv");
}

/// A base with some content, closed.
fn stored() -> Story {
    let story = Story::new();
    let rows: String = (0..3000).map(|n| format!("C-{n:06},Kathryn,Smith\n")).collect();
    story.file("in.csv", format!("{HEADER}{rows}")).import("in.csv", 0);
    story
}

fn db(story: &Story) -> std::path::PathBuf {
    story.path(BASE).join("store/db")
}

#[rstest]
#[case::missing("missing")]
#[case::emptied("emptied")]
#[case::cut("cut")]
#[case::zeroed("zeroed")]
#[case::zeroed_in_the_middle("middle")]
#[case::overwritten("overwritten")]
fn a_damaged_base_is_never_shown_as_an_empty_one(#[case] how: &str) {
    let story = stored();
    let path = db(&story);
    let size = fs::metadata(&path).unwrap().len();
    let file = OpenOptions::new().write(true).open(&path).unwrap();
    match how {
        "missing" => fs::remove_file(&path).unwrap(),
        "emptied" => file.set_len(0).unwrap(),
        "cut" => file.set_len(size / 2).unwrap(),
        "zeroed" => file.write_all_at(&vec![0; size as usize], 0).unwrap(),
        "middle" => file.write_all_at(&vec![0; size as usize / 3], size / 3).unwrap(),
        _ => file.write_all_at(&b"garbage ".repeat(size as usize / 8), 0).unwrap(),
    }
    let whole = |answer: &Answer| answer.code == Some(0) && answer.out.lines().count() == 3001;
    let answer = story.muster("export --to -");
    if !whole(&answer) {
        answer.exits(3).says("damaged").says("restore a backup");
    }
    let verify = story.muster("verify --json");
    let json = verify.json();
    match verify.code {
        Some(0) => assert_eq!(json["contacts"], 3000, "{how}: it says that nothing is damaged"),
        code => assert_eq!((code, json["damaged"].as_array().unwrap().is_empty()), (Some(1), false), "{how}"),
    }
    let doctor = story.muster("doctor").exits(0);
    assert!(doctor.out.contains("health"), "{}", doctor.out);
}

#[test]
fn a_flipped_bit_is_found_or_does_no_harm() {
    let story = Story::new();
    // Text that does not pack well, so that the base fills many segments of its file.
    let mut random = 1u64;
    let mut word = || {
        random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        random
    };
    let rows: String = (0..12_000).map(|n| format!("C-{n:06},K{:x},S{:x}\n", word(), word())).collect();
    story.file("in.csv", format!("{HEADER}{rows}")).import("in.csv", 0);
    let sound = fs::read(db(&story)).unwrap();
    let whole = story.export();
    let sidecar = fs::read(story.path(BASE).join("base.json")).unwrap();
    for n in 0..10 {
        let mut bytes = sound.clone();
        bytes[sound.len() / 10 * n + 99] ^= 4;
        fs::write(db(&story), bytes).unwrap();
        fs::write(story.path(BASE).join("base.json"), &sidecar).unwrap();
        let answer = story.muster("export --to -");
        match answer.code {
            Some(0) => assert!(answer.out == whole, "flip {n}: records are missing, and nobody says so"),
            _ => drop(answer.exits(3).says("damaged").says("restore a backup")),
        }
    }
}

#[test]
fn a_sidecar_that_knows_more_than_the_base_is_damage_and_a_newer_schema_is_refused() {
    let story = stored();
    let path = story.path(BASE).join("base.json");
    let sidecar = fs::read_to_string(&path).unwrap();
    let newer = sidecar.replace("\"commit\":1", "\"commit\":7");
    assert_ne!(newer, sidecar);
    fs::write(&path, newer).unwrap();
    story.muster("history").exits(3).says("damaged").says("it held commit 7").says("restore a backup");
    story.muster("verify").exits(1).shows("it held commit 7");

    fs::write(&path, sidecar.replace("\"schema\":1", "\"schema\":99")).unwrap();
    story.muster("history").exits(3).says("schema 99").says("use a newer muster");
    story.muster("import in.csv").exits(3).says("schema 99");

    fs::write(&path, "{").unwrap();
    story.muster("history").exits(3).says("base.json cannot be read");
    fs::write(&path, sidecar).unwrap();
    story.muster("verify").exits(0);
}

#[test]
fn a_base_that_is_no_folder_or_not_ours_is_named() {
    let story = Story::new();
    story.file("plain", "x").file("people.csv", PEOPLE);
    story.muster("history --base plain").exits(3).says("plain");
    story.muster("import people.csv --base plain").exits(3).says("plain").says("--base");
    // A folder with other things in it is no base, and looking at it leaves it alone.
    fs::create_dir(story.path("other")).unwrap();
    story.file("other/letter.txt", "dear");
    story.muster("history --base other").exits(0);
    assert_eq!(fs::read_dir(story.path("other")).unwrap().count(), 1);
}

/// A small file system in memory, gone with the value. `None` without the right to mount one.
struct SmallDisk(std::path::PathBuf);

impl SmallDisk {
    fn mount(at: &Path, megabytes: u32) -> Option<SmallDisk> {
        fs::create_dir(at).unwrap();
        let size = format!("size={megabytes}m");
        let mounted = std::process::Command::new("mount").args(["-t", "tmpfs", "-o", &size, "tmpfs"]).arg(at).output();
        mounted.is_ok_and(|output| output.status.success()).then(|| SmallDisk(at.to_owned()))
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let _ = std::process::Command::new("umount").arg("-l").arg(&self.0).output();
    }
}

#[test]
fn a_full_disk_stops_an_import_before_anything_is_changed() {
    let story = Story::new();
    let Some(disk) = SmallDisk::mount(&story.path("disk"), 64) else {
        println!("SKIPPED: a full disk needs the right to mount a tmpfs");
        return;
    };
    story.file("people.csv", PEOPLE).import("people.csv --base disk/base", 0);
    let before = story.muster("export --to - --base disk/base").exits(0).out;
    let rows: String = (0..40_000).map(|n| format!("C-{n:06},Kathryn,Smith\n")).collect();
    story.file("many.csv", format!("{HEADER}{rows}"));
    story.muster("import many.csv --base disk/base").exits(3).says("the disk is full").says("free some space");
    assert_eq!(story.muster("export --to - --base disk/base").exits(0).out, before);

    // Full to the last byte: reading still works, and what cannot be written is said.
    let mut filler = fs::File::create(story.path("disk/filler")).unwrap();
    while filler.write_all(&[0; 4096]).is_ok() {}
    story.muster("import many.csv --base disk/base").exits(3).says("disk");
    story.muster("export --to disk/out.csv --base disk/base").exits(3).says("disk/out.csv").says("No space left");
    assert!(!story.path("disk/out.csv").exists());
    story.muster("backup --to disk/copy --base disk/base").exits(3);
    assert_eq!(fs::read_dir(story.path("disk")).unwrap().count(), 2, "no half export, no half backup");
    fs::remove_file(story.path("disk/filler")).unwrap();
    assert_eq!(story.muster("export --to - --base disk/base").exits(0).out, before);
    story.muster("verify --base disk/base").exits(0);
    drop(disk);
}

#[test]
fn rejects_on_a_full_disk_stop_the_import() {
    let story = Story::new();
    let Some(disk) = SmallDisk::mount(&story.path("disk"), 1) else {
        println!("SKIPPED: a full disk needs the right to mount a tmpfs");
        return;
    };
    let rows: String = (0..40_000).map(|n| format!("C-{n:06},Kathryn,\n")).collect();
    story.file("many.csv", format!("{HEADER}C-1,Kathryn,Smith\n{rows}"));
    story.muster("import many.csv --rejects disk/r.csv").exits(3).says("disk/r.csv").says("No space left");
    assert_eq!(story.export().lines().count(), 1, "nothing was imported");
    assert!(!story.path("disk/r.csv").exists());
    drop(disk);
}

#[test]
fn a_reader_that_goes_away_ends_an_export_quietly() {
    let story = stored();
    let mut child = start(&story, &["export", "--to", "-"]);
    let mut first = [0; 10];
    child.stdout.as_mut().unwrap().read_exact(&mut first).unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert!(output.stderr.is_empty(), "{}", String::from_utf8_lossy(&output.stderr));
}
