//! Cloudflare's own clients drive the sandbox through a certificate's life, where they are installed.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use certctl_sandbox::{Options, Sandbox};

/// The Python SDK: `pip install cloudflare==5.9.0`.
#[test]
fn the_official_python_sdk() {
    let python = std::env::var("CERTCTL_TEST_PYTHON").unwrap_or_else(|_| "python3".to_owned());
    let installed = runs(Command::new(&python).args(["-c", "import cloudflare"]));
    if !installed {
        println!("skipped, because the Python package cloudflare is not installed");
        return;
    }
    drive(Command::new(&python).arg(script("sdk_python.py")));
}

/// The JavaScript SDK: `npm install cloudflare@7.3.0`, in a folder that `CERTCTL_TEST_NODE` names.
#[test]
fn the_official_javascript_sdk() {
    let home = std::env::var_os("CERTCTL_TEST_NODE").map(PathBuf::from);
    let Some(home) = home.filter(|home| home.join("node_modules/cloudflare").is_dir()) else {
        println!("skipped, because the npm package cloudflare is not installed");
        return;
    };
    // It looks for modules from its working directory.
    drive(
        Command::new("node")
            .arg(script("sdk_node.mjs"))
            .current_dir(home),
    );
}

fn drive(command: &mut Command) {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .unwrap();
    let options = Options {
        deploy_delay: std::time::Duration::from_millis(100),
        ..Options::default()
    };
    let running = runtime
        .block_on(Sandbox::start(options, "127.0.0.1:0".parse().unwrap()))
        .unwrap();
    let output = command
        .env("CLOUDFLARE_BASE_URL", running.base_url())
        .stdin(Stdio::null())
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(
        output.status.success(),
        "{}{said}",
        String::from_utf8_lossy(&output.stdout)
    );
    runtime.block_on(running.shutdown());
}

fn runs(command: &mut Command) -> bool {
    command
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|s| s.success())
}

fn script(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../tests/contract")
        .join(name)
}
