use std::fmt::Write as _;

use super::*;
use crate::model::path::FieldPath;

fn one(text: &str) -> Document {
    let mut all = documents(text);
    assert_eq!(all.len(), 1, "{all:?}");
    all.remove(0)
}

#[test]
fn every_field_has_its_line() {
    let doc = one("# head\napiVersion: v1\nspec:\n  containers:\n  - name: a\n    image: b\n");
    let at = |path: &str| doc.lines.find(&FieldPath::parse(path).unwrap());
    assert_eq!(at("apiVersion"), Some((2, 1)));
    assert_eq!(at("spec.containers[0].image"), Some((6, 5)));
    assert_eq!(at("spec.containers[0].securityContext.privileged"), Some((5, 5)));
}

#[test]
fn a_broken_document_leaves_the_others() {
    let docs = documents("a: 1\n---\nb: [1, 2\n---\nc: 3\n");
    assert_eq!(docs.len(), 3);
    assert!(docs[0].node.is_ok() && docs[2].node.is_ok());
    let error = docs[1].node.as_ref().unwrap_err();
    assert!((3..=4).contains(&error.line), "{error}");
}

#[test]
fn reads_scalars_as_kubectl_does() {
    let doc = one(
        "a: 0644\nb: yes\nc: \"yes\"\nd: 1e3\ne: ~\nf: 18446744073709551615\ng: 1.2.3\nh: 010.5\n",
    );
    let node = doc.node.unwrap();
    assert_eq!(node.get("a"), Some(&Node::Int(420)));
    assert_eq!(node.get("b"), Some(&Node::Bool(true)));
    assert_eq!(node.get("c"), Some(&Node::str("yes")));
    assert_eq!(node.get("d"), Some(&Node::Float(1000.0)));
    assert_eq!(node.get("e"), None);
    assert_eq!(node.get("f"), Some(&Node::UInt(u64::MAX)));
    assert_eq!(node.get("g"), Some(&Node::str("1.2.3")));
    assert_eq!(resolve("0X1f"), Node::Int(31));
    assert_eq!(resolve("0O17"), Node::Int(15));
    assert_eq!(resolve("-0B11"), Node::Int(-3));
}

/// All words for booleans of YAML 1.1, and no other: kubectl and the API server read them in every field.
#[test]
fn words_for_booleans_are_those_of_kubectl() {
    for (words, value) in [
        ("y Y yes Yes YES true True TRUE on On ON", true),
        ("n N no No NO false False FALSE off Off OFF", false),
    ] {
        for word in words.split(' ') {
            assert_eq!(resolve(word), Node::Bool(value), "{word}");
            let quoted = one(&format!("a: \"{word}\"\nb: !!str {word}\n")).node.unwrap();
            assert_eq!(quoted.get("a"), Some(&Node::str(word)));
            assert_eq!(quoted.get("b"), Some(&Node::str(word)));
        }
    }
    for word in ["yEs", "oN", "tRUE", "yy", "nn", "t", "f", "ye"] {
        assert_eq!(resolve(word), Node::str(word), "{word}");
    }
}

#[test]
fn plain_keys_are_called_as_kubectl_calls_them() {
    let text = "y: 1\n\"n\": 2\nOff: 3\n0x10: 4\n1.5: 5\n";
    let doc = one(text);
    let node = doc.node.unwrap();
    let names = [("true", 1), ("n", 2), ("false", 3), ("16", 4), ("1.5", 5)];
    for (name, value) in names {
        assert_eq!(node.get(name), Some(&Node::Int(value)), "{name}");
    }
    assert_eq!(doc.lines.find(&FieldPath([Seg::Field("false".into())].into())), Some((3, 1)));
    let twice = one("yes: 1\ntrue: 2\n").node.unwrap_err();
    assert!(twice.message.contains("`true` stands here twice"), "{twice}");
}

#[test]
fn anchors_and_merge_keys_work_and_bombs_do_not() {
    let doc = one("base: &b {x: 1, z: 2}\nuse:\n  <<: *b\n  z: 3\n").node.unwrap();
    assert_eq!(doc.at(&["use", "x"]), Some(&Node::Int(1)));
    assert_eq!(doc.at(&["use", "z"]), Some(&Node::Int(3)));
    let quoted = one("a: {\"<<\": {x: 1}}\n").node.unwrap();
    assert_eq!(quoted.at(&["a", "<<", "x"]), Some(&Node::Int(1)), "in quotes it is a name");
    let mut bomb = "a: &a [x,x,x,x,x,x,x,x,x,x]\n".to_owned();
    for (from, to) in "abcdefgh".chars().zip("bcdefghi".chars()) {
        let uses = vec![format!("*{from}"); 10].join(",");
        writeln!(bomb, "{to}: &{to} [{uses}]").unwrap();
    }
    assert!(one(&bomb).node.unwrap_err().message.contains("more than"));
}

#[test]
fn a_repeated_key_names_its_line() {
    let error = one("a: 1\nb: 2\na: 3\n").node.unwrap_err();
    assert_eq!((error.line, error.message.as_str()), (3, "`a` stands here twice"));
}

#[test]
fn deep_nesting_is_refused() {
    assert!(one(&"[".repeat(100_000)).node.is_err());
}

#[test]
fn json_is_read_too() {
    let doc = one("{\n  \"kind\": \"Pod\",\n  \"n\": [\n    1,\n    {\"a\": null}\n  ]\n}\n");
    assert_eq!(doc.lines.find(&FieldPath::parse("n[1]").unwrap()), Some((5, 5)));
    assert_eq!(doc.node.unwrap().str_at(&["kind"]), Some("Pod"));
}

#[test]
fn a_tag_says_what_a_quoted_value_is() {
    let node = one("a: !!bool \"true\"\nb: !!int '7'\nc: !!str 7\nd: !!bool maybe\n").node.unwrap();
    assert_eq!(node.get("a"), Some(&Node::Bool(true)));
    assert_eq!(node.get("b"), Some(&Node::Int(7)));
    assert_eq!(node.get("c"), Some(&Node::str("7")));
    assert_eq!(node.get("d"), Some(&Node::str("maybe")));
}
