use std::fmt::Write as _;

use super::scalar::resolve;
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
fn json_values_after_each_other_are_a_document_each() {
    let text =
        "\u{feff}{\"a\": 1}\n {\"b\":\n  {\"c\": \"}{\"}} {\"ä\": 1, \"d\": 2}\n[{\"e\": 3}]\n";
    let docs = documents(text);
    assert_eq!(docs.iter().map(|d| d.first_line).collect::<Vec<_>>(), [1, 2, 3, 4], "{docs:?}");
    let at = |doc: usize, path: &str| docs[doc].lines.find(&FieldPath::parse(path).unwrap());
    assert_eq!((at(1, "b"), at(1, "b.c")), (Some((2, 3)), Some((3, 4))));
    assert_eq!(at(2, "d"), Some((3, 25)), "a column counts what stands before the document");
    assert_eq!(at(3, "[0].e"), Some((4, 3)));
    assert_eq!(docs[1].node.as_ref().unwrap().str_at(&["b", "c"]), Some("}{"));
    // What is broken says where, and what is before it is kept.
    let docs = documents("{\"a\": 1}\n{\"b\": 1}\n{\"c\": [1, 2}\n");
    assert!(docs[0].node.is_ok() && docs[1].node.is_ok());
    assert_eq!(docs[2].node.as_ref().unwrap_err().line, 3, "{docs:?}");
    // YAML after them is YAML, and so is a map in braces that is none of JSON.
    let docs = documents("{\"a\": 1}\n{\"b\": 1}\n---\nc: 1\n---\n{d: it's}\n");
    assert_eq!(docs.len(), 4, "{docs:?}");
    assert!(docs.iter().all(|document| document.node.is_ok()), "{docs:?}");
    assert_eq!(docs[3].first_line, 5);
    assert_eq!(documents("{a: 1}\n# {\"b\": 1}\n").len(), 1);
    assert_eq!(documents("{\"a\": 1}\n# {\"b\": 1}\n").len(), 1);
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
    assert!(one(&bomb).node.unwrap_err().too_much);
}

/// Whatever stands behind an alias is looked at as often as it is used: text, keys and merged maps.
#[test]
fn aliases_stand_for_a_bounded_amount_of_text() {
    let most = Most { values: 1_000, aliased: 1_000 };
    let long = "x".repeat(100);
    for anchored in [format!("&b {long}"), format!("&b {{{long}: 1}}"), format!("&b [[{long}]]")] {
        let text = |uses: usize| {
            let uses: String = (0..uses).map(|_| "- *b\n").collect();
            format!("- {anchored}\n{uses}")
        };
        assert!(documents_within(&text(9), most)[0].node.is_ok(), "{anchored}");
        let error = documents_within(&text(11), most).remove(0).node.unwrap_err();
        assert!(error.too_much && error.line >= 10 && error.column == 3, "{anchored}: {error}");
        assert!(error.message.contains("aliases stand for far more text"), "{error}");
        // The budget is that of the text, not of each of its documents.
        let many = format!("---\n{}", text(4)).repeat(5);
        let read = documents_within(&many, most);
        assert_eq!(read.iter().filter(|document| document.node.is_ok()).count(), 2, "{anchored}");
    }
    let merged = format!("a: &b {{{long}: 1}}\nc: [{}]\n", ["{<<: *b}"; 11].join(","));
    assert!(documents_within(&merged, most)[0].node.as_ref().unwrap_err().too_much);
    let shared = one(&format!("- &b {long}\n- *b\n")).node.unwrap();
    let [Node::Str(one), Node::Str(other)] = shared.as_list().unwrap() else { panic!("texts") };
    assert_eq!(one.as_ptr(), other.as_ptr(), "an alias is no copy");
}

/// A megabyte of text that a document uses five thousand times.
#[test]
fn a_small_file_cannot_stand_for_gigabytes() {
    let uses = "- *b\n".repeat(5_000);
    let text = format!("- &b {}\n{uses}", "x".repeat(1 << 20));
    let error = one(&text).node.unwrap_err();
    assert!(error.too_much && (5..50).contains(&error.line), "{error}");
    // As much as kubectl takes from files of ordinary size.
    let uses = "- *b\n".repeat(1_000);
    assert!(one(&format!("- &b {}\n{uses}", "x".repeat(4_000))).node.is_ok());
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
