//! The HCL that makes Terraform forget certificates without destroying them, and leave alone which
//! one is in use.

use std::collections::BTreeSet;

use crate::resource::Resource;

/// What Terraform has to forget, and what it has to ignore.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Forgotten {
    /// Addresses of resources.
    certificates: BTreeSet<String>,
    settings: BTreeSet<Settings>,
}

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Settings {
    in_root: bool,
    address: String,
    kind: String,
    name: String,
    /// The attribute that holds the certificate in use.
    attribute: &'static str,
}

impl Forgotten {
    /// Whether there is nothing for Terraform to forget or to ignore.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.certificates.is_empty() && self.settings.is_empty()
    }

    /// Takes up a certificate; whether its address can stand in HCL.
    pub(crate) fn forget(&mut self, resource: &Resource<'_>) -> bool {
        let address = resource.whole();
        let fits = address.is_some();
        self.certificates.extend(address);
        fits
    }

    /// Takes up the settings of Gateway; whether their address can stand in HCL.
    pub(crate) fn ignore(&mut self, resource: &Resource<'_>) -> bool {
        let Some(address) = resource.whole() else {
            return false;
        };
        self.settings.insert(Settings {
            in_root: resource.module.is_empty(),
            address,
            kind: resource.kind.to_owned(),
            name: resource.name.to_owned(),
            attribute: if resource.get("settings").is_some() {
                "settings.certificate"
            } else {
                "certificate"
            },
        });
        true
    }

    /// The `removed` blocks, for a file of the root module; `None` where there is none to write.
    #[must_use]
    pub fn removed(&self) -> Option<String> {
        if self.certificates.is_empty() {
            return None;
        }
        let mut text = REMOVED.to_owned();
        for address in &self.certificates {
            text.push_str(&format!(
                "\nremoved {{\n  from = {address}\n\n  lifecycle {{\n    destroy = false\n  }}\n}}\n"
            ));
        }
        Some(text)
    }

    /// The `ignore_changes`, for a file of the root module whose name ends with `_override.tf`; `None`
    /// where there is none to write.
    #[must_use]
    pub fn ignored(&self) -> Option<String> {
        if self.settings.is_empty() {
            return None;
        }
        let mut text = IGNORED.to_owned();
        for settings in &self.settings {
            let lines = [
                format!("resource \"{}\" \"{}\" {{", settings.kind, settings.name),
                "  lifecycle {".to_owned(),
                format!("    ignore_changes = [{}]", settings.attribute),
                "  }".to_owned(),
                "}".to_owned(),
            ];
            text.push('\n');
            if !settings.in_root {
                text.push_str(&format!(
                    "# {} is in a module: add this to it there.\n",
                    settings.address
                ));
            }
            for line in lines {
                let sign = if settings.in_root { "" } else { "# " };
                text.push_str(&format!("{sign}{line}\n"));
            }
        }
        Some(text)
    }
}

/// What every file of ours begins with.
pub const MARK: &str = "# Written by `certctl import --from-terraform`.";

const REMOVED: &str = "\
# Written by `certctl import --from-terraform`. Terraform 1.7 or newer forgets these certificates
# with its next apply and destroys none of them. An older one does the same with
# `terraform state rm ADDRESS`.
#
# Before that apply:
#   1. remove the `resource` blocks of these certificates;
#   2. replace every reference to them, such as `certificate = { id = … }` in the Gateway settings,
#      by the id itself.
# After it, this file can be removed.
";

const IGNORED: &str = "\
# Written by `certctl import --from-terraform`. Terraform merges this file into its resources, as its
# name ends with `_override.tf`: certctl decides which certificate Gateway uses, and Terraform leaves
# that as it finds it. Keep it, or write the same `lifecycle` into the resource. If the resource has
# `ignore_changes` already, write it there: this list would replace that one.
";
