//! Files that hold people's names and times: nobody else on the machine may read them.

use std::fs::{DirBuilder, File};
use std::io::{self, Write};
use std::path::Path;

use tempfile::NamedTempFile;

/// Writes a file, whole or not at all, that only its owner may read and write; one of that name is replaced.
pub(crate) fn write(file: &Path, bytes: &[u8]) -> io::Result<()> {
    let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    // A temporary file is its owner's alone, and stays so when it gets its name.
    let mut temporary = NamedTempFile::new_in(folder)?;
    temporary.write_all(bytes)?;
    // A machine that loses its power must not be left with the name alone.
    temporary.as_file().sync_all()?;
    temporary.persist(file).map_err(|refused| refused.error)?;
    Ok(())
}

/// Makes a folder, and those above it, which only their owner may look into; one that is there stays as it is.
pub(crate) fn make_folder(folder: &Path) -> io::Result<()> {
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}

/// Takes the lock of all processes on a file of its owner's, which is made where it is absent, until what this answers is
/// dropped. The folder must be there.
pub(crate) fn lock(file: &Path) -> io::Result<File> {
    let mut options = File::options();
    options.create(true).write(true).truncate(false);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let lock = options.open(file)?;
    lock.lock()?;
    Ok(lock)
}

#[cfg(all(test, unix))]
mod tests {
    use std::fs;
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn a_file_is_its_owners_alone_also_where_one_of_its_name_was_everybodys() {
        let folder = tempfile::tempdir().unwrap();
        let (below, mode) =
            (folder.path().join("a/b"), |path: &Path| fs::metadata(path).unwrap().permissions().mode());
        make_folder(&below).unwrap();
        let file = below.join("register.csv");
        fs::write(&file, "old").unwrap();
        fs::set_permissions(&file, fs::Permissions::from_mode(0o644)).unwrap();
        write(&file, b"new").unwrap();
        assert_eq!(fs::read(&file).unwrap(), b"new");
        assert_eq!((mode(&file) & 0o777, mode(&below) & 0o777), (0o600, 0o700));
        assert_eq!(fs::read_dir(&below).unwrap().count(), 1, "nothing else is left");
    }
}
