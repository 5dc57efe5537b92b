//! Who keeps an object as it is: the tool that would undo a change made by hand, and where a change
//! would last. Told by the labels and annotations that tools document; each says what it rests on.

use crate::model::applied::LAST_APPLIED;
use crate::model::object::Object;

/// A tool, and what of it keeps an object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Keeper {
    /// Where to mend it, in words: `Helm release web in pay (chart web-2.3)`.
    pub place: String,
    /// The label or annotation that says so.
    pub because: &'static str,
    /// Whether it puts back what is changed by hand, as a controller in the cluster does.
    pub reverts: bool,
}

const HELM_NAME: &str = "meta.helm.sh/release-name";
const HELM_NAMESPACE: &str = "meta.helm.sh/release-namespace";
const CHART: &str = "helm.sh/chart";
const FLUX: &str = "kustomize.toolkit.fluxcd.io/name";
const FLUX_HELM: &str = "helm.toolkit.fluxcd.io/name";
const ARGO: &str = "argocd.argoproj.io/tracking-id";
const ARGO_LABEL: &str = "argocd.argoproj.io/instance";
const ORIGIN: &str = "config.kubernetes.io/origin";
const MANAGED_BY: &str = "app.kubernetes.io/managed-by";
const ADDON: &str = "addonmanager.kubernetes.io/mode";
const OLM: &str = "olm.owner";
const KAPP: &str = "kapp.k14s.io/app";
const FLEET: &str = "objectset.rio.cattle.io/owner-name";

/// Who keeps an object, what is nearest to the source first.
#[must_use]
pub fn keepers(object: &Object) -> Vec<Keeper> {
    let mut found = Vec::new();
    let mut add = |place: String, because, reverts| found.push(Keeper { place, because, reverts });
    if let Some(place) = origin(object) {
        add(place, ORIGIN, false);
    }
    if let Some(app) = argo(object) {
        let because = if object.annotation(ARGO).is_some() { ARGO } else { ARGO_LABEL };
        add(format!("Argo CD application {app}"), because, true);
    }
    for (key, kind) in [(FLUX, "Kustomization"), (FLUX_HELM, "HelmRelease")] {
        if let Some(name) = object.label(key) {
            let namespace = key.replace("/name", "/namespace");
            let place = within(object.label(&namespace));
            add(format!("Flux {kind} {name}{place}"), key, true);
        }
    }
    if let Some((release, because)) = helm(object) {
        add(release, because, false);
    }
    for (key, words) in [(OLM, "operator"), (KAPP, "kapp app"), (FLEET, "Fleet bundle")] {
        if let Some(name) = object.label(key).or_else(|| object.annotation(key)) {
            add(format!("{words} {name}"), key, key != KAPP);
        }
    }
    if object.label(ADDON) == Some("Reconcile") {
        add("the addon manager's manifests on the control plane".to_owned(), ADDON, true);
    }
    if found.is_empty() {
        if let Some(tool) = object.label(MANAGED_BY) {
            found.push(Keeper {
                place: format!("what {tool} makes it from"),
                because: MANAGED_BY,
                reverts: false,
            });
        } else if object.annotation(LAST_APPLIED).is_some() {
            let place = "the manifest that kubectl apply was given".to_owned();
            found.push(Keeper { place, because: LAST_APPLIED, reverts: false });
        }
    }
    found
}

fn within(namespace: Option<&str>) -> String {
    namespace.map(|namespace| format!(" in {namespace}")).unwrap_or_default()
}

/// A Helm release; the labels of charts older than Helm 3 say less.
fn helm(object: &Object) -> Option<(String, &'static str)> {
    let chart = object.label(CHART).or_else(|| object.label("chart"));
    let chart = chart.map(|chart| format!(" (chart {chart})")).unwrap_or_default();
    if let Some(name) = object.annotation(HELM_NAME) {
        let place = within(object.annotation(HELM_NAMESPACE));
        return Some((format!("Helm release {name}{place}{chart}"), HELM_NAME));
    }
    let old = matches!(object.label("heritage"), Some("Helm" | "Tiller"));
    let name = object.label("release").filter(|_| old);
    if let Some(name) = name {
        return Some((format!("Helm release {name}{chart}"), "release"));
    }
    let made = object.label(MANAGED_BY) == Some("Helm");
    made.then(|| (format!("a Helm release{chart}"), MANAGED_BY))
}

/// The application of Argo CD: before the first colon of the tracking id.
fn argo(object: &Object) -> Option<&str> {
    let tracked = object.annotation(ARGO).and_then(|id| id.split(':').next());
    tracked.or_else(|| object.label(ARGO_LABEL)).filter(|name| !name.is_empty())
}

/// The file that kustomize read it from: `path: base/web.yaml`, with `repo` and `ref` when remote.
fn origin(object: &Object) -> Option<String> {
    let text = object.annotation(ORIGIN)?;
    let field = |name: &str| {
        let mut lines = text.lines().filter(|line| !line.starts_with(' '));
        let value = lines.find_map(|line| line.strip_prefix(name)?.strip_prefix(':'))?.trim();
        (!value.is_empty()).then(|| value.trim_matches(['"', '\'']).to_owned())
    };
    let repo = field("repo").map(|repo| format!(" of {repo}")).unwrap_or_default();
    let reference = field("ref").map(|name| format!(" at {name}")).unwrap_or_default();
    let path = field("path").or_else(|| field("configuredIn"))?;
    Some(format!("kustomize file {path}{repo}{reference}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::testing::object;
    use serde_json::{Value, json};

    fn kept(labels: &Value, annotations: &Value) -> Vec<String> {
        let body = json!({"apiVersion": "apps/v1", "kind": "Deployment",
            "metadata": {"name": "web", "namespace": "pay", "labels": labels, "annotations": annotations}});
        let sign =
            |keeper: Keeper| format!("{}{}", keeper.place, if keeper.reverts { " !" } else { "" });
        keepers(&object(&body)).into_iter().map(sign).collect()
    }

    #[test]
    fn each_tool_is_told_by_what_it_leaves() {
        for (labels, annotations, place) in [
            (
                json!({"helm.sh/chart": "web-2.3"}),
                json!({"meta.helm.sh/release-name": "web", "meta.helm.sh/release-namespace": "pay"}),
                "Helm release web in pay (chart web-2.3)",
            ),
            (
                json!({"heritage": "Tiller", "release": "old", "chart": "web-1.0"}),
                json!({}),
                "Helm release old (chart web-1.0)",
            ),
            (
                json!({"kustomize.toolkit.fluxcd.io/name": "apps",
                    "kustomize.toolkit.fluxcd.io/namespace": "flux-system"}),
                json!({}),
                "Flux Kustomization apps in flux-system !",
            ),
            (
                json!({}),
                json!({"argocd.argoproj.io/tracking-id": "shop:apps/Deployment:pay/web"}),
                "Argo CD application shop !",
            ),
            (
                json!({}),
                json!({"config.kubernetes.io/origin": "path: base/web.yaml\nrepo: https://git.example/r\nref: v1\n"}),
                "kustomize file base/web.yaml of https://git.example/r at v1",
            ),
            (
                json!({}),
                json!({"kubectl.kubernetes.io/last-applied-configuration": "{}"}),
                "the manifest that kubectl apply was given",
            ),
            (json!({"app.kubernetes.io/managed-by": "acme"}), json!({}), "what acme makes it from"),
        ] {
            assert_eq!(kept(&labels, &annotations), [place]);
        }
    }

    #[test]
    fn one_tool_through_another_names_both_and_a_bare_label_names_none() {
        let labels = json!({"helm.toolkit.fluxcd.io/name": "web",
            "helm.toolkit.fluxcd.io/namespace": "pay"});
        let annotations = json!({"meta.helm.sh/release-name": "web"});
        assert_eq!(
            kept(&labels, &annotations),
            ["Flux HelmRelease web in pay !", "Helm release web"]
        );
        // Anybody sets this one; it does not say that Argo CD tracks the object.
        assert_eq!(kept(&json!({"app.kubernetes.io/instance": "web"}), &json!({})), [""; 0]);
        assert_eq!(kept(&json!({"release": "canary"}), &json!({})), [""; 0]);
    }
}
