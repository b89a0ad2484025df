//! How the code is built: rooms that know each other in one direction only, and public items that say something.

mod documentation;
mod modules;

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write;
use std::path::{Path, PathBuf};

use documentation::{PublicItem, public_items};
use modules::Modules;

/// The rooms of `shared`, each with those that it may know.
const ROOMS: [(&str, &[&str]); 11] = [
    ("digest", &[]),
    ("env", &[]),
    ("backoff", &[]),
    ("memory", &[]),
    ("model", &["digest", "env"]),
    ("ports", &["digest", "env", "memory"]),
    ("graph", &["backoff", "digest", "env", "memory", "model", "ports"]),
    ("archive", &["digest", "model", "ports"]),
    ("jobs", &["model", "ports"]),
    ("lambda", &["archive", "backoff", "digest", "env", "graph", "jobs", "model", "ports"]),
    ("aws", &["archive", "graph", "ports"]),
];

/// A doc comment of so few words says nothing that the name does not say.
const FEWEST_WORDS: usize = 4;

/// The repository, or another checkout of it, to compare two: `CODE_STRUCTURE_OF=../other`.
#[expect(clippy::disallowed_methods, reason = "a test's own switch, no setting of Rollcall's")]
fn repository() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    std::env::var("CODE_STRUCTURE_OF").map_or(here, PathBuf::from)
}

/// The source folders of the crates that are shipped.
fn crates() -> BTreeMap<String, PathBuf> {
    let mut crates = BTreeMap::from([("shared".to_owned(), repository().join("shared/src"))]);
    for folder in ["functions", "infra"] {
        for entry in std::fs::read_dir(repository().join(folder)).unwrap() {
            let path = entry.unwrap().path();
            if path.join("Cargo.toml").is_file() {
                let name = path.file_name().unwrap().to_string_lossy().into_owned();
                crates.insert(name, path.join("src"));
            }
        }
    }
    crates
}

#[test]
fn no_module_knows_itself_through_others() {
    let circles: Vec<String> = crates()
        .into_iter()
        .flat_map(|(name, source)| {
            let circles = Modules::read(&source).circles();
            circles.into_iter().map(move |circle| format!("{name}: {}", circle.join(" → ")))
        })
        .collect();
    assert!(circles.is_empty(), "{}", circles.join("\n"));
}

#[test]
fn the_rooms_of_shared_know_each_other_in_one_direction() {
    let rooms: BTreeMap<&str, BTreeSet<&str>> =
        ROOMS.iter().map(|(room, known)| (*room, known.iter().copied().collect())).collect();
    let uses = Modules::read(&repository().join("shared/src")).uses_between_rooms();
    for (room, used, file) in &uses {
        let known = rooms.get(room.as_str()).unwrap_or_else(|| panic!("{room} is no room of shared"));
        assert!(room == used || known.contains(used.as_str()), "{file}: {room} must not know {used}");
    }
    for (room, known) in rooms {
        let is_used = |known: &&&str| uses.iter().any(|(a, b, _)| a == room && b == **known);
        let needless: Vec<_> = known.iter().filter(|known| !is_used(known)).collect();
        assert!(needless.is_empty(), "{room} does not use {needless:?} any more: take it out of its list");
    }
}

#[test]
fn each_public_item_says_something() {
    let items: Vec<PublicItem> = crates().values().flat_map(|source| public_items(source)).collect();
    let silent: Vec<String> = items
        .iter()
        .filter(|item| item.doc.split_whitespace().count() < FEWEST_WORDS)
        .map(|item| format!("{}: {}: {:?}", item.file, item.name, item.doc))
        .collect();
    assert!(silent.is_empty(), "{} of {} say nothing:\n{}", silent.len(), items.len(), silent.join("\n"));
}

/// The figures of the structure, for who compares two versions.
#[test]
fn figures_of_the_structure() {
    let mut lines = Vec::new();
    for source in crates().values() {
        for file in modules::rust_files(source) {
            let text = std::fs::read_to_string(&file).unwrap();
            lines.push((text.lines().count(), file));
        }
    }
    lines.sort();
    let total: usize = lines.iter().map(|(count, _)| count).sum();
    let (longest, file) = lines.last().unwrap();
    let long = lines.iter().filter(|(count, _)| *count > 300).count();
    let figures = format!(
        "{} files, {total} lines, median {}, {long} above 300, the longest {longest} ({})",
        lines.len(),
        lines[lines.len() / 2].0,
        file.file_name().unwrap().to_string_lossy(),
    );
    writeln!(std::io::stderr(), "{figures}").ok();
}
