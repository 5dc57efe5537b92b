use super::*;

#[test]
fn subjects_and_roles_are_named_as_kubectl_does() {
    let account = |namespace: &str, name: &str| {
        Some(Question::Subject(Subject::Account { namespace: namespace.into(), name: name.into() }))
    };
    for text in ["ServiceAccount/pay/web", "sa/pay/web", "User/system:serviceaccount:pay:web"] {
        assert_eq!(parse(text), account("pay", "web"), "{text}");
    }
    let user = |name: &str| Some(Question::Subject(Subject::User(name.into())));
    assert_eq!(parse("user/ada@example.com"), user("ada@example.com"));
    assert_eq!(parse("User/CN=a/O=b"), user("CN=a/O=b"), "a slash is a letter of a user's name");
    let group = Some(Question::Subject(Subject::Group("system:masters".into())));
    assert_eq!(parse("Group/system:masters"), group);
    let role = |namespace: &str| {
        Some(Question::Role { namespace: namespace.to_owned(), name: "edit".to_owned() })
    };
    assert_eq!(parse("clusterrole/edit"), role(""));
    assert_eq!(parse("Role/pay/edit"), role("pay"));
    let wrong = [
        "",
        "web",
        "sa/web",
        "sa/pay/",
        "role/edit",
        "user/",
        "pod/pay/web",
        "user/system:serviceaccount:x",
    ];
    for none in wrong {
        assert_eq!(parse(none), None, "{none}");
    }
}
