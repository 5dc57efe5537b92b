//! What a scan asks a server for, by the server's own log; and what it takes a cluster for.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::binary::{Audited, Scan, scan};
use crate::fixture::Fixture;
use crate::world::{World, go};

/// Objects of a list that comes in three pages.
const MANY: usize = 1001;
/// What is asked besides lists: version, what is served (twice), flags of the server.
const BESIDES: usize = 4;

#[test]
#[ignore = "needs the API server fixture; tests/run runs it"]
fn a_scan_watches_nothing_and_asks_for_each_page_once() {
    let fixture = Fixture::start();
    let audited = Audited::new(&fixture);
    go(async {
        let world = World(fixture.admin().await);
        world.fill().await;
        for number in 0..MANY {
            let map = json!({"apiVersion": "v1", "kind": "ConfigMap",
                "metadata": {"name": format!("many-{number:04}")}});
            world.0.create("/api/v1/namespaces/lab/configmaps", &map).await;
        }
    });
    let scan = scan(&fixture.kubeconfig, &[]);
    let requests = audited.requests();
    let uri = |event: &Value| event["requestURI"].as_str().unwrap().to_owned();
    let watches: Vec<String> = requests.iter().filter(|e| e["verb"] == "watch").map(uri).collect();
    assert_eq!(watches, [""; 0]);
    let uris: Vec<String> = requests.iter().map(uri).collect();
    let different: BTreeSet<&String> = uris.iter().collect();
    assert_eq!(different.len(), uris.len(), "nothing is asked for twice: {uris:#?}");
    let maps = uris.iter().filter(|uri| uri.starts_with("/api/v1/configmaps?")).count();
    assert_eq!(maps, MANY.div_ceil(500));
    let read =
        |r: &&Value| !r["millis"].is_null() && !r["resource"].as_str().unwrap().starts_with('/');
    let lists = scan.list("reads").iter().filter(read).count();
    assert!(lists > 30, "{lists}");
    // Groups that are wanted and not named are asked whether they are there.
    let groups: Vec<&str> = uris
        .iter()
        .filter_map(|uri| uri.strip_prefix("/apis/").filter(|group| !group.contains('/')))
        .collect();
    for group in &groups {
        let kinds = format!("{group}/");
        let of = |r: &&Value| r["resource"].as_str().unwrap().starts_with(&kinds);
        assert!(
            scan.list("reads").iter().filter(of).any(|r| r["status"] == "not-served"),
            "{group}"
        );
    }
    assert_eq!(uris.len(), lists + maps - 1 + BESIDES + groups.len(), "{uris:#?}");
}

/// Editions of one benchmark, each for one provider.
fn editions(scan: &Scan) -> Vec<&str> {
    let ids = scan.list("frameworks").iter().map(|f| f["id"].as_str().unwrap());
    ids.filter(|id| id.starts_with("cis-")).collect()
}

#[test]
#[ignore = "needs the API server fixture; tests/run runs it"]
fn a_managed_cluster_is_told_by_its_nodes() {
    let fixture = Fixture::start();
    let _audited = Audited::new(&fixture);
    let before = scan(&fixture.kubeconfig, &[]);
    assert!(!editions(&before).iter().any(|id| id.starts_with("cis-eks")), "nothing says so yet");
    let nodes = "/api/v1/nodes";
    for (provider, id, label) in [
        ("eks", "aws:///eu-central-1a/i-0a1b2c3d4e5f60718", "eks.amazonaws.com/nodegroup"),
        ("gke", "gce://shop-prod/europe-west3-a/gke-shop-pool-1", "cloud.google.com/gke-nodepool"),
        (
            "aks",
            "azure:///subscriptions/0/resourceGroups/shop/providers/Microsoft.Compute/\
             virtualMachineScaleSets/pool/virtualMachines/0",
            "kubernetes.azure.com/cluster",
        ),
    ] {
        let node = json!({"apiVersion": "v1", "kind": "Node",
            "metadata": {"name": "node-1", "labels": {(label): "shop"}},
            "spec": {"providerID": id}});
        let admin = go(fixture.admin());
        go(admin.create(nodes, &node));
        let found = scan(&fixture.kubeconfig, &[]);
        let editions = editions(&found);
        let own = format!("cis-{provider}-");
        assert!(editions.len() == 1 && editions[0].starts_with(&own), "{provider}: {editions:?}");
        // Of the control plane nothing is guessed: it is the provider's, and said to be.
        let etcd = found.list("notAssessed").iter().find(|gap| gap["read"] == "etcd").unwrap();
        let reason = etcd["reason"].as_str().unwrap();
        assert_eq!(reason, format!("etcd is run by the provider ({provider}) and hidden"));
        go(admin.delete(&format!("{nodes}/node-1")));
    }
}
