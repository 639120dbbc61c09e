//! `SHA256SUMS`: what a kit consists of. `sha256sum -c` checks it, and the next kit finds in it what
//! to take away.

use std::collections::BTreeMap;

use sha2::{Digest, Sha256};

use crate::entry::CERTIFICATES;

/// What the manifest is called.
pub const MANIFEST: &str = "SHA256SUMS";

/// The manifest of these files.
pub(crate) fn manifest(files: &BTreeMap<String, Vec<u8>>) -> String {
    files
        .iter()
        .map(|(name, bytes)| format!("{}  {name}\n", hex(bytes)))
        .collect()
}

/// The files of an older kit that are not in `kit` and are still as that kit wrote them: `manifest`
/// is that kit's, `read` gives a file's bytes. What somebody changed, or put there, is not among
/// them.
pub fn leftover(
    manifest: &str,
    kit: &BTreeMap<String, Vec<u8>>,
    read: &dyn Fn(&str) -> Option<Vec<u8>>,
) -> Vec<String> {
    let listed = manifest.lines().filter_map(|line| line.split_once("  "));
    listed
        .filter(|(_, name)| is_ours(name) && !kit.contains_key(*name))
        .filter(|(sum, name)| read(name).is_some_and(|bytes| hex(&bytes) == *sum))
        .map(|(_, name)| name.to_owned())
        .collect()
}

/// A name such as kits have: nothing that could lead out of their directory.
fn is_ours(name: &str) -> bool {
    let plain = |part: &str| {
        let fits = |b: u8| b.is_ascii_alphanumeric() || b == b'-' || b == b'.';
        !part.is_empty() && !part.starts_with('.') && part.bytes().all(fits)
    };
    match name.split_once('/') {
        Some((directory, file)) => directory == CERTIFICATES && plain(file),
        None => plain(name),
    }
}

fn hex(bytes: &[u8]) -> String {
    let digest = Sha256::digest(bytes);
    digest.iter().map(|b| format!("{b:02x}")).collect()
}
