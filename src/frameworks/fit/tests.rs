use super::*;

fn framework(id: &str, rest: &str) -> Arc<Framework> {
    let text = format!(
        "id='{id}'\ntitle='{id}'\npublisher='p'\nurl='https://u'\n{rest}\n[[control]]\nid='1.1'\ntitle='t'\nassessment='manual'\nquestion='q?'\naliases=['old-{id}']\n"
    );
    Arc::new(toml::from_str(&text).unwrap())
}

fn cis(version: &str, range: &str) -> Arc<Framework> {
    let rest = format!(
        "version='{version}'\nfamily='cis'\nprovider='self-managed'\nkubernetes='{range}'\nlevels=['L1', 'L2']"
    );
    framework(&format!("cis-{version}"), &rest)
}

/// Newest first, as a set gives them.
fn editions() -> Vec<Arc<Framework>> {
    vec![cis("2.0.1", ">=1.34, <1.36"), cis("1.12", ">=1.32, <1.35"), cis("1.9", "<1.30")]
}

fn managed(id: &str) -> Arc<Framework> {
    framework(id, &format!("version='1'\nfamily='{id}'\nprovider='{id}'"))
}

fn want(name: &str, by: By, editions: Vec<Arc<Framework>>) -> Wanted {
    Wanted { name: name.to_owned(), by, editions, level: None, controls: Vec::new() }
}

fn cluster(provider: &str, minor: impl Into<Option<u32>>) -> Cluster {
    let provider = Some(provider.to_owned()).filter(|word| !word.is_empty());
    Cluster { provider, minor: minor.into() }
}

fn chosen(wanted: &[Wanted], cluster: &Cluster) -> (Vec<String>, Vec<String>) {
    let (picks, left) = choose(wanted, cluster);
    let picks = picks.iter().map(|p| p.framework.id.clone()).collect();
    (picks, left.into_iter().map(|n| n.id).collect())
}

#[test]
fn the_edition_for_the_version_is_judged_and_the_newest_of_several() {
    for by in [By::Default, By::Family] {
        let wanted = [want("cis", by, editions())];
        for (minor, id) in [(35, "cis-2.0.1"), (34, "cis-2.0.1"), (33, "cis-1.12"), (20, "cis-1.9")]
        {
            let (picks, left) = choose(&wanted, &cluster("self-managed", minor));
            assert_eq!(picks[0].framework.id, id, "1.{minor}");
            assert!(picks[0].because.contains(&format!("1.{minor}")), "{}", picks[0].because);
            assert_eq!(left.len(), 2);
            assert!(left.iter().all(|n| n.why == Why::Edition));
            assert_eq!(told(&left, &BTreeSet::from(["cis"])), Vec::<String>::new());
        }
    }
}

#[test]
fn outside_every_edition_none_fits_and_the_nearest_is_named() {
    let wanted = [want("cis", By::Default, editions())];
    for (minor, nearest) in [(37, "cis-2.0.1"), (31, "cis-1.12"), (30, "cis-1.9")] {
        let (picks, left) = choose(&wanted, &cluster("self-managed", minor));
        assert_eq!(picks, [], "1.{minor}");
        assert_eq!(left.len(), 3);
        let lines = told(&left, &BTreeSet::new());
        assert_eq!(lines.len(), 1, "{lines:?}");
        let start =
            format!("cis: no benchmark for Kubernetes 1.{minor} here; nearest is {nearest} ");
        assert!(lines[0].starts_with(&start), "{}", lines[0]);
    }
}

#[test]
fn what_is_chosen_by_id_is_judged_with_a_note_where_it_does_not_fit() {
    let by_id = |f: &Arc<Framework>| [want(&f.id, By::Id, vec![Arc::clone(f)])];
    let edition = cis("2.0.1", ">=1.34, <1.36");
    let note = |f: &Arc<Framework>, cluster: &Cluster| {
        let (picks, left) = choose(&by_id(f), cluster);
        assert_eq!((picks.len(), left.len()), (1, 0));
        picks[0].note.clone().unwrap_or_default()
    };
    assert_eq!(note(&edition, &cluster("self-managed", 35)), "");
    assert_eq!(
        note(&edition, &cluster("self-managed", 37)),
        "written for Kubernetes >=1.34, <1.36; this server is 1.37"
    );
    assert_eq!(note(&managed("eks"), &cluster("gke", 37)), "written for eks; this cluster is gke");
    let both = note(&edition, &cluster("eks", 30));
    assert!(both.contains("this cluster is eks") && both.contains("this server is 1.30"), "{both}");
}

#[test]
fn benchmarks_of_providers_are_judged_on_their_own_only() {
    let everything = [
        want("aks", By::Default, vec![managed("aks")]),
        want("cis", By::Default, editions()),
        want("eks", By::Default, vec![managed("eks")]),
        want("nsa", By::Default, vec![framework("nsa", "version='1'")]),
    ];
    for (provider, picked) in [
        ("eks", vec!["eks", "nsa"]),
        ("aks", vec!["aks", "nsa"]),
        ("gke", vec!["nsa"]),
        ("openshift", vec!["nsa"]),
        ("self-managed", vec!["cis-2.0.1", "nsa"]),
        ("kind", vec!["cis-2.0.1", "nsa"]),
        ("k3s", vec!["cis-2.0.1", "nsa"]),
        ("unknown", vec!["cis-2.0.1", "nsa"]),
        ("", vec!["cis-2.0.1", "nsa"]),
    ] {
        let (picks, left) = chosen(&everything, &cluster(provider, 35));
        assert_eq!(picks, picked, "{provider}");
        assert!(left.iter().all(|id| !picked.contains(&id.as_str())), "{provider}: {left:?}");
    }
    let (picks, _) = choose(&everything, &cluster("", 35));
    assert!(picks[0].because.contains("provider is not known"), "{}", picks[0].because);
    assert_eq!(picks[1].because, "fits every cluster");
    let (picks, left) = choose(&everything, &cluster("rke2", 35));
    assert!(picks[0].note.as_deref().unwrap().starts_with("rke2 keeps"));
    let lines = told(&left, &BTreeSet::from(["cis", "nsa"]));
    assert_eq!(lines, ["aks, eks: written for other providers; this cluster is rke2"]);
}

#[test]
fn an_unknown_version_takes_the_newest_edition_and_says_so() {
    let (picks, _) = choose(&[want("cis", By::Family, editions())], &cluster("", None));
    assert_eq!(picks[0].framework.id, "cis-2.0.1");
    assert!(picks[0].because.contains("version of the server is not known"));
}

#[test]
fn controls_are_looked_up_in_the_edition_that_fits() {
    let mut wanted = want("cis", By::Family, editions());
    wanted.controls = vec!["old-cis-1.12".to_owned()];
    let (picks, _) = choose(std::slice::from_ref(&wanted), &cluster("", 33));
    assert_eq!(picks[0].framework.controls[0].id, "1.1");
    let (picks, left) = choose(&[wanted], &cluster("", 35));
    assert_eq!(picks, []);
    let part: Vec<_> = left.iter().filter(|n| n.why == Why::Part).collect();
    assert_eq!(part[0].reason, "cis-2.0.1 has no control old-cis-1.12");
}

#[test]
fn a_framework_that_is_judged_whole_is_not_judged_again_in_part() {
    let whole = want("cis-1.9", By::Id, vec![cis("1.9", "")]);
    let mut part = whole.clone();
    part.controls = vec!["1.1".to_owned()];
    let (picks, _) = choose(&[whole.clone(), part, whole], &cluster("", 33));
    assert_eq!(picks.len(), 1);
}
