//! What somebody probably meant, where the arguments alone do not tell.

use std::ffi::OsString;

use clap::builder::StyledStr;
use clap::error::{ContextKind, ContextValue, ErrorKind};

/// Adds a tip to a usage error, if there is one to give.
pub(super) fn add(error: &mut clap::Error, typed: &[OsString]) {
    let Some(ContextValue::String(unknown)) = error.get(ContextKind::InvalidArg) else {
        return;
    };
    let unknown = unknown.clone();
    let after_sandbox = typed
        .windows(2)
        .any(|pair| matches!(pair, [option, value] if option == "--sandbox" && *value == *unknown));
    if error.kind() == ErrorKind::UnknownArgument && after_sandbox {
        let tip = format!("the directory of a sandbox needs an equals sign: `--sandbox={unknown}`");
        let tips = ContextValue::StyledStrs(vec![StyledStr::from(tip)]);
        error.insert(ContextKind::Suggested, tips);
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser as _;

    use super::*;
    use crate::cli::Cli;

    fn said(typed: &[&str]) -> String {
        let typed: Vec<OsString> = typed.iter().map(OsString::from).collect();
        let mut error = Cli::try_parse_from(&typed).unwrap_err();
        add(&mut error, &typed);
        error.to_string()
    }

    #[test]
    fn a_sandbox_directory_without_its_equals_sign_is_explained() {
        let text = said(&["certctl", "plan", "--sandbox", "box"]);
        assert!(text.contains("tip: the directory of a sandbox"), "{text}");
        assert!(text.contains("`--sandbox=box`"), "{text}");
        let text = said(&["certctl", "plan", "box"]);
        assert!(!text.contains("sandbox="), "{text}");
    }
}
