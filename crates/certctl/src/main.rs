//! certctl.
fn main() {}
