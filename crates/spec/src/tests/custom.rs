//! A custom certificate: named by its id, and not issued by Cloudflare.

use super::{acme, read, shown};

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
    assert_eq!(own.custom.as_ref().unwrap().as_str(), ID);
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
       = help: `custom.id` names the certificate already: remove `import`
    "#);
}

#[test]
fn it_needs_an_id() {
    insta::assert_snapshot!(shown(&[&acme("      - { name: a, custom: {} }
      - { name: b, custom: { id: own-root } }
      - { name: c, custom: { certificate: chain.pem } }
")]), @r#"
    error[missing_key]: the custom needs the key `id`
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

    error[unknown_key]: unknown key `certificate` in the custom
     --> a.yaml:8:30
      |
    8 |       - { name: c, custom: { certificate: chain.pem } }
      |                              ^^^^^^^^^^^
      |
      = help: the keys here are `id`

    error[missing_key]: the custom needs the key `id`
     --> a.yaml:8:30
      |
    8 |       - { name: c, custom: { certificate: chain.pem } }
      |                              ^^^^^^^^^^^
      |
      = help: name the uploaded certificate: `id: f174e90a-fafe-4643-bbbc-4a0ed4fc8415`
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
