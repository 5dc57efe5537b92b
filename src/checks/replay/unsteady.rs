//! Places of pods at which not all that a controller makes are alike: one table, with the reason for each.

use crate::checks::cel::reads::{Extent, Step};

use self::PathPart::{Each, Key, Unnamed};
use self::Reason::{Address, Annotated, FilledIn, Identity, Images, Node, Ordinal, State, Token};
use super::places::{ReadPlace, Root};

/// Why a place is not alike in all pods of a controller.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Reason {
    /// Each pod is called something, and was made at some time.
    Identity,
    /// Each pod runs on a node.
    Node,
    /// Each pod has addresses.
    Address,
    /// Each pod starts, stops and is ready at its own times.
    State,
    /// The volume of a token has a name made up for each pod.
    Token,
    /// Pods of a `StatefulSet` have a number.
    Ordinal,
    /// Network plug-ins write about some pods, under names that no check knows.
    Annotated,
    /// The images that run differ with the node, and come when they start.
    Images,
    /// Servers fill it in when a pod is made, so that its template differs there.
    FilledIn,
}

/// Among what a place is not alike.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Among {
    /// Each pod has something of its own: a check that looks there is not worth remembering.
    Pods,
    /// Some pods have.
    SomePods,
    /// A pod and the template that it is made of.
    PodAndTemplate,
}

impl Reason {
    fn among(self) -> Among {
        match self {
            Identity | Node | Address | State | Token => Among::Pods,
            Ordinal | Annotated | Images => Among::SomePods,
            FilledIn => Among::PodAndTemplate,
        }
    }
}

/// A step of a path of the table.
#[derive(Clone, Copy, Debug)]
enum PathPart {
    Key(&'static str),
    /// Each element of a list.
    Each,
    /// Any key of a map that a check does not name.
    Unnamed,
}

const STATEFUL_SET_NAME: PathPart = Key("statefulset.kubernetes.io/pod-name");

#[rustfmt::skip]
const TABLE: [(Root, &[PathPart], Reason); 49] = [
    (Root::Object, &[Key("metadata"), Key("name")], Identity),
    (Root::Object, &[Key("metadata"), Key("uid")], Identity),
    (Root::Object, &[Key("metadata"), Key("resourceVersion")], Identity),
    (Root::Object, &[Key("metadata"), Key("creationTimestamp")], Identity),
    (Root::Object, &[Key("metadata"), Key("labels"), STATEFUL_SET_NAME], Ordinal),
    (Root::Object, &[Key("metadata"), Key("annotations"), Unnamed], Annotated),
    (Root::Object, &[Key("status"), Key("podIP")], Address),
    (Root::Object, &[Key("status"), Key("podIPs")], Address),
    (Root::Object, &[Key("status"), Key("hostIP")], Node),
    (Root::Object, &[Key("status"), Key("startTime")], State),
    (Root::Object, &[Key("status"), Key("conditions")], State),
    (Root::Object, &[Key("status"), Key("containerStatuses"), Each, Key("containerID")], Identity),
    (Root::Object, &[Key("status"), Key("containerStatuses"), Each, Key("state")], State),
    (Root::Object, &[Key("status"), Key("containerStatuses"), Each, Key("lastState")], State),
    (Root::Object, &[Key("status"), Key("containerStatuses"), Each, Key("restartCount")], State),
    (Root::Object, &[Key("status"), Key("containerStatuses")], Images),
    (Root::Object, &[Key("status"), Key("initContainerStatuses"), Each, Key("containerID")], Identity),
    (Root::Object, &[Key("status"), Key("initContainerStatuses"), Each, Key("state")], State),
    (Root::Object, &[Key("status"), Key("initContainerStatuses"), Each, Key("lastState")], State),
    (Root::Object, &[Key("status"), Key("initContainerStatuses"), Each, Key("restartCount")], State),
    (Root::Object, &[Key("status"), Key("initContainerStatuses")], Images),
    (Root::Object, &[Key("spec"), Key("nodeName")], Node),
    (Root::Object, &[Key("spec"), Key("volumes"), Each, Key("name")], Token),
    (Root::Object, &[Key("spec"), Key("containers"), Each, Key("volumeMounts"), Each, Key("name")], Token),
    (Root::Object, &[Key("spec"), Key("initContainers"), Each, Key("volumeMounts"), Each, Key("name")], Token),
    (Root::PodMetadata, &[Key("name")], Identity),
    (Root::PodMetadata, &[Key("uid")], Identity),
    (Root::PodMetadata, &[Key("resourceVersion")], Identity),
    (Root::PodMetadata, &[Key("creationTimestamp")], Identity),
    (Root::PodMetadata, &[Key("labels"), STATEFUL_SET_NAME], Ordinal),
    (Root::PodMetadata, &[Key("annotations"), Unnamed], Annotated),
    (Root::Pod, &[Key("nodeName")], Node),
    (Root::Pod, &[Key("hostname")], Ordinal),
    (Root::Pod, &[Key("volumes"), Each, Key("name")], Token),
    (Root::Pod, &[Key("volumes"), Each, Key("persistentVolumeClaim"), Key("claimName")], Ordinal),
    (Root::Pod, &[Key("volumes")], FilledIn),
    (Root::Pod, &[Key("tolerations")], FilledIn),
    (Root::Pod, &[Key("serviceAccountName")], FilledIn),
    (Root::Pod, &[Key("serviceAccount")], FilledIn),
    (Root::Pod, &[Key("enableServiceLinks")], FilledIn),
    (Root::Pod, &[Key("preemptionPolicy")], FilledIn),
    (Root::Pod, &[Key("priority")], FilledIn),
    (Root::Pod, &[Key("imagePullSecrets")], FilledIn),
    (Root::Pod, &[Key("containers"), Each, Key("volumeMounts"), Each, Key("name")], Token),
    (Root::Pod, &[Key("containers"), Each, Key("volumeMounts")], FilledIn),
    (Root::Pod, &[Key("initContainers"), Each, Key("volumeMounts"), Each, Key("name")], Token),
    (Root::Pod, &[Key("initContainers"), Each, Key("volumeMounts")], FilledIn),
    (Root::Container, &[Key("volumeMounts"), Each, Key("name")], Token),
    (Root::Container, &[Key("volumeMounts")], FilledIn),
];

/// Whether any of these places hangs on one that is not alike among these.
pub(super) fn differ(places: &[ReadPlace], among: Among) -> bool {
    let rows = || TABLE.iter().filter(|(.., reason)| reason.among() == among);
    places.iter().any(|place| rows().any(|(root, path, _)| touches(place, *root, path)))
}

/// Whether what is looked at hangs on what stands at another place.
fn touches(place: &ReadPlace, root: Root, path: &[PathPart]) -> bool {
    if place.root != root {
        return false;
    }
    for (step, part) in place.steps.iter().zip(path) {
        match (step, part) {
            (Step::Each, Each) => {}
            (Step::Field(key), Key(name)) if key.as_str() == *name => {}
            (Step::Field(_), Key(_) | Unnamed) => return false,
            // Of what is no list or no map as expected, all is looked at.
            (Step::Each, _) | (Step::Field(_), Each) => return true,
        }
    }
    place.extent == Extent::Whole || place.steps.len() > path.len()
}
