use std::collections::BTreeSet;

use super::*;

struct Row(Vec<(FilterField, &'static str)>, Option<Severity>);

impl Facets for Row {
    fn any(&self, field: FilterField, test: &mut dyn FnMut(&str) -> bool) -> bool {
        self.0.iter().any(|(of, value)| *of == field && test(value))
    }

    fn severity(&self) -> Option<Severity> {
        self.1
    }
}

fn row() -> Row {
    let fields = vec![
        (FilterField::Name, "payment-gateway"),
        (FilterField::Text, "runs privileged spec.containers[0]"),
        (FilterField::Namespace, "pay"),
        (FilterField::Kind, "Deployment"),
        (FilterField::Check, "privileged-container"),
        (FilterField::Status, "open"),
        (FilterField::Framework, "nsa-cisa"),
        (FilterField::Framework, "pss-baseline"),
        (FilterField::Label, "app=gateway"),
        (FilterField::Label, "team=Payments"),
        (FilterField::Image, "registry.example/pay/gateway:1.4"),
    ];
    Row(fields, Some(Severity::High))
}

fn accepts(text: &str) -> bool {
    Filter::new(text).accepts(&row(), &matcher())
}

#[test]
fn words_and_terms() {
    for yes in [
        "",
        "privileged",
        "PRIVILEGED",
        "~paygate",
        "!paygate",
        "ns:pay",
        "ns:",
        "ns:pa*",
        "ns:=PAY",
        "ns:shop,pay",
        "kind:deploy",
        "kind:Dep",
        "kind:pod,deploy",
        "sev:high",
        "sev:low,high",
        "sev:medium+",
        "severity:h",
        "check:priv",
        "check:*container",
        "fw:nsa",
        "framework:*baseline",
        "label:app=gateway",
        "label:team=pay*",
        "image:gateway",
        "\"runs privileged\"",
        "status:open",
        "is:OPEN",
        "!ns:shop",
        "ns:pay !accepted",
        "!",
        "!sidecar fw:nsa kind:deploy ns:pay* sev:high check:priv status:open",
    ] {
        assert!(accepts(yes), "{yes}");
    }
    for no in [
        "zzz",
        "pyz",
        "paygate",
        "!~paygate",
        "~gatepay",
        "ns:=pa",
        "ns:*x",
        "kind:pod",
        "sev:low",
        "sev:critical+",
        "!privileged",
        "!ns:pay",
        "privileged ns:shop",
        "status:accepted",
        "status:pen",
        "gateway-payment",
        "fw:hipaa",
        "!fw:nsa",
        "label:app=web",
        "\"privileged runs\"",
        "unknown:pay",
    ] {
        assert!(!accepts(no), "{no}");
    }
}

#[test]
fn matches_are_shown_where_they_are() {
    let matcher = matcher();
    assert_eq!(Filter::new("gate").highlights("pay-Gateway", &matcher), vec![4..8]);
    let loose = Filter::new("~paygate").highlights("payment-gateway", &matcher);
    assert_eq!(loose.len(), 7);
    assert!(Filter::new("paygate").highlights("payment-gateway", &matcher).is_empty());
    assert!(Filter::new("!gate").highlights("gateway", &matcher).is_empty());
    assert_eq!(Filter::new("b").highlights("äb", &matcher), vec![2..3]);
    assert_eq!(Filter::new("\"y g\"").highlights("pay gate", &matcher), vec![2..5]);
}

#[test]
fn every_term_is_known_by_both_names() {
    for FieldName { short, long, field, about } in FIELDS {
        assert_eq!(FilterField::parse(short), Some(*field));
        assert_eq!(FilterField::parse(long), Some(*field));
        assert!(
            about.contains(&format!("{short}:")) || about.contains(&format!("{long}:")),
            "{about}"
        );
    }
}

#[test]
fn names_and_values_are_completed() {
    let values: BTreeSet<String> = ["pay", "payments", "shop"].map(str::to_owned).into();
    let next = |before: &str| {
        let found = completion(before);
        let value = match found.field {
            Some(_) => found.next(&values)?,
            None => found.next(&names(|_| true))?,
        };
        Some(format!("{}{value}", before.get(..found.from)?))
    };
    assert_eq!(next("privileged n").as_deref(), Some("privileged ns:"));
    assert_eq!(next("!st").as_deref(), Some("!status:"));
    assert_eq!(next("x ns:").as_deref(), Some("x ns:pay"));
    assert_eq!(next("ns:s").as_deref(), Some("ns:shop"));
    assert_eq!(next("ns:pay").as_deref(), Some("ns:payments"), "on to the next one");
    assert_eq!(next("ns:shop").as_deref(), Some("ns:pay"), "round to the first");
    assert_eq!(next("ns:pay,HO").as_deref(), Some("ns:pay,shop"), "within a word as well");
    assert_eq!(next("!ns:=s").as_deref(), Some("!ns:=shop"));
    assert_eq!(next("ns:zzz"), None);
    // Only terms that a list can answer are offered.
    assert_eq!(
        completion("s").next(&names(|f| f == FilterField::Subject)).as_deref(),
        Some("subj:")
    );
    assert_eq!(completion("k").next(&names(|f| f == FilterField::Subject)), None);
    assert_eq!(next("ä\u{3000}ns:s").as_deref(), Some("ä\u{3000}ns:shop"), "wide spaces too");
}
