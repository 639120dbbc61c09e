//! What stands below each help: lines to paste.

pub(super) const CERTCTL: &str = "\
Examples:
  certctl validate                          # the spec alone, no request
  certctl plan                              # only reads
  certctl apply                             # asks before it does anything
  certctl apply --sandbox --auto-approve    # without an account
  certctl explain plan_moved                # what a code means, and what to do

The token is in CLOUDFLARE_API_TOKEN.
Exit codes: 0 done; 1 error; 2 steps are due, or something was found; 3 Cloudflare is still
deploying: run it again.";

pub(super) const VALIDATE: &str = "\
Examples:
  certctl validate
  certctl validate -f gateway/ --format json";

pub(super) const PLAN: &str = "\
Examples:
  certctl plan
  certctl plan --out plan.json               # then: certctl apply plan.json
  certctl plan --format markdown             # the comment for a pull request
  certctl plan --detailed-exitcode           # 2 when a step is due
  certctl plan --at 2027-01-01               # the plan of that day";

pub(super) const APPLY: &str = "\
Examples:
  certctl apply                              # shows the plan and asks
  certctl apply plan.json                    # what was saved, where it would still be planned so
  certctl apply --expect-digest sha256:...   # what has this digest, and nothing else
  certctl apply --only rotation --auto-approve --lock-timeout 10m    # the daily run
  certctl apply --rollback acme/inspection   # back to the predecessor
  certctl apply --compromised acme/inspection --reason 'INC-42'      # away from a key, at once";

pub(super) const STATUS: &str = "\
Examples:
  certctl status
  certctl status --check --within 30d        # 2 when something expires or is overdue
  certctl status --format prometheus >certctl.prom";

pub(super) const FORECAST: &str = "\
Examples:
  certctl forecast --until 2y
  certctl forecast --offline --until 400d --every 1h    # without a token or a request";

pub(super) const PEM: &str = "\
Examples:
  certctl pem acme/inspection >inspection.pem";

pub(super) const HISTORY: &str = "\
Examples:
  certctl history";

pub(super) const STATE: &str = "\
Examples:
  certctl state list
  certctl state pull acme >backup.json";

pub(super) const SHOW: &str = "\
Examples:
  certctl show plan.json
  certctl show plan.json --format markdown";

pub(super) const SCHEMA: &str = "\
Examples:
  certctl schema >spec.schema.json
  certctl schema plan";

pub(super) const SANDBOX: &str = "\
Examples:
  certctl sandbox --data .certctl/server --deploy-delay 1s
  certctl sandbox --listen 127.0.0.1:8080 --clock 2030-01-01";

pub(super) const EXPLAIN: &str = "\
Examples:
  certctl explain acme/inspection            # why it is what it is, and what is next
  certctl explain f174e90a-fafe-4643-bbbc-4a0ed4fc8415
  certctl explain in_use_moved               # a code, as in error[in_use_moved]
  certctl explain                            # all codes";

pub(super) const COMPLETIONS: &str = "\
Examples:
  certctl completions bash >~/.local/share/bash-completion/completions/certctl
  certctl completions zsh >\"${fpath[1]}/_certctl\"";

pub(super) const MAN: &str = "\
Examples:
  certctl man plan | man -l -
  certctl man --out ~/.local/share/man/man1";
