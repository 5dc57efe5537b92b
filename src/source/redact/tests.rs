use super::*;

#[test]
fn a_secret_keeps_its_keys_and_loses_its_values() {
    let secret = br#"{"apiVersion":"v1","kind":"Secret","data":{"dsn":"aGVsbG8="},"metadata":{"name":"a","annotations":{"kubectl.kubernetes.io/last-applied-configuration":"{}","x":"y"}}}"#;
    let node = object(Node::from_json(secret).unwrap());
    assert_eq!(node.str_at(&["data", "dsn"]), Some("•••••• (8 bytes)"));
    assert_eq!(
        node.at(&["metadata", "annotations"]).unwrap().to_json(),
        serde_json::json!({"x": ""})
    );
}

#[test]
fn of_a_secret_only_what_may_be_known_is_kept() {
    let secret = serde_json::json!({
        "apiVersion": "v1", "kind": "Secret", "type": "Opaque", "extra": "hunter2", "data": {"a": "aGVsbG8=", "n": 7},
        "stringData": "hunter2",
        "metadata": {"name": "s", "labels": {"app": "x"}, "selfLink": "hunter2", "creationTimestamp": "2026-01-01T00:00:00Z",
            "annotations": {"note": "hunter2", "kubernetes.io/service-account.name": "boss"},
            "managedFields": [{"manager": "m", "time": "2026-01-02T00:00:00Z", "x": "hunter2",
                "fieldsV1": {"f:data": {"f:a": {"v:hunter2": {}}}, "f:metadata": {"hunter2": 1}}}]},
    });
    let kept = object(Node::from(&secret));
    assert_eq!(
        kept.to_json(),
        serde_json::json!({
            "apiVersion": "v1", "kind": "Secret", "type": "Opaque",
            "data": {"a": "•••••• (8 bytes)", "n": MASK}, "stringData": "•••••• (7 bytes)",
            "metadata": {"name": "s", "labels": {"app": "x"}, "creationTimestamp": "2026-01-01T00:00:00Z",
                "annotations": {"note": "", "kubernetes.io/service-account.name": "boss"},
                "managedFields": [{"manager": "m", "time": "2026-01-02T00:00:00Z", "fieldsV1": {"f:data": {}}}]},
        })
    );
    assert_eq!(object(kept.clone()), kept);
    assert_eq!(for_capture(kept.clone()), kept);
}

#[test]
fn a_secret_within_another_object_loses_its_values_however_deep() {
    let inner = serde_json::json!({"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "s",
        "annotations": {"note": "hunter2"}}, "data": {"y": "aHVudGVyMg=="}, "stringData": {"x": "hunter2"}});
    let reference =
        serde_json::json!({"apiVersion": "v1", "kind": "Secret", "name": "s", "namespace": "n"});
    let outer = serde_json::json!({"apiVersion": "a/v1", "kind": "Template", "metadata": {"name": "t"},
        "objects": [inner, reference], "spec": {"forProvider": {"manifest": inner}}});
    let kept = object(Node::from(&outer)).to_json();
    let text = kept.to_string();
    assert!(!text.contains("hunter2") && !text.contains("aHVudGVyMg"), "{text}");
    assert_eq!(kept["objects"][1], reference);
    assert_eq!(kept["spec"]["forProvider"]["manifest"]["data"]["y"], "•••••• (12 bytes)");
    assert_eq!(object(Node::from(&kept)).to_json(), kept);
}

#[test]
fn secrets_in_lists_within_another_object_lose_their_values() {
    let body = |fields: &[(&str, &str)]| {
        let mut item =
            serde_json::json!({"metadata": {"name": "s"}, "data": {"y": "aHVudGVyMg=="}});
        for (key, value) in fields {
            item[*key] = (*value).into();
        }
        item
    };
    let whole = body(&[("apiVersion", "v1"), ("kind", "Secret")]);
    let outer = serde_json::json!({"apiVersion": "a/v1", "kind": "Bundle", "metadata": {"name": "t"}, "spec": {
        "all": {"apiVersion": "v1", "kind": "SecretList", "items": [body(&[]), whole]},
        "some": {"apiVersion": "v1", "kind": "List", "items": [
            {"apiVersion": "v1", "kind": "ConfigMap", "data": {"a": "b"}}, whole,
            {"kind": "SecretList", "items": [body(&[])]}]},
        "part": body(&[("kind", "Secret")]), "other": body(&[("apiVersion", "b/v1"), ("kind", "Secret")])}});
    let kept = object(Node::from(&outer)).to_json();
    let hidden = |value: &serde_json::Value| value["data"]["y"] == "•••••• (12 bytes)";
    let spec = &kept["spec"];
    for secret in [
        &spec["all"]["items"][0],
        &spec["all"]["items"][1],
        &spec["some"]["items"][1],
        &spec["some"]["items"][2]["items"][0],
        &spec["part"],
    ] {
        assert!(hidden(secret), "{secret}");
    }
    assert_eq!(spec["some"]["items"][0], outer["spec"]["some"]["items"][0]);
    assert_eq!(spec["other"], outer["spec"]["other"], "a Secret of another group");
    assert_eq!(object(Node::from(&kept)).to_json(), kept);
}

#[test]
fn the_manifest_of_a_secret_that_an_object_has_as_text_loses_its_values() {
    let yaml =
        "apiVersion: v1\nkind: Secret\nmetadata:\n  name: db\nstringData:\n  dsn: OddValue1\n";
    let json = r#"{"kind":"Secret","data":{"dsn":"OddValue1"}}"#;
    let of = |kind: &str| {
        serde_json::json!({"apiVersion": "v1", "kind": kind,
        "metadata": {"name": "a", "annotations": {"yaml": yaml, "json": json}}, "data": {"a.yaml": yaml, "b": json},
        "spec": {"containers": [{"name": "c", "command": ["sh", "-c", format!("kubectl apply -f - <<E\n{yaml}E")]}]}})
    };
    for kind in ["ConfigMap", "Pod"] {
        let shown = for_capture(Node::from(&of(kind))).to_json();
        let text = shown.to_string();
        assert!(!text.contains("OddValue1"), "{text}");
        assert_eq!(text.matches(MASK).count(), 5, "{text}");
        assert_eq!(shown["data"]["b"], json.replace("OddValue1", MASK));
    }
}

#[test]
fn other_objects_keep_what_was_applied_and_encryption_keys_go() {
    let job = br#"{"apiVersion":"batch/v1","kind":"CronJob","metadata":{"name":"a","annotations":{"kubectl.kubernetes.io/last-applied-configuration":"{\"apiVersion\":\"batch/v1beta1\",\"kind\":\"CronJob\",\"spec\":{}}"}}}"#;
    let kept = object(Node::from_json(job).unwrap());
    let kept = kept.str_at(&["metadata", "annotations", LAST_APPLIED]);
    assert_eq!(kept, Some(r#"{"apiVersion":"batch/v1beta1","kind":"CronJob"}"#));
    let keys = br#"{"apiVersion":"apiserver.config.k8s.io/v1","kind":"EncryptionConfiguration","resources":[{"providers":[{"aescbc":{"keys":[{"name":"k","secret":"aGVsbG8="}]}}]}]}"#;
    let text = format!("{:?}", object(Node::from_json(keys).unwrap()));
    assert!(!text.contains("aGVsbG8=") && text.contains("aescbc"), "{text}");
}

#[test]
fn a_place_is_hidden_unless_it_is_masked_already() {
    let original = Node::from_json(br#"{"a":[{"b":"hunter2"},{"b":"x"}]}"#).unwrap();
    let path = FieldPath::parse("a[0].b").unwrap();
    let hidden = hide(original.clone(), &original, &path);
    assert_eq!(hidden.to_json(), serde_json::json!({"a": [{"b": MASK}, {"b": "x"}]}));
    let masked = Node::from_json(br#"{"a":[{"b":"u:***@h"},{"b":"x"}]}"#).unwrap();
    assert_eq!(hide(masked.clone(), &original, &path), masked);
}

#[test]
fn captured_environment_variables_named_like_credentials_are_masked() {
    let pod = br#"{"apiVersion":"v1","kind":"Pod","env":[{"name":"DB_PASSWORD","value":"x"},{"name":"URL","value":"http://u:p@h"}]}"#;
    let node = for_capture(Node::from_json(pod).unwrap());
    let values: Vec<_> =
        node.list_at(&["env"]).iter().map(|e| e.str_at(&["value"]).unwrap()).collect();
    assert_eq!(values, [MASK, "http://••••••@h"]);
}

#[test]
fn a_credential_that_ends_with_its_line_is_masked_too() {
    let values = [
        ("S3cr3tPassw0rd-01", true),
        ("S3cr3tPassw0rd-01\n", true),
        ("S3cr3tPassw0rd-01\r\nx", true),
        ("\nsecond line\nS3cr3tPassw0rd-01", true),
        ("the password is\nin the vault\n", false),
        ("${PASSWORD}\n", false),
    ];
    for (value, masked) in values {
        for place in ["data", "annotations"] {
            let entries = Node::map([("password", Node::str(value))]);
            let shown = for_capture(Node::map([("metadata", Node::map([(place, entries)]))]));
            let found = shown.str_at(&["metadata", place, "password"]).unwrap();
            assert_eq!(found == MASK, masked, "{place}: {value:?} became {found:?}");
        }
    }
}

#[test]
fn what_checks_for_credentials_find_is_nowhere_in_what_is_shown() {
    let pod = br#"{"apiVersion":"v1","kind":"Pod","metadata":{"name":"a","annotations":{"note":"password: AnnSecret55","api-token":"TokSecret77","x":"OddSecret99"}},"spec":{"containers":[{"name":"c","args":["--password=ArgSecret33","--token","TokSecret44","-pPwdSecret66","--token-auth-file=/etc/x"],"livenessProbe":{"httpGet":{"httpHeaders":[{"name":"Authorization","value":"Bearer HdrSecret88"}]}}}]}}"#;
    let pod = Node::from_json(pod).unwrap();
    let place = FieldPath::parse("metadata.annotations.x").unwrap();
    let shown = shown(&pod, [&place]).to_json().to_string();
    assert!(!shown.contains("Secret"), "{shown}");
    for kept in ["--password=", "--token", "--token-auth-file=/etc/x", "Authorization", "note"] {
        assert!(shown.contains(kept), "{kept}: {shown}");
    }
}
