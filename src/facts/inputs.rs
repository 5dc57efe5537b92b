//! All that facts about a pod read of the pod itself.

use super::workload::Workload;
use crate::model::node::Node;

/// The volume that the admission plugin adds to live pods.
const AUTOMATIC_VOLUME: &str = "kube-api-access-";

/// All that facts about a pod, or about the template of a workload, read of it. They are handed this and
/// not the pod, so that two pods of one controller with equal inputs have the same facts.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct PodInputs<'a> {
    pub(super) namespace: &'a str,
    /// Whether it is a mirror pod, which can have neither an account nor a token.
    pub(super) mirror: bool,
    /// The account it runs as.
    pub(super) account: &'a str,
    /// What its own `automountServiceAccountToken` says.
    pub(super) automount: Option<bool>,
    pub(super) host_network: bool,
    /// Empty if it names none.
    pub(super) runtime_class: &'a str,
    /// Labels by which selectors see it.
    pub(super) labels: &'a Node,
    /// The audience of each token that volumes of its own ask for, beside the automatic one; empty if that
    /// is the API server.
    pub(super) audiences: Vec<&'a str>,
    /// The Secrets that its volumes show.
    pub(super) secrets: Vec<&'a str>,
}

impl<'a> PodInputs<'a> {
    pub(crate) fn of(pod: Workload<'a>) -> Self {
        let mut inputs = Self {
            namespace: pod.object.namespace(),
            mirror: pod.object.is_mirror_pod(),
            account: pod.account(),
            automount: pod.spec.get("automountServiceAccountToken").and_then(Node::as_bool),
            host_network: pod.host_network(),
            runtime_class: pod.spec.str_at(&["runtimeClassName"]).unwrap_or_default(),
            labels: pod.labels(),
            audiences: Vec::new(),
            secrets: Vec::new(),
        };
        pod.spec.list_at(&["volumes"]).iter().for_each(|volume| inputs.add(volume));
        inputs
    }

    fn add(&mut self, volume: &'a Node) {
        self.secrets.extend(volume.str_at(&["secret", "secretName"]));
        let name = volume.str_at(&["name"]).unwrap_or_default();
        let automatic = name.starts_with(AUTOMATIC_VOLUME);
        for source in volume.list_at(&["projected", "sources"]) {
            self.secrets.extend(source.str_at(&["secret", "name"]));
            if let Some(token) = source.get("serviceAccountToken").filter(|_| !automatic) {
                self.audiences.push(token.str_at(&["audience"]).unwrap_or_default());
            }
        }
    }
}
