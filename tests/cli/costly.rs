//! Rules that were made to run for ever or to fill the memory: each ends soon in an error that names
//! the check's file, and never in a pass.

use std::time::{Duration, Instant};

use serde_json::Value;

use super::sandbox::Sandbox;

/// What a rule comes to on a pod whose annotation `a` is this text.
fn judge(rule: &str, annotation: &str) -> (Value, Duration) {
    let sandbox = Sandbox::new();
    let check = super::own::check("mine", "!container.image.contains('@')", "");
    let quoted = toml::Value::from(rule).to_string();
    sandbox.write("my/own/mine.toml", check.replace("\"!container.image.contains('@')\"", &quoted));
    let pod = serde_json::json!({"apiVersion": "v1", "kind": "Pod",
        "metadata": {"name": "web", "annotations": {"a": annotation}},
        "spec": {"containers": [{"name": "app", "image": "nginx"}]}});
    sandbox.write("pod.json", pod.to_string());
    let begun = Instant::now();
    let args = ["scan", "-f", "pod.json", "--checks-dir", "my", "--check", "mine", "-o", "json"];
    let run = sandbox.run(&args);
    assert_eq!(run.status, 0, "{}", run.err);
    (run.json(), begun.elapsed())
}

#[track_caller]
fn too_costly(rule: &str, annotation: &str) {
    let (scan, took) = judge(rule, annotation);
    let counts = scan["checks"].as_array().unwrap().iter().find(|c| c["id"] == "mine").unwrap();
    assert_eq!((&counts["error"], &counts["pass"]), (&1.into(), &0.into()), "{rule}: {counts}");
    let problems = scan["problems"].as_array().unwrap();
    let problem = problems.iter().find(|p| p["kind"] == "evaluation").expect(rule);
    assert!(problem["message"].as_str().unwrap().contains("too many steps"), "{problem}");
    assert!(problem["file"].as_str().unwrap().ends_with("mine.toml"), "{problem}");
    assert_eq!(problem["object"]["name"], "web", "{problem}");
    assert!(took < Duration::from_secs(60), "{rule} took {took:?}");
}

#[test]
fn loops_within_loops_end() {
    too_costly(
        "lists.range(1000).all(a, lists.range(1000).all(b, lists.range(1000).all(c, a + b + c >= 0)))",
        "",
    );
}

#[test]
fn texts_and_lists_that_double_do_not_fill_the_memory() {
    let doubling = |first: &str, step: &str| {
        let names: Vec<String> = (0..40).map(|n| format!("v{n}")).collect();
        let mut rule = format!("cel.bind(v0, {first}, ");
        for pair in names.windows(2) {
            rule.push_str(&format!("cel.bind({}, {}, ", pair[1], step.replace('x', &pair[0])));
        }
        format!("{rule}size(v39) > 0{}", ")".repeat(40))
    };
    too_costly(&doubling("'abcdefgh'", "x + x"), "");
    too_costly(&doubling("[1, 2]", "x + x"), "");
    // A list that holds another one twice takes no room; to compare it takes time.
    let nested = doubling("[1, 2]", "[x, x]").replace("size(v39) > 0", "v39 == [v38, v38]");
    too_costly(&nested, "");
}

#[test]
fn texts_that_are_alike_cost_what_their_comparison_takes() {
    let long = "x".repeat(200_000);
    let text = "object.metadata.annotations.a";
    too_costly(&format!("lists.range(30000).map(i, {text}).sort().size() > 0"), &long);
}

#[test]
fn a_regular_expression_costs_what_it_may_take() {
    let mut seed = 88_172_645_463_325_252_u64;
    let digits: String = (0..200_000)
        .map(|_| {
            seed ^= seed << 13;
            seed ^= seed >> 7;
            seed ^= seed << 17;
            if seed.is_multiple_of(2) { '0' } else { '1' }
        })
        .collect();
    let text = "object.metadata.annotations.a";
    too_costly(&format!("{text}.matches('[01]*1[01]{{4000}}x')"), &digits);
    // What ordinary rules look for is far within the budget.
    let (scan, _) = judge(&format!("{text}.matches('(?i)password=[a-z0-9]+')"), &digits);
    assert_eq!(scan["checks"][0]["pass"], 1, "{}", scan["checks"]);
}

#[test]
fn a_short_document_that_stands_for_millions_of_values_is_not_taken_apart() {
    let mut bomb = "a: &a [x,x,x,x,x,x,x,x,x,x]\n".to_owned();
    for (from, to) in ('a'..'f').zip('b'..'g') {
        bomb.push_str(&format!("{to}: &{to} [{}]\n", vec![format!("*{from}"); 10].join(",")));
    }
    too_costly("parseYaml(object.metadata.annotations.a).hasValue()", &bomb);
}

#[test]
fn rules_that_nest_too_deep_or_are_too_long_are_refused_with_their_place() {
    let sandbox = Sandbox::new();
    sandbox.write("web.yaml", super::sandbox::WEB);
    for (rule, says) in [
        (format!("{}true{}", "(".repeat(2000), ")".repeat(2000)), "mine.toml:"),
        (format!("{}true", "!".repeat(4000)), "mine.toml:"),
        (format!("'{}' == ''", "x".repeat(5000)), "more than the 4096"),
        ("container.name.matches('(a{500}){500}')".to_owned(), "the pattern is not usable"),
        (format!("container{}", ".a".repeat(1900)), "mine.toml:"),
    ] {
        let check = super::own::check("mine", "RULE", "");
        let quoted = toml::Value::from(rule.as_str()).to_string();
        sandbox.write("my/own/mine.toml", check.replace("\"RULE\"", &quoted));
        let args = ["scan", "-f", "web.yaml", "--checks-dir", "my", "--check", "host-port"];
        let run = sandbox.run(&args);
        assert_eq!(run.status, 2, "{}", run.err);
        assert!(run.err.contains(says) && run.err.len() < 8000, "{}", run.err);
    }
}
