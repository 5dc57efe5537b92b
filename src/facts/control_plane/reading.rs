//! How programs of Kubernetes read the value of a flag, and what follows from it.

/// How a value is read.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Form {
    /// True or false, in any of Go's spellings.
    Switch,
    /// A list with commas, in which an element may stand in quotes. Repeated, it adds up.
    List,
    /// A value that is not split. Repeated, it adds up.
    Repeated,
    /// `key=true,other=false`. Repeated, it adds up, and of each key the last counts.
    Map,
    /// Anything else: repeated, the last counts.
    Plain,
}

/// The forms of flags that are not plain.
const FORMS: [(&str, Form); 26] = [
    ("enable-admission-plugins", Form::List),
    ("disable-admission-plugins", Form::List),
    ("admission-control", Form::List),
    ("authorization-mode", Form::List),
    ("tls-cipher-suites", Form::List),
    ("cipher-suites", Form::List),
    ("service-account-key-file", Form::Repeated),
    ("service-account-issuer", Form::Repeated),
    ("tls-sni-cert-key", Form::Repeated),
    ("feature-gates", Form::Map),
    ("runtime-config", Form::Map),
    ("anonymous-auth", Form::Switch),
    ("profiling", Form::Switch),
    ("contention-profiling", Form::Switch),
    ("service-account-lookup", Form::Switch),
    ("service-account-extend-token-expiration", Form::Switch),
    ("use-service-account-credentials", Form::Switch),
    ("enable-bootstrap-token-auth", Form::Switch),
    ("enable-priority-and-fairness", Form::Switch),
    ("client-cert-auth", Form::Switch),
    ("auto-tls", Form::Switch),
    ("peer-client-cert-auth", Form::Switch),
    ("peer-auto-tls", Form::Switch),
    ("allow-privileged", Form::Switch),
    ("enable-network-policy", Form::Switch),
    ("disable-network-policy", Form::Switch),
];

/// The plug-ins of kube-apiserver: those that `--admission-control` does not name are off.
///
/// Source: `AllOrderedPlugins` of k8s.io/kubernetes, 1.24 to 1.37.
const PLUGINS: [&str; 41] = [
    "AlwaysAdmit",
    "AlwaysDeny",
    "AlwaysPullImages",
    "CertificateApproval",
    "CertificateSigning",
    "CertificateSubjectRestriction",
    "ClusterTrustBundleAttest",
    "DefaultIngressClass",
    "DefaultStorageClass",
    "DefaultTolerationSeconds",
    "DenyServiceExternalIPs",
    "EventRateLimit",
    "ExtendedResourceToleration",
    "ImagePolicyWebhook",
    "JobValidation",
    "LimitPodHardAntiAffinityTopology",
    "LimitRanger",
    "MutatingAdmissionPolicy",
    "MutatingAdmissionWebhook",
    "NamespaceAutoProvision",
    "NamespaceExists",
    "NamespaceLifecycle",
    "NodeDeclaredFeatureValidator",
    "NodeRestriction",
    "OwnerReferencesPermissionEnforcement",
    "PersistentVolumeClaimResize",
    "PodGroupProtection",
    "PodGroupWorkloadExists",
    "PodNodeSelector",
    "PodResizeValidator",
    "PodSecurity",
    "PodTolerationRestriction",
    "PodTopologyLabels",
    "Priority",
    "ResourceQuota",
    "RuntimeClass",
    "ServiceAccount",
    "StorageObjectInUseProtection",
    "TaintNodesByCondition",
    "ValidatingAdmissionPolicy",
    "ValidatingAdmissionWebhook",
];

fn form(name: &str) -> Form {
    FORMS.iter().find(|(flag, _)| *flag == name).map_or(Form::Plain, |(_, form)| *form)
}

/// The name of a flag as it is looked up: `_` in it is `-`.
pub(super) fn name(written: &str) -> String {
    written.replace('_', "-")
}

/// Whether a flag is true or false: alone it means true, and takes no word behind it.
pub(super) fn is_switch(written: &str) -> bool {
    form(&name(written)) == Form::Switch
}

/// The value of a flag, in one spelling, after what it was given before.
pub(super) fn value(name: &str, before: Option<&str>, text: &str) -> String {
    let before = before.filter(|before| !before.is_empty());
    let added = |text: String| match before {
        Some(before) => format!("{before},{text}"),
        None => text,
    };
    match form(name) {
        Form::Switch => truth(text).map_or(text, |on| if on { "true" } else { "false" }).to_owned(),
        Form::List => added(elements(text).join(",")),
        Form::Repeated => added(text.to_owned()),
        Form::Map => entries(&added(text.to_owned())),
        Form::Plain => text.to_owned(),
    }
}

/// Go's spellings of booleans.
fn truth(text: &str) -> Option<bool> {
    match text {
        "1" | "t" | "T" | "true" | "TRUE" | "True" => Some(true),
        "0" | "f" | "F" | "false" | "FALSE" | "False" => Some(false),
        _ => None,
    }
}

/// The elements of a list: comma-separated values, of which any may stand in double quotes.
fn elements(text: &str) -> Vec<String> {
    let mut elements = vec![String::new()];
    let mut quoted = false;
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        let is_new = elements.last().is_some_and(String::is_empty);
        match c {
            '"' if quoted && chars.peek() != Some(&'"') => quoted = false,
            '"' if !quoted && is_new => quoted = true,
            ',' if !quoted => elements.push(String::new()),
            c => {
                if quoted && c == '"' {
                    chars.next();
                }
                if let Some(element) = elements.last_mut() {
                    element.push(c);
                }
            }
        }
    }
    elements
}

/// The entries of a map, each once, with its last value. An entry without a value is on, and gates of
/// Kubernetes itself may say so.
fn entries(text: &str) -> String {
    let mut found: Vec<(&str, &str)> = Vec::new();
    for entry in text.split(',').filter(|entry| !entry.trim().is_empty()) {
        let (key, value) = entry.split_once('=').unwrap_or((entry, ""));
        let key = key.trim();
        let key = key.strip_prefix("kube:").unwrap_or(key);
        let value = match value.trim() {
            "" => "true",
            value => truth(value).map_or(value, |on| if on { "true" } else { "false" }),
        };
        match found.iter_mut().find(|(known, _)| *known == key) {
            Some((_, known)) => *known = value,
            None => found.push((key, value)),
        }
    }
    let written: Vec<String> = found.iter().map(|(key, value)| format!("{key}={value}")).collect();
    written.join(",")
}

/// The flags that one flag decides.
pub(super) fn follows(flag: &str) -> &'static [&'static str] {
    match flag {
        "admission-control" => &["enable-admission-plugins", "disable-admission-plugins"],
        _ => &[],
    }
}

/// What `--admission-control` makes of the flags that follow from it: what it names is on, and all
/// else is off, in the order of `follows`.
pub(super) fn admission(named: &str) -> [String; 2] {
    let named_ones: Vec<&str> = named.split(',').collect();
    let off: Vec<&str> =
        PLUGINS.into_iter().filter(|plugin| !named_ones.contains(plugin)).collect();
    [named.to_owned(), off.join(",")]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_read_as_the_programs_do() {
        for (name, before, text, expected) in [
            ("profiling", Some("false"), "T", "true"),
            ("profiling", None, "maybe", "maybe"),
            ("secure-port", Some("1"), "2", "2"),
            ("authorization-mode", Some("Node"), "RBAC", "Node,RBAC"),
            ("authorization-mode", None, "\"Node\",\"RBAC\"", "Node,RBAC"),
            ("authorization-mode", None, "\"a\"\"b\",c\"d", "a\"b,c\"d"),
            ("service-account-issuer", Some("a"), "\"b\"", "a,\"b\""),
            ("feature-gates", None, "A=False, B = 1 ,kube:C=T", "A=false,B=true,C=true"),
            ("feature-gates", Some("A=false,B=true"), "A=true", "A=true,B=true"),
            (
                "runtime-config",
                None,
                "api/alpha,api/all=1,v1=x",
                "api/alpha=true,api/all=true,v1=x",
            ),
        ] {
            assert_eq!(value(name, before, text), expected, "{name} {text}");
        }
    }

    #[test]
    fn what_admission_control_does_not_name_is_off() {
        let [on, off] = admission("NodeRestriction,AlwaysAdmit");
        assert_eq!(on, "NodeRestriction,AlwaysAdmit");
        let off: Vec<&str> = off.split(',').collect();
        assert!(off.contains(&"ServiceAccount") && !off.contains(&"AlwaysAdmit"));
        assert_eq!(off.len(), PLUGINS.len() - 2);
    }
}
