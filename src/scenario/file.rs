//! Files that are read: each is opened once, must be a regular file, and is read up to a limit, whatever its length claims.

use std::fs::{File, OpenOptions};
use std::io::{self, Read};
use std::path::Path;

/// What is wrong with a pipe, a device or the like, and what helps.
pub const NOT_REGULAR: &str = "it is not a regular file; save what it gives to a file, and name that";

/// Options that do not wait for whoever is at the other end of a pipe.
#[must_use]
pub fn options() -> OpenOptions {
    let mut options = File::options();
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt;
        options.custom_flags(flags(rustix::fs::OFlags::empty()));
    }
    options
}

/// The same, for files that are ours: a link in the place of one is not followed either.
#[must_use]
pub fn own_options() -> OpenOptions {
    let mut options = options();
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt;
        options.custom_flags(flags(rustix::fs::OFlags::NOFOLLOW));
    }
    options
}

#[cfg(unix)]
fn flags(more: rustix::fs::OFlags) -> i32 {
    use rustix::fs::OFlags;
    (OFlags::NONBLOCK | OFlags::NOCTTY | more).bits().cast_signed()
}

/// Opens a regular file to be read.
///
/// # Errors
/// Those of the file system; `IsADirectory` for a folder, and `InvalidInput` for a pipe, a device and the like.
pub fn open(path: &Path) -> io::Result<File> {
    let file = match options().read(true).open(path) {
        // Some things that are no files cannot even be opened, for reasons that explain nothing.
        Err(error) => {
            let is_there = path
                .metadata()
                .is_ok_and(|found| !found.is_file() && !found.is_dir());
            return Err(if is_there { not_regular() } else { error });
        }
        Ok(file) => file,
    };
    let metadata = file.metadata()?;
    if metadata.is_dir() {
        return Err(io::ErrorKind::IsADirectory.into());
    }
    if !metadata.is_file() {
        return Err(not_regular());
    }
    Ok(file)
}

fn not_regular() -> io::Error {
    io::Error::new(io::ErrorKind::InvalidInput, NOT_REGULAR)
}

/// Reads a regular file that may have so many bytes.
///
/// # Errors
/// Those of [`open`]; `FileTooLarge` if it has more.
pub fn read(path: &Path, most: u64) -> io::Result<Vec<u8>> {
    let file = open(path)?;
    let length = file.metadata()?.len();
    let too_large = || {
        let message = format!("it has more than {most} bytes");
        io::Error::new(io::ErrorKind::FileTooLarge, message)
    };
    if length > most {
        return Err(too_large());
    }
    // The length is a hint only: some files say 0 and never end.
    let mut bytes = Vec::with_capacity(usize::try_from(length).unwrap_or(0));
    file.take(most.saturating_add(1)).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > most {
        return Err(too_large());
    }
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_read_up_to_its_limit() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("file");
        std::fs::write(&path, "12345").unwrap();
        assert_eq!(read(&path, 5).unwrap(), b"12345");
        assert_eq!(read(&path, 4).unwrap_err().kind(), io::ErrorKind::FileTooLarge);
        assert_eq!(
            open(folder.path()).unwrap_err().kind(),
            io::ErrorKind::IsADirectory
        );
        // It says that it is empty.
        let odd = Path::new("/proc/self/status");
        if odd.exists() {
            assert_eq!(read(odd, 10).unwrap_err().kind(), io::ErrorKind::FileTooLarge);
            assert!(read(odd, 1 << 20).unwrap().len() > 10);
        }
    }
}
