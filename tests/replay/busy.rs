//! Servers that shed load, and those that show no list at all.

use super::*;
use plimsoll::model::kinds::flagz;

#[tokio::test]
async fn a_busy_server_is_asked_for_a_time_however_often_that_is() {
    let server = Server::start(|request| {
        let busy = request.path == "/api/v1/pods" && request.nth < 8;
        busy.then(|| status(429, "", "too many").unwrap())
    })
    .await;
    // Three tries are made of anything else.
    let inventory = capture(&server, &request(&["Pod"])).await.unwrap();
    assert_eq!(find(&inventory, "Pod", None).status, ReadStatus::Complete);
}

#[tokio::test]
async fn the_time_is_for_all_requests_together_and_the_words_are_its_own() {
    let busy = |request: &Request| request.path.starts_with("/api/v1/");
    let server = Server::start(move |request| match request.path.as_str() {
        "/flagz" => ok(r#"{"kind":"Flagz","flags":{"profiling":"true"}}"#),
        _ if busy(request) => status(429, "", "too many"),
        _ => None,
    })
    .await;
    let mut options = server.options();
    options.patience.asked = Duration::from_millis(500);
    let connection = connect(&options).await.unwrap();
    let mut asked = request(&["Pod", "ConfigMap", "Service", "Node", "LimitRange", "Endpoints"]);
    asked.kinds.push(flagz());
    let begun = Instant::now();
    let inventory = read(&connection, &asked, |_| ()).await.unwrap();
    assert!(begun.elapsed() < Duration::from_secs(3), "{:?}", begun.elapsed());
    assert_eq!(inventory.of(&flagz()).len(), 1);
    // What an end point says is no list: nothing is known of the cluster.
    let blind = inventory.blind().expect("no list could be read");
    assert!(blind.message.as_deref().unwrap().contains("too many (HTTP 429)"), "{blind:?}");

    let server = Server::start(|request| {
        request
            .path
            .starts_with("/api")
            .then(|| status(429, "retry-after: 1\r\n", "too many").unwrap())
    })
    .await;
    let mut options = server.options();
    options.patience.asked = Duration::from_millis(1500);
    let connection = connect(&options).await.unwrap();
    let mut notes = Vec::new();
    let told = |progress: &Progress| notes.extend(progress.note.clone());
    let error = read(&connection, &request(&["Pod"]), told).await.unwrap_err();
    assert!(error.why.contains("too many (HTTP 429)"), "{error}");
    assert!(error.next.contains("too busy") && !error.next.contains("healthy"), "{error}");
    assert!(notes.iter().any(|note| note.contains("discovery: too many")), "{notes:?}");
    let tries = server.count(|request| request.path == "/apis");
    assert_eq!(tries, 3, "at once, and as it says, for as long as the time lasts");
}
