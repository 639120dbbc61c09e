//! What a kit holds, read by other hands: openssl, Python's plistlib and ssl, Node.

use std::path::Path;
use std::process::Command;

use certctl_model::{CertificateId, Name, Timestamp};
use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, KeyPair};

use crate::{Entry, Kit, KitError, MANIFEST, Standing, kit, leftover};

fn pem(name: &str) -> String {
    let mut params = CertificateParams::default();
    params.distinguished_name.push(DnType::CommonName, name);
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let key = KeyPair::generate().unwrap();
    params.self_signed(&key).unwrap().pem()
}

fn entry(serial: u32, name: &str, standing: Standing) -> Entry {
    Entry {
        name: name.parse().unwrap(),
        id: CertificateId::made_up(serial),
        standing,
        expires: "2031-11-26T00:00:00Z".parse::<Timestamp>().unwrap(),
        pem: pem(name),
    }
}

fn account() -> Name {
    "acme".parse().unwrap()
}

/// In a directory of its own.
fn written(kit: &Kit) -> tempfile::TempDir {
    let place = tempfile::tempdir().unwrap();
    for (name, bytes) in kit {
        let path = place.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, bytes).unwrap();
    }
    place
}

/// What a program says about the kit; `None` where the program is not on this machine.
fn says(place: &Path, program: &str, arguments: &[&str]) -> Option<String> {
    let output = match Command::new(program)
        .args(arguments)
        .current_dir(place)
        .output()
    {
        Ok(output) => output,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return None,
        Err(error) => panic!("{program}: {error}"),
    };
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let wrong = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{program}: {text}{wrong}");
    Some(text)
}

#[test]
fn the_same_certificates_give_the_same_bytes_in_any_order() {
    let entries = [
        entry(1, "inspection", Standing::InUse),
        entry(2, "inspection", Standing::Successor),
        entry(3, "spare", Standing::Other),
    ];
    let first = kit(&account(), &entries).unwrap();
    let mut turned = entries.to_vec();
    turned.reverse();
    turned.push(Entry {
        standing: Standing::Other,
        ..entries[0].clone()
    });
    assert_eq!(kit(&account(), &turned).unwrap(), first);
    assert_eq!(first.len(), 6 + 5, "{:?}", first.keys());
    let readme = String::from_utf8(first["README.md"].clone()).unwrap();
    assert!(!readme.contains("NAME"), "{readme}");
    // certutil makes a database, and no directory for it.
    let nss: Vec<&str> = readme
        .lines()
        .filter(|line| line.contains("nssdb"))
        .collect();
    assert_eq!(nss.len(), 4, "{nss:?}");
    assert_eq!(nss[0], "mkdir -p \"$HOME/.pki/nssdb\"");
}

#[test]
fn other_programs_read_every_file() {
    let entries = [
        entry(1, "inspection", Standing::InUse),
        entry(2, "inspection", Standing::Successor),
    ];
    let kit = kit(&account(), &entries).unwrap();
    let place = written(&kit);
    let place = place.path();
    let prints = String::from_utf8(kit["fingerprints.txt"].clone()).unwrap();
    let mut read = 0;
    for line in prints.lines() {
        let (print, file) = line.split_once("  ").unwrap();
        let der = file.replace(".pem", ".der");
        for (file, form) in [(file, "PEM"), (der.as_str(), "DER")] {
            let arguments = [
                "x509",
                "-in",
                file,
                "-inform",
                form,
                "-noout",
                "-fingerprint",
                "-sha256",
            ];
            if let Some(text) = says(place, "openssl", &arguments) {
                assert_eq!(text.trim(), format!("sha256 Fingerprint={print}"));
                read += 1;
            }
        }
    }
    assert!(read == 4 || says(place, "openssl", &["version"]).is_none());
    says(place, "sha256sum", &["-c", MANIFEST]);
    let python = "\
import hashlib, plistlib, ssl, sys, uuid
profile = plistlib.load(open('gateway-ca.mobileconfig', 'rb'))
assert profile['PayloadType'] == 'Configuration' and profile['PayloadVersion'] == 1
assert profile['PayloadIdentifier'] == 'certctl.gateway-ca.acme'
payloads = profile['PayloadContent']
ids = [uuid.UUID(p['PayloadUUID']) for p in payloads + [profile]]
assert len(set(ids)) == 3 and all(i.version == 8 and i.variant == uuid.RFC_4122 for i in ids), ids
assert len({p['PayloadIdentifier'] for p in payloads}) == 2
assert {p['PayloadType'] for p in payloads} == {'com.apple.security.root'}
prints = [':'.join('%02X' % b for b in hashlib.sha256(p['PayloadContent']).digest()) for p in payloads]
assert prints == [line.split('  ')[0] for line in open('fingerprints.txt')], prints
context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
context.load_verify_locations('bundle.pem')
assert sorted(context.get_ca_certs(binary_form=True)) == sorted(p['PayloadContent'] for p in payloads)
print('read')
";
    if let Some(text) = says(place, "python3", &["-c", python]) {
        assert_eq!(text.trim(), "read");
    }
    let node = "\
const {X509Certificate} = require('crypto'), fs = require('fs');
const lines = fs.readFileSync('fingerprints.txt', 'utf8').trim().split('\\n');
for (const line of lines) {
  const [print, file] = line.split('  ');
  const found = new X509Certificate(fs.readFileSync(file));
  if (found.fingerprint256 !== print || !found.ca) throw new Error(line);
}
";
    says(place, "node", &["-e", node]);
}

#[test]
fn a_newer_kit_takes_away_what_only_an_older_one_wrote() {
    let old = kit(&account(), &[entry(1, "old", Standing::InUse)]).unwrap();
    let new = kit(&account(), &[entry(2, "new", Standing::InUse)]).unwrap();
    let manifest = String::from_utf8(old[MANIFEST].clone()).unwrap();
    let read = |name: &str| old.get(name).cloned();
    let gone = leftover(&manifest, &new, &read);
    assert_eq!(gone.len(), 2, "{gone:?}");
    assert!(
        gone.iter()
            .all(|name| name.starts_with("certificates/old-"))
    );
    assert!(leftover(&manifest, &old, &read).is_empty());

    let changed = |_: &str| Some(b"changed".to_vec());
    assert!(leftover(&manifest, &new, &changed).is_empty());
    let sum = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
    for name in ["../x", "/etc/x", "certificates/../x", "a/b", ".hidden", ""] {
        let found = leftover(&format!("{sum}  {name}\n"), &new, &|_| Some(Vec::new()));
        assert!(found.is_empty(), "{name}");
    }
}

#[test]
fn what_is_no_certificate_is_named() {
    let broken = Entry {
        pem: "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n".to_owned(),
        ..entry(1, "x", Standing::InUse)
    };
    let error = kit(&account(), &[broken]).unwrap_err();
    assert_eq!(error, KitError::Unreadable(CertificateId::made_up(1)));
    let empty = kit(&account(), &[]).unwrap();
    assert!(
        String::from_utf8(empty["README.md"].clone())
            .unwrap()
            .contains("none")
    );
}
