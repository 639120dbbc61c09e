//! Who did what a plan found done past certctl: one request to Cloudflare's audit log, where somebody moved
//! in-use, or made a certificate that may be ours.
//!
//! *Guarantees*: nothing is asked where none of that was said; nothing fails and nothing is decided by what
//! comes of it.

use certctl_cloudflare::{Act, Unlogged};
use certctl_model::{
    AccountState, CertificateId, Code, Diagnostic, InUse, Observed, Period, Timestamp,
};
use certctl_plan::{Plan, escape, time};
use certctl_spec::Account;

use crate::fleet::Fleet;
use crate::side_by_side::side_by_side;
use crate::survey::Survey;

/// How far from its creation the request for it is looked for: clocks and the log's own delay.
const NEAR: Period = Period::seconds(5 * 60);
/// How long the log keeps what was done.
const KEPT_DAYS: u32 = 540;
/// How much of a name is shown, in characters.
const LONGEST: usize = 120;

/// What is asked of the log.
enum Question {
    /// Who made Gateway use this one, within this span.
    Moved(CertificateId, Span),
    /// Who made these, each at its time.
    Made(Vec<(CertificateId, Timestamp)>),
}

/// From when until when.
type Span = (Timestamp, Timestamp);

impl Fleet<'_> {
    /// Adds to a plan who did what three of its diagnostics found: a warning behind each.
    pub async fn name_who(&self, surveys: &[Survey], plan: &mut Plan) {
        let accounts = self.spec.accounts.iter().zip(surveys);
        let asked: Vec<(&Account, Vec<(Diagnostic, Question)>)> = accounts
            .map(|(account, survey)| (account, self.questions(account, survey, plan)))
            .filter(|(_, questions)| !questions.is_empty())
            .collect();
        let answers = asked
            .into_iter()
            .map(|(account, questions)| self.answers(account, questions));
        let answers: Vec<Vec<(Diagnostic, Diagnostic)>> =
            side_by_side(self.settings.parallelism, answers).await;
        for (about, answer) in answers.into_iter().flatten() {
            let place = plan.diagnostics.iter().rposition(|said| *said == about);
            let place = place.map_or(plan.diagnostics.len(), |place| place + 1);
            plan.diagnostics.insert(place, answer);
        }
    }

    fn questions(
        &self,
        account: &Account,
        survey: &Survey,
        plan: &Plan,
    ) -> Vec<(Diagnostic, Question)> {
        let Ok(observed) = &survey.observed else {
            return Vec::new();
        };
        let here = |said: &&Diagnostic| said.account.as_ref() == Some(&account.name);
        let said = plan.diagnostics.iter().filter(here);
        said.filter_map(|said| {
            let question = match said.code {
                Code::InUseMoved => {
                    let now = observed.date.unwrap_or(plan.planned_at);
                    moved(observed, survey.state.as_ref()?, now)?
                }
                Code::AmbiguousCreate | Code::StaleState => made(observed, said)?,
                _ => return None,
            };
            Some((said.clone(), question))
        })
        .collect()
    }

    /// One request for all questions of an account.
    async fn answers(
        &self,
        account: &Account,
        questions: Vec<(Diagnostic, Question)>,
    ) -> Vec<(Diagnostic, Diagnostic)> {
        let spans = questions.iter().flat_map(|(_, question)| question.spans());
        let span = spans.reduce(|a: Span, b: Span| (a.0.min(b.0), a.1.max(b.1)));
        let Some((since, before)) = span else {
            return Vec::new();
        };
        let log = self.client.audit_log(&account.account_id, since, before);
        match log.await {
            Ok(acts) => questions
                .into_iter()
                .flat_map(|(about, question)| {
                    let found = question.answers(&acts);
                    let answer = move |message| (about.clone(), named(&about, message));
                    found.into_iter().rev().map(answer)
                })
                .collect(),
            Err(Unlogged::Forbidden) => {
                let first = questions.into_iter().next();
                let note = |(about, _): (Diagnostic, Question)| {
                    let message =
                        "the token may not read the audit log, which would say who did it";
                    let answer = named(&about, message.to_owned())
                        .hint("give the token the permission Account · Account Settings · Read");
                    (about, answer)
                };
                first.map(note).into_iter().collect()
            }
            Err(Unlogged::Unknown) => Vec::new(),
        }
    }
}

/// Since certctl set in use what it set last, until it saw that Gateway uses another.
fn moved(observed: &Observed, state: &AccountState, now: Timestamp) -> Option<Question> {
    let InUse::Certificate(used) = observed.in_use() else {
        return None;
    };
    let last = state.in_use.as_ref()?;
    // The API says whole seconds.
    let now = Period::seconds(1).after(now);
    let seen = state.binding(&last.id).and_then(|(_, b)| b.in_use_until);
    let until = seen.map_or(now, |seen| NEAR.after(seen).min(now));
    let since = last.at.max(Period::days(KEPT_DAYS).before(now));
    (since < until).then_some(Question::Moved(used, (since, until)))
}

/// The certificates that a diagnostic names, as far as it is known when they were made.
fn made(observed: &Observed, said: &Diagnostic) -> Option<Question> {
    let certificates = observed.certificates.iter();
    let named = certificates.filter(|remote| said.message.contains(remote.id.as_str()));
    let made: Vec<(CertificateId, Timestamp)> = named
        .filter_map(|remote| Some((remote.id.clone(), remote.created_at?)))
        .collect();
    (!made.is_empty()).then_some(Question::Made(made))
}

impl Question {
    fn spans(&self) -> Vec<Span> {
        match self {
            Self::Moved(_, span) => vec![*span],
            Self::Made(made) => {
                let around =
                    |(_, at): &(CertificateId, Timestamp)| (NEAR.before(*at), NEAR.after(*at));
                made.iter().map(around).collect()
            }
        }
    }

    /// What the log says to it; nothing where it says nothing. `acts` are the newest first.
    fn answers(&self, acts: &[Act]) -> Vec<String> {
        match self {
            Self::Moved(used, (since, until)) => {
                let within = |act: &&Act| act.at > *since && act.at <= *until;
                let writes = || {
                    acts.iter()
                        .filter(within)
                        .filter(|a| a.writes_configuration())
                };
                if let Some(act) = writes().find(|act| act.names(used)) {
                    return vec![format!("Gateway was switched to {used} {}", by(act))];
                }
                // A log that keeps no requests knows who wrote, and not what.
                let act = writes().find(|act| !act.tells_request);
                act.map(|act| format!("the Gateway configuration was written last {}", by(act)))
                    .into_iter()
                    .collect()
            }
            Self::Made(made) => made
                .iter()
                .filter_map(|(id, at)| {
                    let act = maker(acts, id, *at)?;
                    Some(format!("{id} was made {}", by(act)))
                })
                .collect(),
        }
    }
}

/// The request that made a certificate: the one that names it, else the only one of its minutes.
fn maker<'a>(acts: &'a [Act], id: &CertificateId, at: Timestamp) -> Option<&'a Act> {
    let apart = |act: &Act| act.at.duration_since(at).as_secs().abs();
    let near = |act: &&Act| apart(act) <= NEAR.as_seconds();
    let creates: Vec<&Act> = acts
        .iter()
        .filter(|act| act.creates_certificate())
        .filter(near)
        .collect();
    let named = creates.iter().find(|act| act.names(id));
    let only = || (creates.len() == 1).then(|| creates.first()).flatten();
    named.or_else(only).copied()
}

/// By whom, from where, when: any text from outside is escaped, and cut to a readable length.
fn by(act: &Act) -> String {
    let shown = |text: &str| {
        let cut: String = text.chars().take(LONGEST).collect();
        escape(&cut).into_owned()
    };
    let email = act.email.as_deref().map(shown);
    let token = act.token_name.as_deref().map(shown);
    let whose = email.as_deref().map(|email| format!(" of {email}"));
    let whose = whose.unwrap_or_default();
    let who = match (act.context.as_deref(), token, &email, act.kind.as_deref()) {
        (Some("api_token"), Some(token), ..) => format!("with the API token {token}{whose}"),
        (Some("api_token"), None, ..) => format!("with an API token{whose}"),
        (Some("api_key"), ..) => format!("with the API key{whose}"),
        (Some("dash"), _, Some(email), _) => format!("by {email} in the dashboard"),
        (_, _, Some(email), _) => format!("by {email}"),
        (_, _, None, Some("system" | "cloudflare_admin")) => "by Cloudflare".to_owned(),
        _ => "by somebody whom the log does not name".to_owned(),
    };
    let from = act.ip_address.as_deref().map(shown);
    let from = from.map(|ip| format!(" from {ip}")).unwrap_or_default();
    format!("{who}{from} at {}, says the audit log", time(act.at))
}

/// What is said of a diagnostic, at the same address.
fn named(about: &Diagnostic, message: String) -> Diagnostic {
    Diagnostic {
        account: about.account.clone(),
        address: about.address.clone(),
        place: None,
        ..Diagnostic::warning(Code::WhoDidIt, message)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::id;

    fn at(minute: u32) -> Timestamp {
        let start: Timestamp = "2026-11-23T00:00:00Z".parse().unwrap();
        Period::seconds(60 * minute).after(start)
    }

    /// An entry of the log, by the API's own words.
    fn act(minute: u32, method: &str, uri: &str, actor: &str, resource: &str) -> Act {
        let entry = format!(
            r#"{{"action":{{"time":"{}"}},"actor":{actor},"raw":{{"method":"{method}","uri":"{uri}"}},
                "resource":{resource}}}"#,
            at(minute)
        );
        Act::read(&serde_json::from_str(&entry).unwrap()).unwrap()
    }

    fn write(minute: u32, actor: &str, resource: &str) -> Act {
        act(
            minute,
            "PATCH",
            "/accounts/x/gateway/configuration",
            actor,
            resource,
        )
    }

    fn made(minute: u32, actor: &str, resource: &str) -> Act {
        act(
            minute,
            "POST",
            "/accounts/x/gateway/certificates",
            actor,
            resource,
        )
    }

    const ANN: &str = r#"{"email":"ann@example.com","context":"dash","ip_address":"192.0.2.1"}"#;
    const BOT: &str = r#"{"context":"api_token","token_name":"bot","email":"ann@example.com"}"#;
    const CLOUDFLARE: &str = r#"{"type":"system"}"#;

    #[test]
    fn the_newest_write_that_names_it_moved_it() {
        let question = Question::Moved(id(1), (at(10), at(20)));
        let names = format!(r#"{{"request":{{"id":"{}"}}}}"#, id(1));
        let other = r#"{"request":{"antivirus":{}}}"#;
        let answer = |acts: &[Act]| question.answers(acts);
        let acts = [
            write(21, BOT, &names),
            write(19, CLOUDFLARE, other),
            write(18, ANN, &names),
            write(17, BOT, &names),
            write(10, BOT, &names),
        ];
        let said = format!(
            "Gateway was switched to {} by ann@example.com in the dashboard from 192.0.2.1 at \
             2026-11-23T00:18:00Z, says the audit log",
            id(1)
        );
        assert_eq!(answer(&acts), [said]);
        assert!(answer(&[write(19, ANN, other), write(9, ANN, &names)]).is_empty());
        // Where the log keeps no requests, who wrote last may have moved it.
        let said = "the Gateway configuration was written last with the API token bot of ann@example.com at \
                    2026-11-23T00:15:00Z, says the audit log";
        assert_eq!(
            answer(&[write(15, BOT, r#"{"request":null}"#), write(14, ANN, "{}")]),
            [said]
        );
    }

    #[test]
    fn who_made_a_certificate_is_named_or_alone() {
        let question = Question::Made(vec![(id(1), at(10)), (id(2), at(30))]);
        let names = format!(r#"{{"id":"{}"}}"#, id(1));
        let acts = [
            made(31, CLOUDFLARE, "{}"),
            made(11, BOT, "{}"),
            made(10, ANN, &names),
        ];
        let said = question.answers(&acts);
        assert_eq!(said.len(), 2, "{said:?}");
        assert!(
            said[0].starts_with(&format!("{} was made by ann@", id(1))),
            "{said:?}"
        );
        assert!(
            said[1].starts_with(&format!("{} was made by Cloudflare at ", id(2))),
            "{said:?}"
        );
        // Two in the same minutes, of which none names it: nobody can say.
        let acts = [made(32, BOT, "{}"), made(29, ANN, "{}"), made(4, ANN, "{}")];
        assert!(question.answers(&acts).is_empty());
    }
}
