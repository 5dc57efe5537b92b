//! What comes from a server, a plugin, a kubeconfig or a terminal.

use plimsoll::cluster::fuzzing;
use plimsoll::model::node::Node;
use plimsoll::model::object::Object;
use plimsoll::term::background::Answer;
use plimsoll::text::is_safe;

/// A page of a list, and the line of a watch.
pub fn page(data: &[u8]) {
    let _ = fuzzing::list_page(data);
    let _ = fuzzing::watch_line(data);
    let Ok(node) = Node::from_json(data) else { return };
    let again = serde_json::to_vec(&node).expect("a tree is JSON");
    assert_eq!(Node::from_json(&again).expect("what was written is read"), node);
    if let Ok(object) = Object::new(node) {
        let _ = (object.id.to_string(), object.kind());
    }
}

/// A page of a list in protobuf: what comes of it is what JSON can say, and in proportion to it.
pub fn binary(data: &[u8]) {
    let mut held = 0;
    for node in fuzzing::binary_page(data) {
        let again = serde_json::to_vec(&node).expect("a tree is JSON");
        assert_eq!(Node::from_json(&again).expect("what was written is read"), node);
        held += again.len();
    }
    super::bounded(held, data.len(), 0);
}

/// Answers of credential plugins, components and terminals.
pub fn answers(data: &[u8]) {
    let _ = fuzzing::credential(data);
    fuzzing::components(data);
    let answer = Answer::of(data);
    let typed = answer.typed.chars().all(|c| !c.is_control());
    assert!(typed, "what is taken for typed text is text: {:?}", answer.typed);
}

/// A kubeconfig; and its lines as settings of proxies.
pub fn kubeconfig(data: &[u8]) {
    for name in fuzzing::kubeconfig(data).into_iter().flatten() {
        assert!(plimsoll::text::clean(&name).chars().all(is_safe));
    }
    let Some(text) = super::text(data) else { return };
    let mut lines = text.lines();
    let mut next = || lines.next().unwrap_or_default();
    fuzzing::proxy(next(), next(), next());
}
