//! This machine's clock and the API's contradict each other: what `apply` refuses for it, `plan` says
//! before, and `status --check` too.

use crate::http::send;
use crate::support::Place;

fn skew(server: &crate::support::Server, seconds: i32) {
    let conditions = format!(r#"{{"date_offset_seconds":{seconds}}}"#);
    let status = send("PUT", &server.control("/sandbox/conditions"), &conditions);
    assert_eq!(status, 200);
}

#[test]
fn a_plan_refuses_what_apply_refuses() {
    let mut place = Place::with_example("quickstart");
    let server = place.serve("--deploy-delay 0s");
    for seconds in [600, -600] {
        skew(&server, seconds);
        for line in ["plan", "apply --auto-approve", "status --check"] {
            let seen = place.certctl(line);
            assert_eq!(seen.code, 1, "{line}: {}", seen.stderr);
            let said = format!("{}{}", seen.stdout, seen.stderr);
            assert!(said.contains("clock_skew"), "{line}: {said}");
            assert!(said.contains("set this machine's clock"), "{line}: {said}");
        }
        let plan = place.certctl("plan --format json").json();
        assert_eq!(plan["applyable"], false);
        let errors = plan["diagnostics"].as_array().unwrap().iter();
        let errors: Vec<_> = errors.filter(|d| d["severity"] == "error").collect();
        assert_eq!(errors.len(), 1, "{errors:?}");
        assert_eq!(errors[0]["code"], "clock_skew");
        assert_eq!(errors[0]["blocks"], "account");
    }
    // Nothing was done; with clocks that agree, everything is.
    skew(&server, 90);
    place.certctl("apply --auto-approve").ok();
    // Where nothing is due, nothing is refused.
    skew(&server, 600);
    let seen = place.certctl("plan").ok();
    assert!(seen.stdout.contains("No changes"), "{}", seen.stdout);
}
