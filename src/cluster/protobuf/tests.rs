use super::*;

/// A field with these bytes.
fn field(number: u64, bytes: &[u8]) -> Vec<u8> {
    [varint(number << 3 | 2), varint(bytes.len() as u64), bytes.to_vec()].concat()
}

/// A field with this number.
fn count(number: u64, value: u64) -> Vec<u8> {
    [varint(number << 3), varint(value)].concat()
}

fn varint(mut value: u64) -> Vec<u8> {
    let mut bytes = Vec::new();
    while value > 0x7f {
        bytes.push(u8::try_from(value & 0x7f).unwrap() | 0x80);
        value >>= 7;
    }
    bytes.push(u8::try_from(value).unwrap());
    bytes
}

fn enveloped(api_version: &str, kind: &str, raw: &[u8]) -> Vec<u8> {
    let meta = [field(1, api_version.as_bytes()), field(2, kind.as_bytes())].concat();
    [MAGIC.to_vec(), field(1, &meta), field(2, raw), field(3, b""), field(4, b"")].concat()
}

/// A list of pods, each with these fields.
fn pods(items: &[Vec<u8>]) -> Vec<u8> {
    let head = [field(1, b""), field(2, b"7"), field(3, b"there"), count(4, 2)].concat();
    let items = items.iter().map(|item| field(2, item));
    enveloped("v1", "PodList", &[vec![field(1, &head)], items.collect()].concat().concat())
}

fn read(bytes: &[u8]) -> Result<Vec<String>, Unread> {
    read_of(bytes, ("v1", "Pod"))
}

fn read_of(bytes: &[u8], kind: (&str, &str)) -> Result<Vec<String>, Unread> {
    let (_, items) = list(bytes, kind)?;
    let json = |item: JsonItem| {
        let tree = Node::Map(crate::model::node::Map::new(item));
        serde_json::to_string(&tree).unwrap()
    };
    Ok(items.into_iter().map(json).collect())
}

/// The metadata of a pod.
fn named(name: &str) -> Vec<u8> {
    field(1, &field(1, name.as_bytes()))
}

/// A pod with one container, which has these fields.
fn with_container(container: &[Vec<u8>]) -> Vec<u8> {
    [named("a"), field(2, &field(2, &container.concat()))].concat()
}

#[test]
fn a_list_comes_as_its_json_would() {
    let container = [
        field(1, b"c"),
        field(2, b""),
        // An environment; `envFrom` stands before it in JSON, and has a later number.
        field(7, &[field(1, b"A"), field(2, b"")].concat()),
        field(8, b""),
        field(19, b""),
    ];
    let labels = [("b", "2"), ("a", "1")].map(|(key, value)| {
        field(11, &[field(1, key.as_bytes()), field(2, value.as_bytes())].concat())
    });
    let metadata = [
        field(1, b"a"),
        count(7, 0),
        field(8, &[count(1, 1_700_000_000), count(2, 0)].concat()),
        labels.concat(),
        field(17, &[0xff, 0xff, 0xff]),
    ];
    let pod =
        [field(1, &metadata.concat()), field(2, &field(2, &container.concat())), field(3, b"")];
    assert_eq!(
        read(&pods(&[pod.concat()])).unwrap(),
        [
            r#"{"metadata":{"name":"a","creationTimestamp":"2023-11-14T22:13:20Z","labels":{"a":"1","b":"2"}},"spec":{"containers":[{"name":"c","envFrom":[{}],"env":[{"name":"A"}],"resources":{}}]},"status":{}}"#
        ]
    );
}

/// A server's JSON says what it is, and protobuf does not.
#[test]
fn an_object_in_another_one_says_what_it_is() {
    let claim = field(4, &field(1, &field(1, b"claim")));
    let set = field(2, &[named("set"), field(2, &claim)].concat());
    let bytes = enveloped("apps/v1", "StatefulSetList", &[field(1, b""), set].concat());
    assert_eq!(
        read_of(&bytes, ("apps/v1", "StatefulSet")).unwrap(),
        [
            r#"{"metadata":{"name":"set"},"spec":{"volumeClaimTemplates":[{"kind":"PersistentVolumeClaim","apiVersion":"v1","metadata":{"name":"claim"}}]}}"#
        ]
    );
}

#[test]
fn the_head_says_where_the_list_goes_on() {
    let bytes = pods(&[named("a")]);
    let wanted = ListHead { next: "there".into(), version: "7".into(), remaining: Some(2) };
    assert_eq!(head(&bytes), Some(wanted.clone()));
    assert_eq!(list(&bytes, ("v1", "Pod")).unwrap().0, wanted);
    assert_eq!(head(b"{\"kind\":\"PodList\"}"), None);
}

#[test]
fn equal_parts_are_the_same_memory_and_others_are_not() {
    let pod = |image: &[u8]| {
        with_container(&[field(1, b"container-of-pods"), field(2, image), field(8, b"")])
    };
    let bytes = pods(&[pod(b"registry/one"), pod(b"registry/one"), pod(b"registry/two")]);
    let (_, items) = list(&bytes, ("v1", "Pod")).unwrap();
    let spec =
        |at: usize| items[at].iter().find(|(key, _)| key.as_str() == "spec").unwrap().1.clone();
    let place = |node: &Node| node.as_map().unwrap().entries().as_ptr();
    assert_eq!(place(&spec(0)), place(&spec(1)));
    assert_ne!(spec(0), spec(2));
}

#[test]
fn a_field_that_is_not_known_is_never_passed_over() {
    for unknown in [count(99, 1), count(255, u64::MAX), field(1023, b"x")] {
        let container = read(&pods(&[with_container(&[field(1, b"c"), unknown.clone()])]));
        assert!(
            matches!(container, Err(Unread::Unknown { of: "core.v1.Container", .. })),
            "{container:?}"
        );
        let of_list = enveloped("v1", "PodList", &[field(1, b""), unknown.clone()].concat());
        assert!(matches!(read(&of_list), Err(Unread::Unknown { .. })), "in the list");
        let of_head = enveloped("v1", "PodList", &field(1, &unknown));
        assert!(matches!(read(&of_head), Err(Unread::Unknown { .. })), "in its metadata");
        let around = [pods(&[]), unknown].concat();
        assert!(matches!(read(&around), Err(Unread::Unknown { .. })), "around it");
    }
}

#[test]
fn a_field_is_written_as_its_type_is_and_once() {
    for wrong in
        [count(1, 7), count(8, 1), field(17, b"yes"), vec![0x0b, 0x0c], vec![0x0d, 0, 0, 0, 0]]
    {
        let read = read(&pods(&[with_container(std::slice::from_ref(&wrong))]));
        assert_eq!(read, Err(Unread::Written), "{wrong:?}");
    }
    let twice = [field(1, b"c"), field(2, b"i"), field(1, b"d")];
    let of = "core.v1.Container";
    assert_eq!(read(&pods(&[with_container(&twice)])), Err(Unread::Twice { of, number: 1 }));
    let apart = [field(3, b"sh"), field(2, b"i"), field(3, b"-c")];
    assert_eq!(read(&pods(&[with_container(&apart)])), Err(Unread::Twice { of, number: 3 }));
    assert_eq!(read(&pods(&[with_container(&[field(1, &[0xff])])])), Err(Unread::Text));
}

#[test]
fn only_the_list_that_was_asked_for_counts() {
    let of = |version: &str, kind: &str| read(&enveloped(version, kind, &field(1, b"")));
    assert_eq!(of("v1", "PodList"), Ok(Vec::new()));
    for (version, kind) in [("v1", "SecretList"), ("v2", "PodList"), ("v1", "Pod"), ("", "")] {
        assert!(matches!(of(version, kind), Err(Unread::Kind { .. })), "{version} {kind}");
    }
    assert!(matches!(read(&enveloped("v1", "PodList", b"")), Err(Unread::Envelope(_))));
    let packed = [pods(&[]), field(3, b"gzip")].concat();
    assert!(matches!(read(&packed), Err(Unread::Envelope(_))));
    assert!(matches!(
        read(&[pods(&[]), field(4, b"application/json")].concat()),
        Err(Unread::Envelope(_))
    ));
    assert!(matches!(read(b"{\"kind\":\"PodList\"}"), Err(Unread::Envelope(_))));
}

#[test]
fn whatever_is_cut_off_is_an_error() {
    let whole = pods(&[with_container(&[field(1, b"c"), count(17, 1), field(8, b"")]), named("b")]);
    assert_eq!(read(&whole).map(|items| items.len()), Ok(2));
    // Without what follows the object, which says that it is not packed, it is whole too.
    for end in 0..whole.len() - 4 {
        assert!(read(&whole[..end]).is_err(), "{end}");
    }
}

#[test]
fn more_items_than_a_page_has_are_refused_early() {
    let raw = [field(1, b""), [0x12, 0].repeat(MOST + 1)].concat();
    assert_eq!(read(&enveloped("v1", "PodList", &raw)), Err(Unread::Many));
}

#[test]
fn a_refusal_says_why() {
    let raw = [
        field(1, b""),
        field(2, b"Failure"),
        field(3, b"not you"),
        field(4, b"Forbidden"),
        count(6, 403),
    ];
    let refusal = enveloped("v1", "Status", &raw.concat());
    assert_eq!(status(&refusal), Some(("not you".to_owned(), "Forbidden".to_owned())));
    assert_eq!(status(&pods(&[])), None);
}
