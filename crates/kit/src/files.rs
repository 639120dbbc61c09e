//! All files of a kit.

use std::collections::{BTreeMap, BTreeSet};

use certctl_model::Name;

use crate::entry::{CERTIFICATES, Certificate, Entry, KitError};
use crate::manifest::{self, MANIFEST};
use crate::{profile, readme};

/// The files of one account, by their names below its directory.
pub type Kit = BTreeMap<String, Vec<u8>>;

/// Makes the kit of an account. The order of the entries does not matter; of two with the same
/// certificate one is kept, the one that stands higher.
///
/// # Errors
/// When one of them is not a certificate.
pub fn kit(account: &Name, entries: &[Entry]) -> Result<Kit, KitError> {
    let mut sorted: Vec<&Entry> = entries.iter().collect();
    sorted.sort_by_key(|entry| (entry.standing, &entry.name, entry.expires, &entry.id));
    let (mut certificates, mut seen) = (Vec::new(), BTreeSet::new());
    for entry in sorted {
        let certificate = Certificate::read(entry)?;
        if seen.insert(certificate.fingerprint) {
            certificates.push(certificate);
        }
    }
    let mut files = Kit::new();
    let (mut bundle, mut prints) = (String::new(), String::new());
    for certificate in &certificates {
        let stem = &certificate.stem;
        let pem = format!("{}\n", certificate.entry.pem.trim_end());
        bundle.push_str(&pem);
        prints.push_str(&format!(
            "{}  {CERTIFICATES}/{stem}.pem\n",
            certificate.fingerprint
        ));
        files.insert(format!("{CERTIFICATES}/{stem}.pem"), pem.into_bytes());
        files.insert(
            format!("{CERTIFICATES}/{stem}.der"),
            certificate.der.clone(),
        );
    }
    files.insert("bundle.pem".to_owned(), bundle.into_bytes());
    files.insert("fingerprints.txt".to_owned(), prints.into_bytes());
    files.insert(
        "gateway-ca.mobileconfig".to_owned(),
        profile::profile(account, &certificates)?,
    );
    files.insert(
        "README.md".to_owned(),
        readme::readme(account, &certificates).into_bytes(),
    );
    let sums = manifest::manifest(&files);
    files.insert(MANIFEST.to_owned(), sums.into_bytes());
    Ok(files)
}
