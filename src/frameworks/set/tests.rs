use super::*;

const HEAD: &str =
    "id='x'\ntitle='t'\npublisher='p'\nversion='1'\nurl='https://u'\nlevels=['L1']\n";
const MATRIX: &str =
    "id='x'\ntitle='t'\npublisher='p'\nversion='1'\nurl='https://u'\nkind='matrix'\n";

fn fault(head: &str, controls: &str) -> Option<(u32, String)> {
    let mut set = Set::default();
    set.add_strictly("x.toml", &format!("{head}{controls}"));
    set.problems.first().map(|p| (p.line.unwrap_or(0), p.message.clone()))
}

fn control(id: &str, rest: &str) -> String {
    format!("[[control]]\nid='{id}'\ntitle='a'\n{rest}\n")
}

#[test]
fn the_built_in_frameworks_load() {
    let set = Set::builtin();
    assert_eq!(set.problems, []);
    assert_eq!(CONTENT.lines().count(), set.frameworks.len());
    assert!(set.frameworks.len() >= 3);
}

#[test]
fn what_is_embedded_is_what_the_files_say() {
    let set = Set::builtin();
    for framework in &set.frameworks {
        let text = set.texts().find(|(id, _)| *id == framework.id).unwrap().1;
        assert_eq!(toml::from_str::<Framework>(text).unwrap(), **framework, "{}", framework.id);
        assert!(set.is_builtin(&framework.id));
    }
}

#[test]
fn a_broken_file_is_a_problem_with_its_place() {
    let mut set = Set::default();
    set.add("x.toml", "id = \"x\"\ntitel = \"y\"\n");
    let problem = &set.problems[0];
    assert_eq!((problem.line, problem.file.as_deref()), (Some(2), Some("x.toml")));
    assert!(problem.message.contains("titel"), "{}", problem.message);
}

#[test]
fn what_means_nothing_is_refused_with_its_line() {
    let check = "checks=[{id='a', strength='full', because='b'}]";
    for (head, controls, line, part) in [
        (HEAD, control("1", "assessment='manual'"), 7, "asks no `question`"),
        (HEAD, control("1", "assessment='partial'"), 7, "asks no `question`"),
        (HEAD, control("1", "assessment='automated'"), 7, "no check decides it"),
        (HEAD, control("1", "assessment='imported'"), 7, "does not say from where"),
        (HEAD, control("1", "assessment='imported'\nevidence='e'\nlevels=['L3']"), 7, "lacks"),
        (HEAD, control("1", "assessment='imported'\nevidence='e'\nparent='2'"), 7, "not exist"),
        (HEAD, control("1", "assessment='imported'\nevidence='e'\nparent='1'"), 7, "own parent"),
        (
            HEAD,
            control("1", "assessment='automated'\nchecks=[{id='a', strength='full'}]"),
            7,
            "because of what",
        ),
        (
            HEAD,
            control(
                "1",
                "assessment='automated'\nchecks=[{id='a', strength='full', because='b'}, {id='a', strength='partial', because='c'}]",
            ),
            7,
            "names check `a` twice",
        ),
        (
            HEAD,
            control("1", &format!("assessment='automated'\n{check}"))
                + &control("2", &format!("assessment='automated'\n{check}\naliases=['1']")),
            12,
            "is the id of a control",
        ),
        (
            HEAD,
            control("1", &format!("assessment='automated'\n{check}\naliases=['9']"))
                + &control("2", &format!("assessment='automated'\n{check}\naliases=['9']")),
            13,
            "one of `1` as well",
        ),
        (
            HEAD,
            control("1", &format!("assessment='automated'\n{check}")).repeat(2),
            12,
            "stands here twice",
        ),
    ] {
        let (at, message) = fault(head, &controls).unwrap_or_default();
        assert!(message.contains(part), "{part}: {message}");
        assert_eq!(at, line, "{message}");
    }
}

#[test]
fn techniques_ask_nobody_and_have_tactics_and_parents() {
    let controls = control("T1", "assessment='partial'\ntactics=['Execution']")
        + &control(
            "T1.001",
            "assessment='manual'\nparent='T1'\nbaselines={ fedramp = ['low', 'moderate'] }",
        );
    assert_eq!(fault(MATRIX, &controls), None);
}

#[test]
fn a_user_need_not_say_why_a_mapping_holds() {
    let mut set = Set::default();
    let controls = control("1", "assessment='automated'\nchecks=[{id='a', strength='full'}]");
    set.add("x.toml", &format!("{HEAD}{controls}"));
    assert_eq!(set.problems, []);
    set.add("y.toml", &format!("{HEAD}{controls}"));
    assert!(set.problems[0].message.contains("exists already"));
}

#[test]
fn a_family_names_its_newest_edition() {
    let mut set = Set::default();
    for version in ["1.9", "1.10", "1.2"] {
        let head = "title='t'\npublisher='p'\nurl='https://u'\nfamily='f'\n";
        set.add("x.toml", &format!("id='f-{version}'\nversion='{version}'\n{head}"));
    }
    assert_eq!(set.problems, []);
    assert_eq!(set.get("f").unwrap().id, "f-1.10");
    assert_eq!(set.get("f-1.2").unwrap().id, "f-1.2");
    let named: Vec<_> = set.named("f").iter().map(|f| f.version.clone()).collect();
    assert_eq!(named, ["1.10", "1.9", "1.2"]);
}
