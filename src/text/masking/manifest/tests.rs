//! Secrets in texts.

use super::super::mask;
use super::*;

fn masked_as(text: &str, shown: &str) {
    assert_eq!(mask(text), shown);
    assert_eq!(mask(shown), shown, "masked once is masked");
}

#[test]
fn what_a_secret_in_a_text_holds_is_masked_in_yaml() {
    masked_as(
        "apiVersion: v1\nkind: Secret\nmetadata:\n  name: db\ndata:\n  a: aHVu\n  \"b.c\": 'x y'\nstringData:\n  \
         conf: |\n    one\n\n    # two\n    three: 3\n  d: plain\n    goes on\n  e:\n    below\ntype: Opaque\n",
        "apiVersion: v1\nkind: Secret\nmetadata:\n  name: db\ndata:\n  a: ••••••\n  \"b.c\": ••••••\nstringData:\n  \
         conf: |\n    ••••••\n  d: ••••••\n  e:\n    ••••••\ntype: Opaque\n",
    );
    // Before the kind, in a list, in a list of nothing but Secrets, in a comment, in a script.
    masked_as("data:\n  a: b\nkind: \"Secret\"", "data:\n  a: ••••••\nkind: \"Secret\"");
    masked_as(
        "kind: List\nitems:\n- data:\n    a: b\n  kind: Secret\n- kind: Pod\n",
        "kind: List\nitems:\n- data:\n    a: ••••••\n  kind: Secret\n- kind: Pod\n",
    );
    masked_as(
        "kind: SecretList\nitems:\n  - metadata: {name: a}\n    stringData: {a: b, 'c': \"d,e\"}\n",
        "kind: SecretList\nitems:\n  - metadata: {name: a}\n    stringData: {a: ••••••, 'c': \"••••••\"}\n",
    );
    masked_as(
        "# kind: Secret\n# data:\n#   a: b\n#   c: d\n# type: Opaque",
        "# kind: Secret\n# data:\n#   a: ••••••\n#   c: ••••••\n# type: Opaque",
    );
    masked_as(
        "set -e\ncat <<EOF | kubectl apply -f -\nkind: Secret\nstringData:\n  a: b\nEOF\necho done",
        "set -e\ncat <<EOF | kubectl apply -f -\nkind: Secret\nstringData:\n  a: ••••••\nEOF\necho done",
    );
}

#[test]
fn what_a_secret_in_a_text_holds_is_masked_in_json_however_often_it_is_quoted() {
    let secret = r#"{"apiVersion":"v1","kind":"Secret","data":{"a":"aHVu","b":"x\"y\\"},"n":{"o":"p"},"stringData":{"c":7}}"#;
    let shown = r#"{"apiVersion":"v1","kind":"Secret","data":{"a":"••••••","b":"••••••"},"n":{"o":"p"},"stringData":{"c":••••••}}"#;
    let quote = |text: &str| serde_json::to_string(text).unwrap();
    let (mut secret, mut shown) = (secret.to_owned(), shown.to_owned());
    for _ in 0..3 {
        masked_as(&secret, &shown);
        (secret, shown) = (quote(&secret), quote(&shown));
    }
    let pretty = "{\n  \"kind\": \"Secret\",\n  \"data\": {\n    \"a\": \"aHVu\"\n  },\n  \"type\": \"Opaque\"\n}";
    let pretty_shown = pretty.replace("aHVu", MASK);
    masked_as(pretty, &pretty_shown);
    masked_as(&quote(pretty), &quote(&pretty_shown));
    // YAML within JSON ends with its quotes.
    let yaml = |value: &str| format!("kind: Secret\nstringData:\n  a: \"{value}\"\n  b: {value}");
    let json = |value: &str| serde_json::json!({"manifest": yaml(value), "z": "y"}).to_string();
    let shown = json("hunter2").replace("\\\"hunter2\\\"", MASK).replace("hunter2", MASK);
    masked_as(&json("hunter2"), &shown);
    masked_as(&quote(&json("hunter2")), &quote(&shown));
    // What is cut off is masked to its end.
    masked_as(r#"{"kind":"Secret","data":{"a":"aHVu"#, r#"{"kind":"Secret","data":{"a":"••••••"#);
    masked_as(
        r#"{"kind":"Secret","data":null,"x":"y"}"#,
        r#"{"kind":"Secret","data":null,"x":"y"}"#,
    );
}

#[test]
fn nothing_of_a_secret_is_shown_however_its_text_is_broken() {
    for text in [
        "kind: Secret\ndata:\n# note: hunter2\n  a: b\n",
        "kind: Secret\nstringData:\n{{- if .Values.on }}\n  a: hunter2\n{{- end }}\n  b: hunter2\n",
        "kind: Secret\nstringData: hunter2\n",
        "kind: Secret\nstringData: |\n  hunter2\n  hunter2\n",
        "kind: Secret\r\nstringData:\r\n  a: hunter2\r\n  hunter2\r\n",
        "kind: Secret\nstringData:\n  ? a\n  : hunter2\n",
        "kind: Secret\nstringData:\n  a: \"x\n\n    hunter2\\nhunter2\"\n",
        "kind: Secret\nstringData: &all\n  a: hunter2\n",
        "kind: Secret\nstringData: !x {a: hunter2, b: [hunter2], c: 'it''s hunter2'}\n",
        "x: \"data:\\n  a: hunter2\\nkind: Secret\"",
        "{\"kind\":\"Secret\",\"stringData\":\"hunter2\"}",
        "{\\\"kind\\\":\\\"Secret\\\",\\\"stringData\\\":\\\"hunter2\\\"}",
        "kind: Secret\nstringData: [hunter2, {a: hunter2}]\n",
        "{kind: Secret, stringData: {a: hunter2, b: \"hunter2",
        "---\na: b\n--- # next\nkind: Secret\nstringData:\n  k: |\n    ---\n    hunter2\n",
    ] {
        let shown = mask(text).into_owned();
        assert!(!shown.contains("hunter2"), "{text:?} became {shown:?}");
        assert_eq!(mask(&shown), shown, "masked once is masked");
    }
}

#[test]
fn what_is_no_secret_stays() {
    for text in [
        "kind: ConfigMap\ndata:\n  a: b\n",
        "kind: Secret\nname: db\n---\nkind: ConfigMap\ndata:\n  a: b\n",
        "kind: SealedSecret\nspec:\n  template:\n    data:\n      a: b\n",
        "kind: Secret\nmetadata:\n  name: db\ntype: Opaque\n",
        "valuesFrom:\n- kind: Secret\n  name: values\n",
        r#"{"kind":"ConfigMap","data":{"a":"b"}}"#,
        "the kind: Secrets are data: they stay",
    ] {
        assert_eq!(mask(text), text);
    }
}

#[test]
fn a_long_hostile_text_takes_no_longer_than_its_length() {
    for part in ["data: {", "\ndata:\n", "\\ndata: \\\"", "\ndata:\n  a: 'x", "{\"data\":[", "'"] {
        let text = format!("kind: Secret\n{}", part.repeat(30_000));
        let begun = std::time::Instant::now();
        let shown = mask(&text);
        assert_eq!(mask(&shown), shown);
        assert!(begun.elapsed().as_secs() < 20, "{part:?}");
    }
}
