//! What muster is built of: licences, sources and duplicates are those that `deny.toml` allows. Needs no network and no
//! tool but cargo; `cargo deny` reads the same file.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;
use std::process::Command;

use serde_json::Value;

/// `deny.toml` or `Cargo.toml`.
fn table(name: &str) -> toml::Table {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(name)).unwrap().parse().unwrap()
}

fn words(list: &toml::Value) -> Vec<&str> {
    list.as_array().unwrap().iter().map(|word| word.as_str().unwrap()).collect()
}

/// Every package that can be part of a build for Linux, tests included, without muster itself.
fn packages() -> Vec<Value> {
    let cargo = std::env::var("CARGO").unwrap_or_else(|_| "cargo".to_owned());
    let options =
        ["metadata", "--offline", "--locked", "--format-version=1", "--filter-platform=x86_64-unknown-linux-gnu"];
    let output = Command::new(cargo).args(options).current_dir(env!("CARGO_MANIFEST_DIR")).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let mut metadata: Value = serde_json::from_slice(&output.stdout).unwrap();
    let nodes = metadata["resolve"]["nodes"].as_array().unwrap();
    let used: BTreeSet<String> = nodes.iter().map(|node| node["id"].as_str().unwrap().to_owned()).collect();
    let own = metadata["resolve"]["root"].clone();
    let mut packages = std::mem::take(metadata["packages"].as_array_mut().unwrap());
    packages.retain(|package| used.contains(package["id"].as_str().unwrap()) && package["id"] != own);
    assert!(packages.len() > 100, "only {} packages", packages.len());
    packages
}

fn name(package: &Value) -> String {
    format!("{}@{}", package["name"].as_str().unwrap(), package["version"].as_str().unwrap())
}

/// Whether a licence expression can be met by the licences that are allowed: `OR` needs one side, `AND` both.
fn is_allowed(expression: &str, allowed: &[&str]) -> bool {
    let expression = expression.trim().replace(" / ", " OR ").replace('/', " OR ");
    for (operator, all) in [(" OR ", false), (" AND ", true)] {
        let parts = split(&expression, operator);
        if parts.len() > 1 {
            let mut good = parts.iter().map(|part| is_allowed(part, allowed));
            return if all { good.all(|good| good) } else { good.any(|good| good) };
        }
    }
    match expression.strip_prefix('(').and_then(|inner| inner.strip_suffix(')')) {
        Some(inner) => is_allowed(inner, allowed),
        None => allowed.contains(&expression.as_str()),
    }
}

/// The parts between an operator that stands in no parentheses.
fn split<'a>(expression: &'a str, operator: &str) -> Vec<&'a str> {
    let (mut parts, mut depth, mut start) = (Vec::new(), 0, 0);
    for (at, c) in expression.char_indices() {
        depth += i32::from(c == '(') - i32::from(c == ')');
        if depth == 0 && at >= start && expression[at..].starts_with(operator) {
            parts.push(&expression[start..at]);
            start = at + operator.len();
        }
    }
    parts.push(&expression[start..]);
    parts
}

#[test]
fn every_licence_is_allowed() {
    let deny = table("deny.toml");
    let allowed = words(&deny["licenses"]["allow"]);
    let refused: Vec<String> = packages()
        .iter()
        .filter(|package| !is_allowed(package["license"].as_str().unwrap_or_default(), &allowed))
        .map(|package| format!("{}: {}", name(package), package["license"]))
        .collect();
    assert!(refused.is_empty(), "allow the licence in deny.toml, or do without:\n{}", refused.join("\n"));
}

#[test]
fn everything_comes_from_the_registry() {
    let deny = table("deny.toml");
    let sources: Vec<String> =
        words(&deny["sources"]["allow-registry"]).iter().map(|source| format!("registry+{source}")).collect();
    let others: Vec<String> = packages()
        .iter()
        .filter(|package| !package["source"].as_str().is_some_and(|source| sources.iter().any(|known| known == source)))
        .map(name)
        .collect();
    assert!(others.is_empty(), "from elsewhere: {}", others.join(", "));
    let lock = table("Cargo.lock");
    let without_sum = lock["package"].as_array().unwrap().iter().filter(|package| package.get("checksum").is_none());
    assert_eq!(without_sum.count(), 1, "all but muster itself have a checksum");
}

#[test]
fn no_package_comes_twice_without_a_reason() {
    let deny = table("deny.toml");
    let skip = deny["bans"]["skip"].as_array().unwrap();
    let known: BTreeSet<&str> = skip.iter().map(|entry| entry["crate"].as_str().unwrap()).collect();
    assert!(skip.iter().all(|entry| entry["reason"].as_str().unwrap().len() > 5));
    let mut versions: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for package in packages() {
        versions.entry(package["name"].as_str().unwrap().to_owned()).or_default().insert(name(&package));
    }
    versions.retain(|_, versions| versions.len() > 1);
    let unknown: Vec<String> = versions
        .values()
        .filter(|versions| versions.iter().filter(|name| !known.contains(name.as_str())).count() != 1)
        .map(|versions| format!("{versions:?}"))
        .collect();
    assert!(unknown.is_empty(), "say why in deny.toml, bans.skip, for all but one of:\n{}", unknown.join("\n"));
    let present: BTreeSet<&str> = versions.values().flatten().map(String::as_str).collect();
    let stale: Vec<&&str> = known.iter().filter(|name| !present.contains(**name)).collect();
    assert!(stale.is_empty(), "in deny.toml, but not in the build any more: {stale:?}");
}

#[test]
fn banned_packages_are_not_there() {
    let deny = table("deny.toml");
    let banned: Vec<&str> =
        deny["bans"]["deny"].as_array().unwrap().iter().map(|b| b["name"].as_str().unwrap()).collect();
    let found: Vec<String> =
        packages().iter().filter(|package| banned.contains(&package["name"].as_str().unwrap())).map(name).collect();
    assert!(found.is_empty(), "{found:?}");
}

#[test]
fn own_code_has_no_unsafe() {
    assert_eq!(table("Cargo.toml")["lints"]["rust"]["unsafe_code"].as_str(), Some("forbid"));
}

#[test]
fn licence_expressions_are_understood() {
    let allowed = ["MIT", "Apache-2.0", "Unicode-3.0"];
    for good in
        ["MIT", "GPL-3.0 OR MIT", "Unlicense/MIT", "(MIT OR GPL-3.0) AND Unicode-3.0", "Apache-2.0 WITH x OR MIT"]
    {
        assert!(is_allowed(good, &allowed), "{good}");
    }
    for bad in ["", "GPL-3.0", "MIT AND GPL-3.0", "(GPL-3.0 OR MIT) AND BSL-1.0", "Apache-2.0 WITH x"] {
        assert!(!is_allowed(bad, &allowed), "{bad}");
    }
}
