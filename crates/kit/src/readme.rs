//! The README of a kit: what is in it, and the commands of each platform.
//!
//! The commands name the files of this kit, so that they can be pasted from its directory.

use certctl_model::Name;

use crate::entry::Certificate;

pub(crate) fn readme(account: &Name, certificates: &[Certificate]) -> String {
    let mut text = format!("# Certificates of Cloudflare Gateway: {account}\n\n");
    text.push_str(
        "Gateway inspects TLS with these certificates. A device that does not trust them shows \
         certificate errors on every page.\n\n",
    );
    if certificates.is_empty() {
        text.push_str("There is none at the moment.\n");
        return text;
    }
    text.push_str("| file | expires | what it is | SHA-256 |\n|---|---|---|---|\n");
    for certificate in certificates {
        text.push_str(&format!(
            "| `certificates/{}.pem`, `.der` | {} | {} | `{}` |\n",
            certificate.stem,
            certificate.expires(),
            certificate.entry.standing.told(),
            certificate.fingerprint,
        ));
    }
    text.push_str(ABOUT);
    let each = |line: &str| -> String {
        certificates
            .iter()
            .map(|certificate| format!("{}\n", line.replace("NAME", &certificate.stem)))
            .collect()
    };
    for section in SECTIONS {
        text.push_str(&format!("\n## {}\n\n", section.title));
        for part in section.parts {
            match part {
                Part::Words(words) => text.push_str(&format!("{words}\n\n")),
                Part::Commands(language, lines) => {
                    text.push_str(&format!("```{language}\n"));
                    for line in *lines {
                        if line.contains("NAME") {
                            text.push_str(&each(line));
                        } else {
                            text.push_str(&format!("{line}\n"));
                        }
                    }
                    text.push_str("```\n\n");
                }
            }
        }
        text.truncate(text.trim_end().len());
        text.push('\n');
    }
    text
}

const ABOUT: &str = "
Install all of them: while a certificate is being replaced, devices need its predecessor and its
successor. `bundle.pem` holds all of them, one after the other. Compare the SHA-256 with what the
Cloudflare dashboard shows before you hand anything on.

Run the commands in the directory of this file.
";

/// One platform.
struct Section {
    title: &'static str,
    parts: &'static [Part],
}

enum Part {
    Words(&'static str),
    /// A language, and lines; one with `NAME` is repeated for each certificate.
    Commands(&'static str, &'static [&'static str]),
}

use Part::{Commands, Words};

const SECTIONS: &[Section] = &[
    Section {
        title: "Check the files",
        parts: &[Commands(
            "sh",
            &[
                "sha256sum -c SHA256SUMS",
                "openssl x509 -in certificates/NAME.pem -noout -fingerprint -sha256 -subject -enddate",
            ],
        )],
    },
    Section {
        title: "Cloudflare One Client (WARP)",
        parts: &[Words(
            "From version 2024.12.554.0 on, the client installs all available certificates by itself on \
             Windows, macOS and Debian-based Linux, if *Install CA to system certificate store* is on \
             (Zero Trust → Settings → WARP Client). An older client installs only the certificate in \
             use. On macOS the certificate still has to be trusted: see below. On other systems, and \
             for programs with a trust store of their own, install it as follows.",
        )],
    },
    Section {
        title: "macOS",
        parts: &[
            Words(
                "By device management: deploy `gateway-ca.mobileconfig`. What a management server \
                 installs is trusted at once. By hand:",
            ),
            Commands(
                "sh",
                &[
                    "sudo security add-trusted-cert -d -r trustRoot -k /Library/Keychains/System.keychain certificates/NAME.pem",
                ],
            ),
        ],
    },
    Section {
        title: "iOS and iPadOS",
        parts: &[Words(
            "By device management: deploy `gateway-ca.mobileconfig`. By hand: open that file on the \
             device, install it in Settings → General → VPN & Device Management, then switch each \
             certificate on in Settings → General → About → Certificate Trust Settings.",
        )],
    },
    Section {
        title: "Windows",
        parts: &[
            Words(
                "By group policy: Computer Configuration → Policies → Windows Settings → Security \
                 Settings → Public Key Policies → Trusted Root Certification Authorities → Import, each \
                 `.der` file. By Intune: a *Trusted certificate* profile for each, store *Computer \
                 certificate store – Root*, with the `.der` file renamed to `.cer`. By hand, in a \
                 console with administrator rights:",
            ),
            Commands(
                "bat",
                &["certutil -addstore -f Root certificates\\NAME.der"],
            ),
        ],
    },
    Section {
        title: "Debian, Ubuntu, Alpine",
        parts: &[Commands(
            "sh",
            &[
                "sudo install -m 0644 certificates/NAME.pem /usr/local/share/ca-certificates/NAME.crt",
                "sudo update-ca-certificates",
            ],
        )],
    },
    Section {
        title: "Red Hat, Fedora, Amazon Linux",
        parts: &[Commands(
            "sh",
            &[
                "sudo install -m 0644 certificates/NAME.pem /etc/pki/ca-trust/source/anchors/NAME.pem",
                "sudo update-ca-trust",
            ],
        )],
    },
    Section {
        title: "SUSE",
        parts: &[Commands(
            "sh",
            &[
                "sudo install -m 0644 certificates/NAME.pem /etc/pki/trust/anchors/NAME.pem",
                "sudo update-ca-certificates",
            ],
        )],
    },
    Section {
        title: "Arch Linux",
        parts: &[Commands(
            "sh",
            &["sudo trust anchor --store certificates/NAME.pem"],
        )],
    },
    Section {
        title: "Firefox, and Chrome on Linux",
        parts: &[
            Words(
                "Firefox on Windows and macOS takes the system's certificates. On Linux both have a \
                 database of their own; for the user who runs this (package `libnss3-tools` or \
                 `nss-tools`; Firefox has its database in its profile directory instead):",
            ),
            Commands(
                "sh",
                &[
                    "mkdir -p \"$HOME/.pki/nssdb\"",
                    "certutil -d sql:\"$HOME/.pki/nssdb\" -A -t C,, -n NAME -i certificates/NAME.pem",
                ],
            ),
        ],
    },
    Section {
        title: "Android",
        parts: &[Words(
            "By device management: upload each `.pem` file as a trusted CA certificate of the work \
             profile or device. By hand: Settings → Security → Encryption & credentials → Install a \
             certificate → CA certificate, with the `.der` file renamed to `.crt`. Many apps do not \
             trust certificates that a user installed.",
        )],
    },
    Section {
        title: "ChromeOS",
        parts: &[Words(
            "Admin console → Devices → Networks → Certificates → Add certificate: each `.pem` file, \
             with *Chromebook* ticked under *Certificate Authority*.",
        )],
    },
    Section {
        title: "Java",
        parts: &[
            Words("Once for each Java installation; `-cacerts` is its own trust store:"),
            Commands(
                "sh",
                &[
                    "keytool -importcert -noprompt -cacerts -storepass changeit -alias NAME -file certificates/NAME.pem",
                ],
            ),
        ],
    },
    Section {
        title: "Python",
        parts: &[
            Words(
                "`requests`, `pip` and others bring a list of certificates of their own. They take \
                 another, which has to hold the public ones too:",
            ),
            Commands(
                "sh",
                &[
                    "cat \"$(python3 -m certifi)\" bundle.pem > with-gateway.pem",
                    "export REQUESTS_CA_BUNDLE=\"$PWD/with-gateway.pem\" PIP_CERT=\"$PWD/with-gateway.pem\" SSL_CERT_FILE=\"$PWD/with-gateway.pem\"",
                ],
            ),
        ],
    },
    Section {
        title: "Node.js",
        parts: &[
            Words("Besides the public certificates, for every process that has this variable:"),
            Commands("sh", &["export NODE_EXTRA_CA_CERTS=\"$PWD/bundle.pem\""]),
        ],
    },
    Section {
        title: "Containers",
        parts: &[
            Words(
                "Images bring a trust store of their own. In the Dockerfile of an image that is based on \
                 Debian, Ubuntu or Alpine and has the package `ca-certificates`:",
            ),
            Commands(
                "dockerfile",
                &[
                    "COPY certificates/NAME.pem /usr/local/share/ca-certificates/NAME.crt",
                    "RUN update-ca-certificates",
                    "COPY bundle.pem /etc/ssl/gateway-bundle.pem",
                    "ENV NODE_EXTRA_CA_CERTS=/etc/ssl/gateway-bundle.pem",
                ],
            ),
        ],
    },
    Section {
        title: "Afterwards",
        parts: &[Words(
            "A certificate that is no longer in this directory is no longer needed: remove it from \
             devices in the way that you installed it.",
        )],
    },
];
