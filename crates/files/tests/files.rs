//! What is a file and what is not, and that nothing waits.
#![cfg(unix)]
#![expect(
    clippy::unwrap_used,
    reason = "a test says what it expects by panicking"
)]

use std::fs::{self, OpenOptions};
use std::io::{ErrorKind, Write as _};
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::os::unix::net::UnixListener;
use std::path::{Path, PathBuf};
use std::process::Command;

use certctl_files::{Links, append, open, read, replace};

fn fifo(folder: &Path) -> PathBuf {
    let path = folder.join("fifo");
    assert!(
        Command::new("mkfifo")
            .arg(&path)
            .status()
            .unwrap()
            .success()
    );
    path
}

/// Each thing that is no file, and the word for it.
fn others(folder: &Path) -> Vec<(PathBuf, &'static str)> {
    let socket = folder.join("socket");
    UnixListener::bind(&socket).unwrap();
    let pipe = fifo(folder);
    let linked = folder.join("linked");
    symlink(&pipe, &linked).unwrap();
    vec![
        (pipe, "a named pipe"),
        (linked, "a named pipe"),
        (socket, "a socket"),
        (folder.to_owned(), "a directory"),
        ("/dev/zero".into(), "a device"),
        ("/dev/full".into(), "a device"),
    ]
}

#[test]
fn what_is_no_file_is_named_and_never_waited_for() {
    let folder = tempfile::tempdir().unwrap();
    for (path, what) in others(folder.path()) {
        for failed in [
            read(&path, 100, Links::Follow).err(),
            append(&path, 0o600).err(),
            replace(&path, b"x", 0o600).err(),
            open(&path, OpenOptions::new().write(true), Links::Follow).err(),
        ] {
            let error = failed.unwrap();
            assert_eq!(
                error.to_string(),
                format!("it is {what}, not a regular file"),
                "{}",
                path.display()
            );
        }
    }
}

#[test]
fn a_link_is_followed_for_a_person_and_refused_for_certctl() {
    let folder = tempfile::tempdir().unwrap();
    let (file, link) = (folder.path().join("file"), folder.path().join("link"));
    fs::write(&file, "content").unwrap();
    symlink(&file, &link).unwrap();
    assert_eq!(read(&link, 100, Links::Follow).unwrap(), b"content");
    let error = read(&link, 100, Links::Refuse).unwrap_err();
    assert_eq!(
        error.to_string(),
        "it is a symbolic link, not a regular file"
    );
    let mut options = OpenOptions::new();
    options.write(true).truncate(true).create(true);
    open(&link, &mut options, Links::Refuse).unwrap_err();
    assert_eq!(fs::read(&file).unwrap(), b"content");

    let dangling = folder.path().join("dangling");
    symlink(folder.path().join("nothing"), &dangling).unwrap();
    open(&dangling, &mut options, Links::Refuse).unwrap_err();
    assert!(!folder.path().join("nothing").exists());
}

#[test]
fn a_file_is_read_up_to_its_bound() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("file");
    fs::write(&file, [b'x'; 2048]).unwrap();
    assert_eq!(read(&file, 2048, Links::Follow).unwrap().len(), 2048);
    let error = read(&file, 2047, Links::Follow).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::FileTooLarge);
    // No disk holds it, and no memory is asked for it.
    let huge = fs::File::create(folder.path().join("huge")).unwrap();
    huge.set_len(1 << 40).unwrap();
    let error = read(&folder.path().join("huge"), 64 << 20, Links::Follow).unwrap_err();
    assert_eq!(
        error.to_string(),
        "it is larger than 64 MiB, which is the most that is read"
    );
    let error = read(&folder.path().join("none"), 1, Links::Follow).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotFound);
}

#[test]
fn what_is_replaced_is_replaced_whole_where_a_link_leads() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("file");
    let link = folder.path().join("link");
    symlink("file", &link).unwrap();
    replace(&file, b"one", 0o600).unwrap();
    assert_eq!(
        fs::metadata(&file).unwrap().permissions().mode() & 0o777,
        0o600
    );
    replace(&link, b"two", 0o600).unwrap();
    assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
    assert_eq!(fs::read(&file).unwrap(), b"two");
    let names: Vec<_> = fs::read_dir(folder.path()).unwrap().collect();
    assert_eq!(names.len(), 2, "{names:?}");

    let mut log = append(&file, 0o600).unwrap();
    log.write_all(b" three").unwrap();
    assert_eq!(fs::read(&file).unwrap(), b"two three");
}
