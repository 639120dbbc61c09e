//! A custom certificate: named by its id, or given as a CA to upload; not issued by Cloudflare.

use certctl_model::Custom;

use super::{acme, read, shown, sources};
use crate::{Mode, ParseOptions, Parsed, SecretSource, Source, expand, parse};

const ID: &str = "f174e90a-fafe-4643-bbbc-4a0ed4fc8415";

#[test]
fn it_is_named_by_its_id_and_has_no_declared_validity() {
    let text = format!(
        "version: 1
defaults: {{ validity_period_days: 365, rotation: {{ renew_before: 400d }} }}
accounts:
  - name: acme
    account_id: 699d98642c564d2e855e9661899b7252
    certificates:
      - {{ name: own, custom: {{ id: {ID} }}, in_use: true }}
"
    );
    let spec = read(&[&text]).spec.unwrap();
    let own = &spec.accounts[0].certificates[0];
    assert_eq!(own.custom, Some(ID.parse().unwrap()));
    assert_eq!(own.validity_period_days, None);
    assert_eq!((own.custom_place.line, own.custom_place.column), (7, 36));
    assert_eq!(own.settings().custom, own.custom);
    assert_eq!(own.with_settings(&own.settings()), *own);
}

#[test]
fn what_contradicts_it_is_an_error() {
    insta::assert_snapshot!(shown(&[&acme(&format!("      - name: a
        custom: {{ id: {ID} }}
        validity_period_days: 365
        activate: false
        import: none
"))]), @r#"
    error[custom_contradicted]: `custom` contradicts `validity_period_days`
     --> a.yaml:8:31
      |
    7 |         custom: { id: f174e90a-fafe-4643-bbbc-4a0ed4fc8415 }
      |                       ------------------------------------ the uploaded certificate
    8 |         validity_period_days: 365
      |                               ^^^
      |
      = help: an uploaded certificate is valid for as long as its owner made it: remove `validity_period_days`

    error[custom_contradicted]: `custom` contradicts `activate: false`
     --> a.yaml:9:19
      |
    7 |         custom: { id: f174e90a-fafe-4643-bbbc-4a0ed4fc8415 }
      |                       ------------------------------------ the uploaded certificate
    8 |         validity_period_days: 365
    9 |         activate: false
      |                   ^^^^^
      |
      = help: certctl never deactivates what it did not upload: deactivate it in the dashboard, and say `activate: null` here

    error[custom_contradicted]: `custom` contradicts `import`
      --> a.yaml:10:17
       |
     7 |         custom: { id: f174e90a-fafe-4643-bbbc-4a0ed4fc8415 }
       |                       ------------------------------------ the uploaded certificate
    ...
    10 |         import: none
       |                 ^^^^
       |
       = help: `custom` says which certificate it is: remove `import`
    "#);
}

#[test]
fn it_needs_an_id() {
    insta::assert_snapshot!(shown(&[&acme("      - { name: a, custom: {} }
      - { name: b, custom: { id: own-root } }
      - { name: c, custom: { certificate: chain.pem } }
")]), @r#"
    error[missing_key]: the custom needs the key `id`, or `certificate`
     --> a.yaml:6:28
      |
    6 |       - { name: a, custom: {} }
      |                            ^
      |
      = help: name the uploaded certificate: `id: f174e90a-fafe-4643-bbbc-4a0ed4fc8415`

    error[invalid_value]: `id` is a certificate's id, found "own-root"
     --> a.yaml:7:34
      |
    7 |       - { name: b, custom: { id: own-root } }
      |                                  ^^^^^^^^
      |
      = help: a certificate's id is a UUID, such as f174e90a-fafe-4643-bbbc-4a0ed4fc8415; `certctl status` lists them

    error[missing_key]: the custom needs the key `private_key` beside `certificate`
     --> a.yaml:8:30
      |
    8 |       - { name: c, custom: { certificate: chain.pem } }
      |                              ^^^^^^^^^^^
      |
      = help: Gateway signs with it: `private_key: { env: ACME_CA_KEY }`, or `file`, or `command`

    error[file_unreadable]: the certificate was not read
     --> a.yaml:8:43
      |
    8 |       - { name: c, custom: { certificate: chain.pem } }
      |                                           ^^^^^^^^^
      |
      = help: a spec from standard input names no files
    "#);
}

#[test]
fn it_belongs_to_one_address() {
    insta::assert_snapshot!(shown(&[&acme(&format!("      - {{ name: a, custom: {{ id: {ID} }} }}
      - {{ name: b, import: {ID} }}
"))]), @r#"
    error[import_twice]: certificate f174e90a-fafe-4643-bbbc-4a0ed4fc8415 is named twice
     --> a.yaml:7:28
      |
    6 |       - { name: a, custom: { id: f174e90a-fafe-4643-bbbc-4a0ed4fc8415 } }
      |                                  ------------------------------------ first named here
    7 |       - { name: b, import: f174e90a-fafe-4643-bbbc-4a0ed4fc8415 }
      |                            ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
      |
      = help: a certificate belongs to one address: keep one of the two
    "#);
}

const ONE: &str = include_str!("../../../../tests/cases/one.pem");
const CHAIN: &str = include_str!("../../../../tests/cases/chain.pem");

fn options() -> ParseOptions<'static> {
    ParseOptions {
        env: &|_| None,
        mode: Mode::Use,
        accounts: &[],
    }
}

/// What is said of certificates of one account, with CAs in files beside the spec.
fn with_files(certificates: &str, files: &[(&str, &str)]) -> Parsed {
    let named = files.iter().map(|(name, text)| Source {
        name: (*name).to_owned(),
        text: (*text).to_owned(),
    });
    let sources = sources(&[&acme(certificates)]).with_named(named);
    parse(&sources, &options())
}

fn said(certificates: &str, files: &[(&str, &str)]) -> String {
    let found = with_files(certificates, files).diagnostics.into_iter();
    let lines = found.map(|found| {
        let hint = found.hint.unwrap_or_default();
        let column = found.place.map_or(0, |place| place.column);
        format!("{} at {column}: {}\n  {hint}\n", found.code, found.message)
    });
    lines.collect()
}

#[test]
fn a_ca_to_upload_is_known_by_its_content() {
    let text = "      - name: own
        custom: { certificate: ca.pem, private_key: { command: [vault, read] } }
        activate: false
      - { name: chain, custom: { certificate: sub/chain.pem, private_key: { file: k.pem } }, in_use: true }
";
    let files = [("ca.pem", ONE), ("sub/chain.pem", CHAIN)];
    let parsed = with_files(text, &files);
    assert!(parsed.diagnostics.is_empty(), "{:?}", parsed.diagnostics);
    let spec = parsed.spec.unwrap();
    let [chain, own] = spec.accounts[0].certificates.as_slice() else {
        panic!("{spec:?}");
    };
    for certificate in [chain, own] {
        let ca = &certificate.own.as_ref().unwrap().ca;
        assert_eq!(certificate.custom, Some(Custom::Own(ca.facts.content())));
        assert_eq!(
            certificate.with_settings(&certificate.settings()),
            *certificate
        );
    }
    let own = own.own.as_ref().unwrap();
    let words = ["vault", "read"].map(str::to_owned).to_vec();
    assert_eq!(own.private_key, SecretSource::Command(words));
    assert_eq!(own.private_key_place.line, 7);
    let chain = &chain.own.as_ref().unwrap().ca.facts;
    assert!(chain.chain.is_some() && chain.root.is_some());
    let expanded = expand(&spec);
    for line in [
        "certificate: \"sub/chain.pem\"",
        "file: \"k.pem\"",
        "command: [\"vault\", \"read\"]",
    ] {
        assert!(expanded.contains(line), "{expanded}");
    }
}

#[test]
fn what_cannot_be_uploaded_is_said_where_it_stands() {
    let one = |custom: &str| format!("      - {{ name: own, custom: {{ {custom} }} }}\n");
    let key = "private_key: { env: KEY }";
    let with = |custom: &str, file: &str| said(&one(custom), &[("ca.pem", file)]);
    let lax = ONE.replacen("MII", "MIJ", 1);
    let reversed: String = {
        let end = "-----END CERTIFICATE-----\n";
        let mut blocks: Vec<&str> = CHAIN.split_inclusive(end).collect();
        blocks.reverse();
        blocks.concat()
    };
    let all = [
        with(&format!("certificate: ca.pem, {key}"), ""),
        with(&format!("certificate: ca.pem, {key}"), &lax),
        with(&format!("certificate: ca.pem, {key}"), &reversed),
        with(&format!("certificate: other.pem, {key}"), ONE),
        with(&format!("certificate: ../ca.pem, {key}"), ONE),
        with("certificate: ca.pem", ONE),
        with(
            "certificate: ca.pem, private_key: { env: KEY, file: k }",
            ONE,
        ),
        with("certificate: ca.pem, private_key: {}", ONE),
        with(key, ONE),
        with(&format!("id: {ID}, {key}"), ONE),
        with(&format!("id: {ID}, certificate: ca.pem, {key}"), ONE),
    ];
    insta::assert_snapshot!(all.join("\n"));
}

#[test]
fn one_ca_belongs_to_one_address_of_an_account() {
    let own = |name: &str| {
        format!(
            "      - {{ name: {name}, custom: {{ certificate: ca.pem, private_key: {{ env: K }} }} }}\n"
        )
    };
    let twice = said(&format!("{}{}", own("a"), own("b")), &[("ca.pem", ONE)]);
    insta::assert_snapshot!(twice, @"
    import_twice at 43: certificate ca.pem is named twice
      a certificate belongs to one address: keep one of the two
    ");
}

#[test]
fn several_accounts_have_one_ca_by_their_template() {
    let text = "version: 1
templates:
  standard:
    certificates:
      - { name: own, custom: { certificate: ca.pem, private_key: { env: K } }, in_use: true }
accounts:
  - { name: a, account_id: 699d98642c564d2e855e9661899b7252, template: standard }
  - { name: b, account_id: 0123456789abcdef0123456789abcdef, template: standard }
";
    let named = Source {
        name: "ca.pem".to_owned(),
        text: ONE.to_owned(),
    };
    let parsed = parse(&sources(&[text]).with_named([named]), &options());
    assert!(parsed.diagnostics.is_empty(), "{:?}", parsed.diagnostics);
    let accounts = parsed.spec.unwrap().accounts;
    let custom = |n: usize| accounts[n].certificates[0].custom.clone();
    assert!(custom(0).is_some());
    assert_eq!(custom(0), custom(1));
}
