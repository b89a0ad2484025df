//! Folders on the disk: a file's name, and a folder's, is durable only when the folder that holds it is.

use std::fs::{self, File};
use std::io::{self, ErrorKind};
use std::path::Path;

/// Creates `folder`, and those that it lies in, where they are absent. After that each is durable.
pub(super) fn create_folder(folder: &Path) -> io::Result<()> {
    if folder.as_os_str().is_empty() || folder.is_dir() {
        return Ok(());
    }
    let parent = folder.parent().unwrap_or(Path::new(""));
    create_folder(parent)?;
    match fs::create_dir(folder) {
        Err(error) if error.kind() == ErrorKind::AlreadyExists && folder.is_dir() => {}
        created => created?,
    }
    sync_folder(parent)
}

/// Waits until the names in `folder` are on the disk. Windows writes them by itself, and opens no folder.
pub(super) fn sync_folder(folder: &Path) -> io::Result<()> {
    if !cfg!(unix) {
        return Ok(());
    }
    let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
    match File::open(folder)?.sync_all() {
        // Some network's file systems wait for names anyway, and refuse to be asked.
        Err(error) if matches!(error.kind(), ErrorKind::InvalidInput | ErrorKind::Unsupported) => Ok(()),
        synced => synced,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_is_created_with_those_that_it_lies_in_and_twice_is_once() {
        let root = tempfile::tempdir().unwrap();
        let folder = root.path().join("a/b/c");
        for _ in 0..2 {
            create_folder(&folder).unwrap();
            assert!(folder.is_dir());
            sync_folder(&folder).unwrap();
        }
        fs::write(folder.join("file"), "").unwrap();
        assert!(create_folder(&folder.join("file")).is_err());
        assert!(create_folder(&folder.join("file/d")).is_err());
        sync_folder(Path::new("")).unwrap();
    }
}
