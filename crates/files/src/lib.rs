//! Files by their names: regular ones only, and no larger than they can be.
//!
//! *Guarantees*: nothing here waits for another process or reads without end, whatever a name leads to:
//! a named pipe, a device, a socket or a directory is an error that says what it is; so is a file that
//! is larger than its kind can be. What is certctl's own is never reached through a symbolic link, so
//! that nobody who may write beside it decides which file is meant. What is written stands whole and
//! durable, or not at all.

use std::fs::{self, File, FileType, OpenOptions};
use std::io::{self, ErrorKind, Read, Write as _};
use std::path::{Path, PathBuf};

/// Whether a name may lead elsewhere.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Links {
    /// A person named it, and may have meant a link.
    Follow,
    /// certctl named it: a link in its place was put there by somebody else.
    Refuse,
}

/// Opens a regular file.
///
/// # Errors
/// The operating system's, or that it is something else than a regular file.
pub fn open(path: &Path, options: &mut OpenOptions, links: Links) -> io::Result<File> {
    let found = match links {
        Links::Follow => fs::metadata(path),
        Links::Refuse => fs::symlink_metadata(path),
    };
    match found {
        Ok(found) => regular(found.file_type())?,
        Err(error) if error.kind() == ErrorKind::NotFound => {}
        Err(error) => return Err(error),
    }
    // Between the look and the opening it may have been replaced.
    patiently(options, links);
    let file = options.open(path)?;
    regular(file.metadata()?.file_type())?;
    Ok(file)
}

/// Reads a whole file of at most `most` bytes.
///
/// # Errors
/// As for [`open`]; and [`ErrorKind::FileTooLarge`].
pub fn read(path: &Path, most: u64, links: Links) -> io::Result<Vec<u8>> {
    let file = open(path, OpenOptions::new().read(true), links)?;
    if file.metadata()?.len() > most {
        return Err(too_large(most));
    }
    bounded(file, most)
}

/// Reads what there is, such as standard input, of at most `most` bytes.
///
/// # Errors
/// The operating system's, and [`ErrorKind::FileTooLarge`].
pub fn bounded(from: impl Read, most: u64) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    from.take(most.saturating_add(1)).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > most {
        return Err(too_large(most));
    }
    Ok(bytes)
}

/// Opens a file, made where there is none with the rights `mode`, to add to its end.
///
/// # Errors
/// As for [`open`].
pub fn append(path: &Path, mode: u32) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.append(true).create(true);
    made_with(&mut options, mode);
    open(path, &mut options, Links::Follow)
}

/// Gives a file new content, at once and durably; where there is none it is made with the rights
/// `mode`. A link leads to the file that is replaced.
///
/// # Errors
/// As for [`open`]; what was there before then still is.
pub fn replace(path: &Path, bytes: &[u8], mode: u32) -> io::Result<()> {
    let path = target(path)?;
    let folder = match path.parent() {
        Some(parent) if parent != Path::new("") => parent,
        _ => Path::new("."),
    };
    let mut temporary = temporary(mode).tempfile_in(folder)?;
    temporary.write_all(bytes)?;
    temporary.as_file().sync_all()?;
    temporary.persist(&path).map_err(|failed| failed.error)?;
    sync_directory(folder)
}

/// Makes what stands in a directory durable: the names of its files.
///
/// # Errors
/// The operating system's.
#[cfg(unix)]
pub fn sync_directory(path: &Path) -> io::Result<()> {
    File::open(path)?.sync_all()
}

/// Elsewhere a directory cannot be opened as a file, and a rename is durable by itself.
///
/// # Errors
/// None.
#[cfg(not(unix))]
pub fn sync_directory(_: &Path) -> io::Result<()> {
    Ok(())
}

/// The file that a name means.
fn target(path: &Path) -> io::Result<PathBuf> {
    match fs::metadata(path) {
        Ok(found) => {
            regular(found.file_type())?;
            if fs::symlink_metadata(path)?.is_symlink() {
                return fs::canonicalize(path);
            }
        }
        Err(error) if error.kind() == ErrorKind::NotFound => {}
        Err(error) => return Err(error),
    }
    Ok(path.to_owned())
}

/// Refuses what is no regular file, and says what it is.
fn regular(found: FileType) -> io::Result<()> {
    if found.is_file() {
        return Ok(());
    }
    let what = if found.is_dir() {
        "a directory"
    } else if found.is_symlink() {
        "a symbolic link"
    } else {
        special(found)
    };
    Err(io::Error::new(
        ErrorKind::InvalidInput,
        format!("it is {what}, not a regular file"),
    ))
}

#[cfg(unix)]
fn special(found: FileType) -> &'static str {
    use std::os::unix::fs::FileTypeExt as _;
    if found.is_fifo() {
        "a named pipe"
    } else if found.is_socket() {
        "a socket"
    } else {
        "a device"
    }
}

#[cfg(not(unix))]
fn special(_: FileType) -> &'static str {
    "something else"
}

fn too_large(most: u64) -> io::Error {
    let most = match most >> 20 {
        0 => format!("{} KiB", most >> 10),
        mebibytes => format!("{mebibytes} MiB"),
    };
    io::Error::new(
        ErrorKind::FileTooLarge,
        format!("it is larger than {most}, which is the most that is read"),
    )
}

/// No opening waits: not for the other end of a pipe, not for a terminal's line.
#[cfg(unix)]
fn patiently(options: &mut OpenOptions, links: Links) {
    use std::os::unix::fs::OpenOptionsExt as _;
    options.custom_flags(match links {
        Links::Follow => libc::O_NONBLOCK,
        Links::Refuse => libc::O_NONBLOCK | libc::O_NOFOLLOW,
    });
}

#[cfg(not(unix))]
fn patiently(_: &mut OpenOptions, _: Links) {}

#[cfg(unix)]
fn made_with(options: &mut OpenOptions, mode: u32) {
    use std::os::unix::fs::OpenOptionsExt as _;
    options.mode(mode);
}

#[cfg(not(unix))]
fn made_with(_: &mut OpenOptions, _: u32) {}

#[cfg(unix)]
fn temporary(mode: u32) -> tempfile::Builder<'static, 'static> {
    use std::os::unix::fs::PermissionsExt as _;
    let mut builder = tempfile::Builder::new();
    builder
        .prefix(".certctl-")
        .permissions(fs::Permissions::from_mode(mode));
    builder
}

#[cfg(not(unix))]
fn temporary(_: u32) -> tempfile::Builder<'static, 'static> {
    let mut builder = tempfile::Builder::new();
    builder.prefix(".certctl-");
    builder
}
