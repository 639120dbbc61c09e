//! Temporary.
use std::time::Duration;
#[tokio::main(flavor = "current_thread")]
async fn main() {
    let arg = std::env::args().nth(1);
    let delay: f64 = std::env::var("DELAY")
        .ok()
        .and_then(|d| d.parse().ok())
        .unwrap_or(0.0);
    let options = certctl_sandbox::Options {
        data: arg.map(Into::into),
        deploy_delay: Duration::from_secs_f64(delay),
        ..Default::default()
    };
    let running = certctl_sandbox::Sandbox::start(options, "127.0.0.1:18787".parse().unwrap())
        .await
        .unwrap();
    eprintln!("{}", running.base_url());
    std::future::pending::<()>().await;
}
