//! The folder that stands for the bucket, and the roster beside it: what an earlier demo made is replaced, and nothing
//! else.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail, ensure};
use shared::digest::sha256_hex;

/// What the marker says, before the hash of the roster that the demo wrote.
const MARKER: &str = "An earlier demo made this folder; the next one empties it.\nIts roster: ";

/// Empties the folder, if an earlier demo made it and nobody else, and writes the roster beside it, in the place of that
/// demo's. Answers where the roster is.
///
/// # Errors
/// A sentence about files that no demo made, which stay, or about what the machine refuses.
pub(super) fn prepare(folder: &Path, roster: &str) -> anyhow::Result<PathBuf> {
    let marker = folder.join(".rollcall").join("demo");
    let earlier = fs::read_to_string(&marker).ok();
    let is_empty = fs::read_dir(folder).map_or(true, |mut entries| entries.next().is_none());
    if earlier.is_none() && !is_empty {
        bail!("{} has files that no demo made: choose another folder with --to", folder.display());
    }
    let (roster_file, register) = (beside(folder, "-roster.csv")?, beside(folder, "-register.xlsx")?);
    if earlier.is_none() && register.try_exists()? {
        bail!("{} is no demo's: move it away, or choose another folder with --to", register.display());
    }
    ensure!(
        is_free(&roster_file, earlier.as_deref())?,
        "{} is not as a demo wrote it: move it away, or choose another folder with --to",
        roster_file.display()
    );
    if earlier.is_some() {
        fs::remove_dir_all(folder).with_context(|| format!("{} cannot be emptied", folder.display()))?;
    }
    fs::create_dir_all(folder.join(".rollcall"))
        .with_context(|| format!("{} cannot be made", folder.display()))?;
    fs::write(&marker, format!("{MARKER}{}\n", sha256_hex(roster.as_bytes())))?;
    fs::write(&roster_file, roster)
        .with_context(|| format!("{} cannot be written", roster_file.display()))?;
    Ok(roster_file)
}

/// A file beside the folder, `rollcall-demo-roster.csv` beside `rollcall-demo`: nothing but the archive lies in that.
pub(super) fn beside(folder: &Path, ending: &str) -> anyhow::Result<PathBuf> {
    let folder = std::path::absolute(folder)?;
    let name = folder.file_name().context("the folder has no name: choose another one with --to")?;
    let mut file = name.to_owned();
    file.push(ending);
    Ok(folder.with_file_name(file))
}

/// Whether there is no such file, or the one that the demo wrote whose marker this is, as it wrote it.
fn is_free(file: &Path, marker: Option<&str>) -> anyhow::Result<bool> {
    if !file.try_exists()? {
        return Ok(true);
    }
    let hash = sha256_hex(&fs::read(file)?);
    Ok(marker.and_then(|marker| marker.trim_end().strip_prefix(MARKER)) == Some(hash.as_str()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parent() -> tempfile::TempDir {
        tempfile::tempdir().unwrap()
    }

    #[test]
    fn a_roster_as_the_demo_wrote_it_is_replaced_and_any_other_stays() {
        let parent = parent();
        let folder = parent.path().join("archive");
        let roster = prepare(&folder, "name\nNoor\n").unwrap();
        assert_eq!(roster, parent.path().join("archive-roster.csv"));
        fs::write(folder.join("object"), "x").unwrap();

        prepare(&folder, "name\nPetra\n").unwrap();
        assert_eq!(fs::read_to_string(&roster).unwrap(), "name\nPetra\n");
        assert!(!folder.join("object").exists());

        fs::write(folder.join("object"), "x").unwrap();
        fs::write(&roster, "name\nPetra\nDaan\n").unwrap();
        let refused = prepare(&folder, "name\nNoor\n").unwrap_err().to_string();
        assert!(
            refused.ends_with("is not as a demo wrote it: move it away, or choose another folder with --to")
        );
        assert_eq!(fs::read_to_string(&roster).unwrap(), "name\nPetra\nDaan\n");
        assert!(folder.join("object").exists());
    }

    #[test]
    fn what_no_demo_made_is_left_alone() {
        let parent = parent();
        let folder = parent.path().join("archive");
        fs::create_dir(&folder).unwrap();
        let roster = parent.path().join("archive-roster.csv");
        fs::write(&roster, "").unwrap();
        assert!(prepare(&folder, "name\n").is_err(), "somebody's roster");
        fs::remove_file(&roster).unwrap();
        fs::write(folder.join("object"), "x").unwrap();
        assert!(prepare(&folder, "name\n").is_err(), "somebody's folder");
        assert!(folder.join("object").exists() && !roster.exists());
    }
}
