//! `token`: where an account's API token comes from.

use super::{read, shown};
use crate::{Mode, ParseOptions, SecretSource, Source, expand, parse};

const ID: [&str; 3] = [
    "699d98642c564d2e855e9661899b7252",
    "023e105f4ecef8ad9ca31a8372d0c353",
    "11111111111111111111111111111111",
];

/// A file of one account, with these lines at its top, in its template and in the account.
fn with(file: &str, template: &str, account: &str) -> String {
    format!(
        "version: 1\n{file}\ntemplates:\n  standard:\n    certificates: []\n    {template}\naccounts:\n  \
         - name: acme\n    account_id: {}\n    template: standard\n    {account}\n",
        ID[0]
    )
}

fn source(text: &str) -> Option<SecretSource> {
    let parsed = read(&[text]);
    assert_eq!(parsed.diagnostics, [], "{text}");
    let mut spec = parsed.spec.unwrap();
    spec.accounts.remove(0).token.map(|token| token.source)
}

#[test]
fn the_account_comes_before_its_template_and_that_before_the_file() {
    let env = |name: &str| Some(SecretSource::Env(name.to_owned()));
    let (file, template, account) = (
        "token: { env: FILE }",
        "token: { env: TEMPLATE }",
        "token: { env: ACCOUNT }",
    );
    for (text, expected) in [
        (with("", "", ""), None),
        (with(file, "", ""), env("FILE")),
        (with(file, template, ""), env("TEMPLATE")),
        (with(file, template, account), env("ACCOUNT")),
        (with("", "", account), env("ACCOUNT")),
        // `null`: the run's own.
        (with(file, template, "token: null"), None),
        (with(file, "token: null", ""), None),
    ] {
        assert_eq!(source(&text), expected, "{text}");
    }
}

#[test]
fn it_comes_from_one_of_three() {
    let words = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect();
    for (token, expected) in [
        ("{ env: _A1 }", SecretSource::Env("_A1".to_owned())),
        ("{ file: a b/c }", SecretSource::File("a b/c".to_owned())),
        (
            "{ command: [op, read, 'a ${b}', \"--x=$y\"] }",
            SecretSource::Command(words(&["op", "read", "a ${b}", "--x=$y"])),
        ),
    ] {
        let token = token.replace("${", "$${");
        let text = with("", "", &format!("token: {token}"));
        assert_eq!(source(&text), Some(expected.clone()), "{text}");
        // As it is resolved it means the same.
        let resolved = expand(&read(&[&text]).spec.unwrap());
        assert_eq!(source(&resolved), Some(expected), "{resolved}");
    }
}

#[test]
fn a_table_names_variables_and_the_file_gives_the_rest() {
    let file = Source {
        name: "a.yaml".to_owned(),
        text: "version: 1\ntoken: { file: token }\naccounts_from: { csv: t.csv }\ntemplates: { standard: { certificates: [] } }\n".to_owned(),
    };
    let table = Source {
        name: "t.csv".to_owned(),
        text: format!(
            "name,account_id,template,token_env\na,{},standard,A_CF\nb,{},standard,\n",
            ID[1], ID[2]
        ),
    };
    let sources = [file].into_iter().collect::<crate::Sources>();
    let options = ParseOptions {
        env: &|_| None,
        mode: Mode::Use,
        accounts: &[],
    };
    let parsed = parse(&sources.with_named([table]), &options);
    assert_eq!(parsed.diagnostics, []);
    let tokens: Vec<_> = parsed
        .spec
        .unwrap()
        .accounts
        .into_iter()
        .map(|a| a.token.unwrap())
        .collect();
    assert_eq!(tokens[0].source, SecretSource::Env("A_CF".to_owned()));
    assert_eq!(
        (tokens[0].place.file.as_str(), tokens[0].place.line),
        ("t.csv", 2)
    );
    assert_eq!(tokens[1].source, SecretSource::File("token".to_owned()));
    assert_eq!(
        (tokens[1].place.file.as_str(), tokens[1].place.line),
        ("a.yaml", 2)
    );
}

#[test]
fn what_is_wrong_is_said_with_its_place() {
    let seen = |tokens: &[&str]| -> String {
        let text = |token: &&str| shown(&[&with("", "", token)]) + "\n";
        tokens.iter().map(text).collect()
    };
    insta::assert_snapshot!(seen(&[
        "token: { env: A, file: b, command: [c] }",
        "token: {}",
        "token: abc",
        "token: { env: $ACME }",
        "token: { env: cfat_abc }",
        "token: { file: '' }",
        "token: { command: op read x }",
        "token: { command: [] }",
        "token: { command: [a, 5] }",
        "token: { command: [a, '${ACME_TOKEN}'] }",
        "env: A",
    ]), @r#"
    error[invalid_value]: a token has both `env` and `file`
      --> a.yaml:11:22
       |
    11 |     token: { env: A, file: b, command: [c] }
       |              ---     ^^^^
       |              |
       |              the first
       |
       = help: keep one of the two

    error[invalid_value]: a token has both `env` and `command`
      --> a.yaml:11:31
       |
    11 |     token: { env: A, file: b, command: [c] }
       |              --- the first    ^^^^^^^
       |
       = help: keep one of the two

    error[missing_key]: a token needs the key `env`, or `file`, or `command`
      --> a.yaml:11:12
       |
    11 |     token: {}
       |            ^
       |
       = help: name the variable that holds it: `token: { env: ACME_TOKEN }`

    error[wrong_type]: `token` must be a mapping, found a string
      --> a.yaml:11:12
       |
    11 |     token: abc
       |            ^^^
       |
       = help: its keys are `env`, `file`, `command`

    error[invalid_value]: `env` is the name of a variable, found something else
      --> a.yaml:11:19
       |
    11 |     token: { env: $ACME }
       |                   ^^^^^
       |
       = help: write the name alone: `env: ACME_TOKEN`, without `$` and braces

    error[invalid_value]: `env` is the name of a variable, found a token itself
      --> a.yaml:11:19
       |
    11 |     token: { env: cfat_abc }
       |                   ^^^^^^^^
       |
       = help: replace the token in Cloudflare's dashboard, for whoever reads this file has it; then put the new one into a variable and write the variable's name here

    error[invalid_value]: `file` must be a path on one line
      --> a.yaml:11:20
       |
    11 |     token: { file: '' }
       |                    ^^
       |
       = help: name the file, without its content

    error[wrong_type]: `command` must be a list, found a string
      --> a.yaml:11:23
       |
    11 |     token: { command: op read x }
       |                       ^^^^^^^^^
       |
       = help: write the program and each argument as one word of a list, for no shell reads it: `[vault, read, -field=token, cloudflare/acme]`

    error[invalid_value]: `command` names no program
      --> a.yaml:11:23
       |
    11 |     token: { command: [] }
       |                       ^
       |
       = help: its first word is the program, the others are its arguments

    error[wrong_type]: `command` must be a string, found a number
      --> a.yaml:11:27
       |
    11 |     token: { command: [a, 5] }
       |                           ^
       |
       = help: quote it: "5"

    error[invalid_value]: the variable `ACME_TOKEN` is named like a secret, and `token` is shown in messages
      --> a.yaml:11:27
       |
    11 |     token: { command: [a, '${ACME_TOKEN}'] }
       |                           ^^^^^^^^^^^^^^^
       |
       = help: a variable that holds the token is named without `$`: `env: NAME`

    error[unknown_key]: unknown key `env` in an account
      --> a.yaml:11:5
       |
    11 |     env: A
       |     ^^^
       |
       = help: `env` belongs in `token`
    "#);
}
