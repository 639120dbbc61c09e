//! The sequences of steps that rules are made of, each on one certificate.

pub(crate) mod bring_up;
pub(crate) mod start;
pub(crate) mod switch;
pub(crate) mod take_down;
