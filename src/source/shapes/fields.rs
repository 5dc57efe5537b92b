//! The fields of the built-in kinds that checks and facts go by, with what each holds. A field that is
//! not here may hold anything: servers get new ones.

use super::Shape::{self, Any, Dict, Fields, List, One};
use crate::model::kinds::Kind;

/// A list of plain values.
const TEXTS: Shape = List(&One);
/// A set of fields of which nothing more is known.
const SET: Shape = Dict(&Any);
/// A list of such sets.
const SETS: Shape = List(&SET);
/// Labels, annotations and amounts: any name, and a plain value.
const VALUES: Shape = Dict(&One);

const METADATA: Shape = Fields(&[
    ("annotations", VALUES),
    ("finalizers", TEXTS),
    ("generateName", One),
    ("labels", VALUES),
    ("name", One),
    ("namespace", One),
    ("ownerReferences", SETS),
]);

const EXPRESSION: Shape = Fields(&[("key", One), ("operator", One), ("values", TEXTS)]);

const SELECTOR: Shape = Fields(&[("matchExpressions", List(&EXPRESSION)), ("matchLabels", VALUES)]);

const CONTAINER_SECURITY: Shape = Fields(&[
    ("allowPrivilegeEscalation", One),
    ("appArmorProfile", SET),
    ("capabilities", Fields(&[("add", TEXTS), ("drop", TEXTS)])),
    ("privileged", One),
    ("procMount", One),
    ("readOnlyRootFilesystem", One),
    ("runAsGroup", One),
    ("runAsNonRoot", One),
    ("runAsUser", One),
    ("seLinuxOptions", VALUES),
    ("seccompProfile", VALUES),
    ("windowsOptions", SET),
]);

const POD_SECURITY: Shape = Fields(&[
    ("appArmorProfile", SET),
    ("fsGroup", One),
    ("fsGroupChangePolicy", One),
    ("runAsGroup", One),
    ("runAsNonRoot", One),
    ("runAsUser", One),
    ("seLinuxChangePolicy", One),
    ("seLinuxOptions", VALUES),
    ("seccompProfile", VALUES),
    ("supplementalGroups", TEXTS),
    ("supplementalGroupsPolicy", One),
    ("sysctls", List(&Fields(&[("name", One), ("value", One)]))),
    ("windowsOptions", SET),
]);

const ENV: Shape = Fields(&[
    ("name", One),
    ("value", One),
    (
        "valueFrom",
        Fields(&[
            ("configMapKeyRef", SET),
            ("fieldRef", SET),
            ("resourceFieldRef", SET),
            ("secretKeyRef", SET),
        ]),
    ),
]);

const ENV_FROM: Shape = Fields(&[("configMapRef", SET), ("prefix", One), ("secretRef", SET)]);

const PORT: Shape = Fields(&[
    ("containerPort", One),
    ("hostIP", One),
    ("hostPort", One),
    ("name", One),
    ("protocol", One),
]);

const EXEC: Shape = Fields(&[("command", TEXTS)]);
const HTTP_GET: Shape =
    Fields(&[("host", One), ("httpHeaders", SETS), ("path", One), ("port", One), ("scheme", One)]);
const TCP_SOCKET: Shape = Fields(&[("host", One), ("port", One)]);

/// A probe, or what is done when a container starts or stops.
const HANDLER: Shape = Fields(&[
    ("exec", EXEC),
    ("grpc", SET),
    ("httpGet", HTTP_GET),
    ("sleep", SET),
    ("tcpSocket", TCP_SOCKET),
]);

const RESOURCES: Shape = Fields(&[("claims", SETS), ("limits", VALUES), ("requests", VALUES)]);

const MOUNT: Shape = Fields(&[
    ("mountPath", One),
    ("mountPropagation", One),
    ("name", One),
    ("readOnly", One),
    ("subPath", One),
    ("subPathExpr", One),
]);

const CONTAINER: Shape = Fields(&[
    ("args", TEXTS),
    ("command", TEXTS),
    ("env", List(&ENV)),
    ("envFrom", List(&ENV_FROM)),
    ("image", One),
    ("imagePullPolicy", One),
    ("lifecycle", Fields(&[("postStart", HANDLER), ("preStop", HANDLER), ("stopSignal", One)])),
    ("livenessProbe", HANDLER),
    ("name", One),
    ("ports", List(&PORT)),
    ("readinessProbe", HANDLER),
    ("resizePolicy", SETS),
    ("resources", RESOURCES),
    ("restartPolicy", One),
    ("securityContext", CONTAINER_SECURITY),
    ("startupProbe", HANDLER),
    ("stdin", One),
    ("tty", One),
    ("volumeDevices", SETS),
    ("volumeMounts", List(&MOUNT)),
    ("workingDir", One),
]);

const SOURCE: Shape = Fields(&[
    ("clusterTrustBundle", SET),
    ("configMap", SET),
    ("downwardAPI", SET),
    ("secret", SET),
    ("serviceAccountToken", SET),
]);

const VOLUME: Shape = Fields(&[
    ("configMap", SET),
    ("csi", SET),
    ("downwardAPI", SET),
    ("emptyDir", SET),
    ("ephemeral", SET),
    ("hostPath", VALUES),
    ("image", SET),
    ("name", One),
    ("nfs", SET),
    ("persistentVolumeClaim", SET),
    ("projected", Fields(&[("sources", List(&SOURCE))])),
    ("secret", SET),
]);

const POD_SPEC: Shape = Fields(&[
    ("affinity", SET),
    ("automountServiceAccountToken", One),
    ("containers", List(&CONTAINER)),
    ("dnsConfig", SET),
    ("dnsPolicy", One),
    ("enableServiceLinks", One),
    ("ephemeralContainers", List(&CONTAINER)),
    ("hostAliases", SETS),
    ("hostIPC", One),
    ("hostNetwork", One),
    ("hostPID", One),
    ("hostUsers", One),
    ("imagePullSecrets", SETS),
    ("initContainers", List(&CONTAINER)),
    ("nodeName", One),
    ("nodeSelector", VALUES),
    ("os", SET),
    ("priorityClassName", One),
    ("resources", RESOURCES),
    ("restartPolicy", One),
    ("runtimeClassName", One),
    ("securityContext", POD_SECURITY),
    ("serviceAccount", One),
    ("serviceAccountName", One),
    ("shareProcessNamespace", One),
    ("tolerations", SETS),
    ("topologySpreadConstraints", SETS),
    ("volumes", List(&VOLUME)),
]);

const POD_TEMPLATE: Shape = Fields(&[("metadata", METADATA), ("spec", POD_SPEC)]);

const CONTROLLER: Shape = Fields(&[
    ("replicas", One),
    ("selector", SELECTOR),
    ("strategy", SET),
    ("template", POD_TEMPLATE),
    ("updateStrategy", SET),
    ("volumeClaimTemplates", SETS),
]);

const JOB_TEMPLATE: Shape = Fields(&[("metadata", METADATA), ("spec", CONTROLLER)]);

const RULES: Shape = List(&Fields(&[
    ("apiGroups", TEXTS),
    ("nonResourceURLs", TEXTS),
    ("resourceNames", TEXTS),
    ("resources", TEXTS),
    ("verbs", TEXTS),
]));

const SUBJECTS: Shape = List(&VALUES);

const PEERS: Shape = List(&Fields(&[
    ("ipBlock", Fields(&[("cidr", One), ("except", TEXTS)])),
    ("namespaceSelector", SELECTOR),
    ("podSelector", SELECTOR),
]));

const NETWORK_POLICY: Shape = Fields(&[
    ("egress", List(&Fields(&[("ports", SETS), ("to", PEERS)]))),
    ("ingress", List(&Fields(&[("from", PEERS), ("ports", SETS)]))),
    ("podSelector", SELECTOR),
    ("policyTypes", TEXTS),
]);

const INGRESS: Shape = Fields(&[
    ("defaultBackend", SET),
    ("ingressClassName", One),
    (
        "rules",
        List(&Fields(&[
            ("host", One),
            (
                "http",
                Fields(&[(
                    "paths",
                    List(&Fields(&[("backend", SET), ("path", One), ("pathType", One)])),
                )]),
            ),
        ])),
    ),
    ("tls", List(&Fields(&[("hosts", TEXTS), ("secretName", One)]))),
]);

const SERVICE: Shape = Fields(&[
    ("clusterIP", One),
    ("clusterIPs", TEXTS),
    ("externalIPs", TEXTS),
    ("externalName", One),
    ("externalTrafficPolicy", One),
    ("loadBalancerSourceRanges", TEXTS),
    ("ports", List(&VALUES)),
    ("selector", VALUES),
    ("type", One),
]);

const WEBHOOKS: Shape = List(&Fields(&[
    ("admissionReviewVersions", TEXTS),
    ("clientConfig", Fields(&[("caBundle", One), ("service", SET), ("url", One)])),
    ("failurePolicy", One),
    ("matchConditions", SETS),
    ("namespaceSelector", SELECTOR),
    ("objectSelector", SELECTOR),
    (
        "rules",
        List(&Fields(&[
            ("apiGroups", TEXTS),
            ("apiVersions", TEXTS),
            ("operations", TEXTS),
            ("resources", TEXTS),
            ("scope", One),
        ])),
    ),
]));

const LIMITS: Shape = List(&Fields(&[
    ("default", VALUES),
    ("defaultRequest", VALUES),
    ("max", VALUES),
    ("min", VALUES),
    ("type", One),
]));

/// What objects of a kind hold beside what all have.
fn own(kind: &Kind) -> &'static [(&'static str, Shape)] {
    match (&*kind.group, &*kind.kind) {
        ("", kind) => core(kind),
        ("apps", "Deployment" | "StatefulSet" | "DaemonSet" | "ReplicaSet") | ("batch", "Job") => {
            &[("spec", CONTROLLER)]
        }
        ("batch", "CronJob") => &[(
            "spec",
            Fields(&[("jobTemplate", JOB_TEMPLATE), ("schedule", One), ("suspend", One)]),
        )],
        ("rbac.authorization.k8s.io", "Role" | "ClusterRole") => &[
            ("aggregationRule", Fields(&[("clusterRoleSelectors", List(&SELECTOR))])),
            ("rules", RULES),
        ],
        ("rbac.authorization.k8s.io", "RoleBinding" | "ClusterRoleBinding") => {
            &[("roleRef", VALUES), ("subjects", SUBJECTS)]
        }
        ("networking.k8s.io", "NetworkPolicy") => &[("spec", NETWORK_POLICY)],
        ("networking.k8s.io", "Ingress") => &[("spec", INGRESS)],
        (
            "admissionregistration.k8s.io",
            "ValidatingWebhookConfiguration" | "MutatingWebhookConfiguration",
        ) => &[("webhooks", WEBHOOKS)],
        ("admissionregistration.k8s.io", "ValidatingAdmissionPolicy") => &[(
            "spec",
            Fields(&[("matchConditions", SETS), ("matchConstraints", SET), ("validations", SETS)]),
        )],
        ("admissionregistration.k8s.io", "ValidatingAdmissionPolicyBinding") => &[(
            "spec",
            Fields(&[("matchResources", SET), ("paramRef", SET), ("validationActions", TEXTS)]),
        )],
        ("discovery.k8s.io", "EndpointSlice") => &[("endpoints", SETS), ("ports", SETS)],
        ("storage.k8s.io", "StorageClass") => &[("mountOptions", TEXTS), ("parameters", VALUES)],
        ("certificates.k8s.io", "CertificateSigningRequest") => {
            &[("spec", Fields(&[("groups", TEXTS), ("usages", TEXTS)]))]
        }
        ("apiextensions.k8s.io", "CustomResourceDefinition") => {
            &[("spec", Fields(&[("names", SET), ("versions", SETS)]))]
        }
        ("autoscaling", "HorizontalPodAutoscaler") => {
            &[("spec", Fields(&[("metrics", SETS), ("scaleTargetRef", SET)]))]
        }
        ("policy", "PodDisruptionBudget") => &[("spec", Fields(&[("selector", SELECTOR)]))],
        ("storage.k8s.io", "CSIDriver")
        | ("apiregistration.k8s.io", "APIService")
        | ("networking.k8s.io", "IngressClass")
        | ("flowcontrol.apiserver.k8s.io", "FlowSchema" | "PriorityLevelConfiguration")
        | (
            "admissionregistration.k8s.io",
            "MutatingAdmissionPolicy" | "MutatingAdmissionPolicyBinding",
        ) => &[("spec", SET)],
        _ => &[],
    }
}

/// The same of kinds of the core group.
fn core(kind: &str) -> &'static [(&'static str, Shape)] {
    match kind {
        "Pod" => &[("spec", POD_SPEC)],
        "ReplicationController" => {
            &[("spec", Fields(&[("selector", VALUES), ("template", POD_TEMPLATE)]))]
        }
        "PodTemplate" => &[("template", POD_TEMPLATE)],
        "Service" => &[("spec", SERVICE)],
        "ServiceAccount" => {
            &[("automountServiceAccountToken", One), ("imagePullSecrets", SETS), ("secrets", SETS)]
        }
        "ConfigMap" => &[("binaryData", VALUES), ("data", VALUES)],
        "LimitRange" => &[("spec", Fields(&[("limits", LIMITS)]))],
        "ResourceQuota" => &[("spec", Fields(&[("hard", VALUES), ("scopes", TEXTS)]))],
        "PersistentVolume" => &[(
            "spec",
            Fields(&[
                ("accessModes", TEXTS),
                ("capacity", VALUES),
                ("claimRef", SET),
                ("hostPath", VALUES),
            ]),
        )],
        "PersistentVolumeClaim" => {
            &[("spec", Fields(&[("accessModes", TEXTS), ("resources", SET)]))]
        }
        "Node" => &[("spec", SET)],
        _ => &[],
    }
}

/// Every field of an object of a kind that is known, those that all have first.
pub(super) fn of(kind: &Kind) -> [&'static [(&'static str, Shape)]; 2] {
    const COMMON: &[(&str, Shape)] = &[("apiVersion", One), ("kind", One), ("metadata", METADATA)];
    [COMMON, own(kind)]
}
