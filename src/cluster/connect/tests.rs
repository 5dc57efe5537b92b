//! What tests connect with.

use super::*;

/// A connection to where nothing listens.
pub(in crate::cluster) async fn to_nowhere() -> Connection {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("config");
    let text = "apiVersion: v1\nkind: Config\ncurrent-context: c\n\
                clusters: [{name: c, cluster: {server: 'http://127.0.0.1:9'}}]\n\
                contexts: [{name: c, context: {cluster: c, user: u}}]\n\
                users: [{name: u, user: {token: t}}]\n";
    std::fs::write(&path, text).unwrap();
    connect(&ConnectOptions { kubeconfig: Some(path), ..ConnectOptions::default() }).await.unwrap()
}
