//! `rotation.trust_evidence`: a switch waits until enough devices had the time to fetch the certificate;
//! what is shown of them are counts, and nothing else.

mod fleet;
mod shown;
mod waits;
