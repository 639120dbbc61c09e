//! Reaching a bucket: endpoints and keys, from the environment.
//!
//! *Invariants*: keys come from the environment only and are kept where errors are cleaned of them;
//! plain HTTP leaves this machine never. *Non-goals*: AWS profiles, which are files that another
//! program's rules apply to; instance metadata of AWS, which a wrong guess would wait for.

use std::cell::RefCell;

use crate::access::Access;
use crate::aws::{r2, s3};
use crate::azure::azure;
use crate::environment::Environment;
use crate::gcs::gcs;
use crate::object::Objects;
use crate::{Location, StateError};

/// Opens the bucket of a location; sends nothing yet.
pub(crate) fn open(
    location: &Location,
    access: &Access,
    env: &dyn Fn(&str) -> Option<String>,
) -> Result<Objects, StateError> {
    let env = Environment {
        location,
        access,
        env,
        secrets: RefCell::default(),
    };
    let store = match location {
        Location::S3 { bucket, .. } => s3(&env, bucket)?,
        Location::R2 { host, bucket, .. } => r2(&env, host, bucket)?,
        Location::Gcs { bucket, .. } => gcs(&env, bucket)?,
        Location::Azure { container, .. } => azure(&env, container)?,
        Location::Directory(_) => return Err(env.refuse("it is a directory", "open it as one")),
    };
    Ok(Objects::new(
        store,
        location.clone(),
        env.secrets.into_inner(),
    ))
}
