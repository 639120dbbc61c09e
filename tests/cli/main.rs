//! certctl as a person sees it: the real binary, its exit codes, and every word that it prints.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

#[path = "../support/mod.rs"]
mod support;

mod approvals;
mod bad_input;
mod behind;
mod bucket;
mod clock_skew;
mod codes;
mod color;
mod custom;
mod default_state;
mod devices;
mod doctor;
mod evidence;
mod examples;
mod explain;
mod files;
mod fleet_output;
mod forecast;
mod forge;
mod full_disk;
mod history;
mod http;
mod import;
mod locks;
mod network;
mod own_ca;
mod packaging;
mod pages;
mod pem;
mod pipelines;
mod policy;
mod previews;
mod quickstart;
mod readme;
mod reference;
mod rendered;
mod requests;
mod rotation;
mod saved_plan;
mod secrets;
mod selection;
mod signals;
mod state_commands;
mod status;
mod terraform;
mod tokens;
mod trust_kit;
mod upload;
mod upload_guide;
mod waves;
mod who;
mod witnesses;
