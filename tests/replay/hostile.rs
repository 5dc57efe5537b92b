//! A server, or whoever may write objects, that means harm.

use super::*;

/// Serves this as the list of pods.
async fn pods(items: &str) -> (Inventory, Duration) {
    let body = format!(
        r#"{{"kind":"PodList","apiVersion":"v1","metadata":{{"resourceVersion":"7"}},"items":[{items}]}}"#
    );
    let server = Server::start(move |request| {
        (request.path == "/api/v1/pods" && !request.is_watch())
            .then(|| Reply::Json(200, "", body.clone()))
    })
    .await;
    let begun = Instant::now();
    let inventory = capture(&server, &request(&["Pod"])).await.unwrap();
    (inventory, begun.elapsed())
}

#[tokio::test]
async fn a_page_that_nests_without_end_is_no_answer_and_says_so() {
    let deep = format!(
        r#"{{"metadata":{{"name":"a"}},"x":{}{}}}"#,
        "[".repeat(100_000),
        "]".repeat(100_000)
    );
    let (inventory, took) = pods(&deep).await;
    let read = find(&inventory, "Pod", None);
    assert_eq!(read.status, ReadStatus::Failed, "{read:?}");
    let message = read.message.clone().unwrap();
    assert!(message.contains("recursion limit") && message.contains("column"), "{message}");
    assert!(took < SOON, "{took:?}");
}

#[tokio::test]
async fn twice_named_keys_absurd_numbers_and_giant_texts_are_one_object_each() {
    let giant = "x".repeat(10 << 20);
    let items = [
        r#"{"metadata":{"name":"a","namespace":"n","namespace":"m"},"spec":{"hostNetwork":false,"hostNetwork":true}}"#,
        r#"{"metadata":{"name":"b"},"spec":{"n":[-0,1e308,18446744073709551616,1180591620717411303424,0.1e-400]}}"#,
        &format!(r#"{{"metadata":{{"name":"c","annotations":{{"x":"{giant}"}}}}}}"#),
        "{\"metadata\":{\"name\":\"d\\u001b[31m\\u202e\",\"ownerReferences\":[{\"kind\":\"Pod\",\"name\":\"d\\u001b[31m\\u202e\",\"controller\":true}]}}",
        r#"{"metadata":{"name":"../../x","namespace":"-rf"}}"#,
        r#"{"metadata":{"name":7}}"#,
        r#"{"metadata":"x"}"#,
        "[]",
    ]
    .join(",");
    let (inventory, took) = pods(&items).await;
    assert!(took < Duration::from_secs(20), "{took:?}");
    assert_eq!(names(&inventory, "Pod").len(), 5, "what has no name is no object");
    let a = inventory.objects().find(|o| &*o.id.name == "a").unwrap();
    assert_eq!(a.namespace(), "m", "the last of two keys holds, as in the server");
    for object in inventory.of(&Kind::new("", "Pod")) {
        let shown = plimsoll::text::clean(&object.id.to_string()).into_owned();
        assert!(shown.chars().all(plimsoll::text::is_safe), "{shown}");
    }
}

#[tokio::test]
async fn a_number_that_no_float_holds_fails_the_list_with_its_place() {
    let (inventory, _) = pods(r#"{"metadata":{"name":"a"},"spec":{"n":1e400}}"#).await;
    let read = find(&inventory, "Pod", None);
    assert_eq!(read.status, ReadStatus::Failed, "{read:?}");
    assert!(read.message.as_deref().unwrap().contains("number out of range"), "{read:?}");
}
