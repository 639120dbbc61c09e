//! A certificate as a person names it.

use std::str::FromStr;

use certctl_model::{Address, CertificateId, Invalid, Role};
use clap::ValueEnum;

/// By its address, or by its id.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Subject {
    Address(Address),
    Id(CertificateId),
}

impl Subject {
    pub(crate) fn address(&self) -> Option<&Address> {
        match self {
            Self::Address(address) => Some(address),
            Self::Id(_) => None,
        }
    }

    pub(crate) fn id(&self) -> Option<&CertificateId> {
        match self {
            Self::Address(_) => None,
            Self::Id(id) => Some(id),
        }
    }
}

impl FromStr for Subject {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text.contains('/') {
            text.parse().map(Self::Address)
        } else {
            text.parse().map(Self::Id)
        }
    }
}

impl std::fmt::Display for Subject {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Address(address) => address.fmt(f),
            Self::Id(id) => id.fmt(f),
        }
    }
}

/// What a certificate is to its address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum RoleChoice {
    /// The certificate of the address
    Current,
    /// What will replace it
    Successor,
    /// What was replaced, kept as the way back
    Retiring,
}

impl RoleChoice {
    pub(crate) fn role(self) -> Role {
        match self {
            Self::Current => Role::Current,
            Self::Successor => Role::Successor,
            Self::Retiring => Role::Retiring,
        }
    }
}
