//! What went wrong on the way, in one line.

use std::error::Error;

/// The causes of an error in one line. reqwest's own text hides them, and says nothing itself.
#[must_use]
pub fn causes(error: &dyn Error) -> String {
    let mut parts: Vec<String> = Vec::new();
    let mut next = Some(error);
    while let Some(error) = next {
        let text = error.to_string();
        let generic = error.source().is_some()
            && [
                "error sending request",
                "client error (",
                "builder error",
                "error decoding",
            ]
            .iter()
            .any(|prefix| text.starts_with(prefix));
        if !generic && !parts.last().is_some_and(|last| last.contains(&text)) {
            parts.push(text);
        }
        next = error.source();
    }
    parts.join(": ")
}

/// What to do about a connection that was not made; none where that is not known.
#[must_use]
pub fn hint(message: &str) -> Option<&'static str> {
    if message.contains("UnknownIssuer") {
        Some(
            "if TLS is inspected on this network, give the inspecting CA certificate with \
             --ca-bundle FILE",
        )
    } else if message.contains("certificate") {
        Some("check the address, and whether this machine's clock is right")
    } else {
        None
    }
}
