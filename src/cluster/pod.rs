//! Inside a pod: the service account that is mounted there stands in for a kubeconfig.

use std::net::IpAddr;
use std::path::{Path, PathBuf};

use kube::config::{
    AuthInfo, Cluster, Context, Kubeconfig, NamedAuthInfo, NamedCluster, NamedContext,
};

/// What the context, the cluster and the user are called.
pub const IN_CLUSTER: &str = "in-cluster";
/// Where the kubelet mounts the service account.
const MOUNT: &str = "/var/run/secrets/kubernetes.io/serviceaccount";

/// Where a pod finds its API server, and its service account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pod {
    /// `$KUBERNETES_SERVICE_HOST`: a name or an address.
    pub host: String,
    /// `$KUBERNETES_SERVICE_PORT`.
    pub port: u16,
    /// The directory with `token`, `ca.crt` and perhaps `namespace`.
    pub mount: PathBuf,
}

impl Pod {
    /// The pod that this process runs in: the environment names the server, and a token is mounted.
    #[must_use]
    pub fn of_process() -> Option<Self> {
        let host = std::env::var("KUBERNETES_SERVICE_HOST").ok()?;
        let port = std::env::var("KUBERNETES_SERVICE_PORT").ok()?;
        Self::at(&host, &port, Path::new(MOUNT))
    }

    /// A pod, if there is a server and a token.
    fn at(host: &str, port: &str, mount: &Path) -> Option<Self> {
        let port = port.trim().parse().ok()?;
        let pod = Self { host: host.trim().to_owned(), port, mount: mount.to_owned() };
        (!pod.host.is_empty() && pod.token().is_file()).then_some(pod)
    }

    fn token(&self) -> PathBuf {
        self.mount.join("token")
    }

    fn server(&self) -> String {
        let Self { host, port, .. } = self;
        match host.parse() {
            Ok(IpAddr::V6(address)) => format!("https://[{address}]:{port}"),
            _ => format!("https://{host}:{port}"),
        }
    }

    /// A kubeconfig that says the same. It names the token's file, which is read again as the
    /// kubelet renews it, and the authority's.
    pub(super) fn kubeconfig(&self) -> Kubeconfig {
        let name = || IN_CLUSTER.to_owned();
        let path = |file: &str| self.mount.join(file).to_string_lossy().into_owned();
        let namespace = std::fs::read_to_string(self.mount.join("namespace")).ok();
        let namespace = namespace.map(|text| text.trim().to_owned()).filter(|n| !n.is_empty());
        let authority = self.mount.join("ca.crt").exists().then(|| path("ca.crt"));
        let cluster = Cluster {
            server: Some(self.server()),
            certificate_authority: authority,
            ..Cluster::default()
        };
        let user = AuthInfo { token_file: Some(path("token")), ..AuthInfo::default() };
        let context =
            Context { cluster: name(), user: Some(name()), namespace, ..Context::default() };
        let other = std::collections::BTreeMap::new;
        Kubeconfig {
            current_context: Some(name()),
            clusters: vec![NamedCluster { name: name(), cluster: Some(cluster), other: other() }],
            auth_infos: vec![NamedAuthInfo { name: name(), auth_info: Some(user), other: other() }],
            contexts: vec![NamedContext { name: name(), context: Some(context), other: other() }],
            ..Kubeconfig::default()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mounted() -> tempfile::TempDir {
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(dir.path().join("token"), "t").unwrap();
        std::fs::write(dir.path().join("namespace"), "audit\n").unwrap();
        dir
    }

    #[test]
    fn a_pod_has_a_server_and_a_token() {
        let dir = mounted();
        let pod = Pod::at("10.0.0.1", "443", dir.path()).unwrap();
        assert_eq!(pod.server(), "https://10.0.0.1:443");
        assert_eq!(
            Pod::at("fd00::1", "6443", dir.path()).unwrap().server(),
            "https://[fd00::1]:6443"
        );
        let named = Pod::at("kubernetes.default.svc", "443", dir.path()).unwrap();
        assert_eq!(named.server(), "https://kubernetes.default.svc:443");
        assert_eq!(Pod::at("", "443", dir.path()), None);
        assert_eq!(Pod::at("10.0.0.1", "none", dir.path()), None);
        assert_eq!(Pod::at("10.0.0.1", "443", &dir.path().join("elsewhere")), None);
    }

    #[test]
    fn its_kubeconfig_names_files_and_holds_no_credential() {
        let dir = mounted();
        std::fs::write(dir.path().join("token"), "s3cr3t").unwrap();
        let config = Pod::at("10.0.0.1", "443", dir.path()).unwrap().kubeconfig();
        let text = serde_json::to_string(&config).unwrap();
        assert!(!text.contains("s3cr3t"), "{text}");
        let context = config.contexts[0].context.clone().unwrap();
        assert_eq!(context.namespace.as_deref(), Some("audit"));
        let user = config.auth_infos[0].auth_info.clone().unwrap();
        assert!(user.token_file.unwrap().ends_with("/token"));
        // Without an authority of its own the system's are trusted.
        assert_eq!(config.clusters[0].cluster.clone().unwrap().certificate_authority, None);
        std::fs::write(dir.path().join("ca.crt"), "").unwrap();
        let config = Pod::at("10.0.0.1", "443", dir.path()).unwrap().kubeconfig();
        assert!(config.clusters[0].cluster.clone().unwrap().certificate_authority.is_some());
    }
}
