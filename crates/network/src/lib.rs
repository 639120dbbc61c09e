//! The way to other machines, the same to the API and to a bucket.
//!
//! *Guarantees*: an HTTP client that begins here follows no redirect, by which what is meant for one
//! host would reach another, and repeats nothing by itself; a CA bundle counts whole or not at all; a
//! proxy that cannot be used is an error, and never the reason to go without one.
//!
//! | file | idea |
//! |---|---|
//! | `bundle` | the CAs in a file, besides the platform's |
//! | `proxy` | the proxies that the environment names |
//! | `cause` | what an error of the HTTP library means, in one line |

mod bundle;
mod cause;
mod proxy;

pub use bundle::{BundleError, read_bundle};
pub use cause::{causes, hint};
pub use proxy::{ProxyError, check_proxies, proxy_to};

/// What every HTTP client of certctl has in common.
pub fn client() -> reqwest::ClientBuilder {
    reqwest::Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .retry(reqwest::retry::never())
        .referer(false)
}
