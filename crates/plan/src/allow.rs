//! `--allow GUARD[:ADDRESS]`: a guard that a plan may pass, and where.

use std::fmt;
use std::str::FromStr;

use certctl_model::{Address, CertificateId, Guard, Invalid, Name};

/// A guard that may be passed.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Allow {
    /// Which guard.
    pub guard: Guard,
    /// Where.
    pub scope: Scope,
}

/// Where a guard may be passed.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Scope {
    /// Everywhere: nothing was named.
    Everywhere,
    /// In one account: only `wave` asks about one.
    Account(Name),
    /// At one address.
    Address(Address),
    /// For one certificate: only `last_available` asks about one.
    Certificate(CertificateId),
}

impl Allow {
    /// This guard, everywhere.
    #[must_use]
    pub fn everywhere(guard: Guard) -> Self {
        Self {
            guard,
            scope: Scope::Everywhere,
        }
    }
}

impl Scope {
    /// Whether it covers this address.
    #[must_use]
    pub fn covers(&self, address: &Address) -> bool {
        match self {
            Self::Everywhere => true,
            Self::Account(allowed) => *allowed == address.account,
            Self::Address(allowed) => allowed == address,
            Self::Certificate(_) => false,
        }
    }

    /// The address that it names.
    #[must_use]
    pub fn address(&self) -> Option<&Address> {
        match self {
            Self::Address(address) => Some(address),
            Self::Everywhere | Self::Account(_) | Self::Certificate(_) => None,
        }
    }
}

impl FromStr for Allow {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        let Some((guard, named)) = text.split_once(':') else {
            return text.parse().map(Self::everywhere);
        };
        let guard = guard.parse()?;
        if guard == Guard::Wave && !named.contains('/') {
            let scope = Scope::Account(named.parse()?);
            return Ok(Self { guard, scope });
        }
        let scope = match named.parse() {
            Ok(id) if guard == Guard::LastAvailable => Scope::Certificate(id),
            _ => Scope::Address(named.parse()?),
        };
        Ok(Self { guard, scope })
    }
}

impl fmt::Display for Allow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.scope {
            Scope::Everywhere => write!(f, "{}", self.guard),
            Scope::Account(name) => write!(f, "{}:{name}", self.guard),
            Scope::Address(address) => write!(f, "{}:{address}", self.guard),
            Scope::Certificate(id) => write!(f, "{}:{id}", self.guard),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_again() {
        let id = "0b0b0b0b-0000-4000-8000-000000000001";
        for text in [
            "in_use_moved",
            "in_use_moved:acme/inspection",
            "last_available:acme/inspection",
            "wave:acme",
            &format!("last_available:{id}"),
        ] {
            let allow: Allow = text.parse().unwrap();
            assert_eq!(allow.to_string(), text);
        }
        assert!(format!("in_use_moved:{id}").parse::<Allow>().is_err());
    }
}
