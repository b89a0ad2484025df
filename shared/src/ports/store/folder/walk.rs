//! The keys in a folder, in the order of their bytes: only the folders on the way are read, however many there are.

use std::fs;
use std::io::{self, ErrorKind};
use std::path::Path;

/// The first `most` keys below `root` that begin with `prefix` and come after `after`, and whether there is none beyond.
pub(super) fn keys(
    root: &Path,
    prefix: &str,
    after: Option<&str>,
    most: usize,
) -> io::Result<(Vec<String>, bool)> {
    let mut walk = Walk { root, prefix, after: after.unwrap_or_default(), most, keys: Vec::new() };
    walk.add(prefix.rsplit_once('/').map_or("", |(folder, _)| folder))?;
    let is_last = walk.keys.len() <= most;
    walk.keys.truncate(most);
    Ok((walk.keys, is_last))
}

struct Walk<'a> {
    root: &'a Path,
    prefix: &'a str,
    after: &'a str,
    most: usize,
    keys: Vec<String>,
}

impl Walk<'_> {
    /// Adds the keys of the objects in `folder` and below it, until there is one more than is asked for.
    fn add(&mut self, folder: &str) -> io::Result<()> {
        for path in self.paths(folder)? {
            if self.keys.len() > self.most {
                break;
            }
            match path.strip_suffix('/') {
                Some(folder) => self.add(folder)?,
                None => self.keys.push(path),
            }
        }
        Ok(())
    }

    /// What lies in `folder` and may be asked for, in order; a folder's path ends with a slash, as its keys go on.
    fn paths(&self, folder: &str) -> io::Result<Vec<String>> {
        let entries = match fs::read_dir(self.root.join(folder)) {
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
            entries => entries?,
        };
        let mut paths = Vec::new();
        for entry in entries {
            let entry = entry?;
            let name = entry.file_name();
            // Metadata, and files that are being written. A key's segments never begin with a dot.
            let Some(name) = name.to_str().filter(|name| !name.starts_with('.')) else { continue };
            let slash = if is_folder(&entry)? { "/" } else { "" };
            let path =
                if folder.is_empty() { format!("{name}{slash}") } else { format!("{folder}/{name}{slash}") };
            if self.may_be_asked_for(&path) {
                paths.push(path);
            }
        }
        paths.sort_unstable();
        Ok(paths)
    }

    fn may_be_asked_for(&self, path: &str) -> bool {
        let is_below = path.starts_with(self.prefix) || self.prefix.starts_with(path);
        is_below && (path > self.after || (path.ends_with('/') && self.after.starts_with(path)))
    }
}

/// Whether an entry is a folder, also by a link.
fn is_folder(entry: &fs::DirEntry) -> io::Result<bool> {
    let kind = entry.file_type()?;
    if !kind.is_symlink() {
        return Ok(kind.is_dir());
    }
    Ok(fs::metadata(entry.path()).is_ok_and(|found| found.is_dir()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder(keys: &[&str]) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        for key in keys {
            let path = folder.path().join(key);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, key).unwrap();
        }
        folder
    }

    #[test]
    fn whatever_the_size_of_a_page_the_keys_come_in_the_order_of_their_bytes() {
        let mut all =
            ["a/b/1", "a/b.json", "a/b-1", "a/b0", "a/c/d/e", "ab", "b/1", ".rollcall/a/b/1.json", "a/b/~x"];
        let folder = folder(&all);
        all.sort_unstable();
        for prefix in ["", "a", "a/", "a/b", "a/b/", "a/c/d/e", "x/"] {
            let wanted: Vec<&str> =
                all.iter().copied().filter(|key| key.starts_with(prefix) && !key.starts_with('.')).collect();
            for most in 1..=all.len() {
                let (mut found, mut after) = (Vec::new(), None::<String>);
                loop {
                    let (keys, is_last) = keys(folder.path(), prefix, after.as_deref(), most).unwrap();
                    after = keys.last().cloned();
                    found.extend(keys);
                    if is_last {
                        break;
                    }
                }
                assert_eq!(found, wanted, "{prefix} {most}");
            }
        }
    }
}
