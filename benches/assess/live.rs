//! A real API server with a large cluster: read beside a bare client, and the workbench on it.

mod bare;
mod churn;
mod server;
mod workbench;

use std::io::Read as _;
use std::path::Path;
use std::time::Duration;

use plimsoll::cluster::{ConnectOptions, ReadRequest, connect};
use plimsoll::session::run::Selection;

use super::capture;
use super::cluster::Cluster;
use super::figure::Figure;
use super::measure::{peak_mib, time};
use super::part::{part, row};
use super::table::Table;
use super::{pace, scan as command};
pub use bare::bare;
use churn::Churn;
use server::Server;
pub use server::at_hand;

/// Measures reading and watching a cluster in which everything grows with the pods.
pub fn measure(pods: usize, table: &mut Table) -> anyhow::Result<()> {
    let (server, took) = time(|| Server::start(Cluster::wide(pods)));
    let server = server?;
    table.set("live: the server is ready", pods, Figure::seconds(took.wall));
    let home = tempfile::tempdir()?;
    let report = home.path().join("report.json");
    let kubeconfig = server.kubeconfig.as_path();
    // One round unmeasured: the server's first lists are slower than all others.
    part("live-scan", &[kubeconfig, &report])?;
    for _ in 0..pace::rounds() {
        table.least(pods, part("bare", &[kubeconfig, &report])?);
        table.least(pods, part("live-load", &[kubeconfig])?);
        std::fs::remove_file(&report)?;
        table.least(pods, part("live-scan", &[kubeconfig, &report])?);
    }
    let wall = |table: &Table, row: &str| table.get(row, pods).map(|figure| figure.value);
    let floor = wall(table, "live: bare client, the same pages");
    for what in ["load", "scan"] {
        let row = format!("live: {what}");
        if let Some((took, floor)) = wall(table, &row).zip(floor) {
            table.set(&format!("{row} ÷ bare client"), pods, Figure::times(took / floor));
        }
    }
    workbench::measure(&server, pods, table)
}

/// Reads everything that a scan needs, without judging it.
pub fn load(kubeconfig: &Path) -> anyhow::Result<()> {
    let content = capture::content();
    let chosen = content.choose(&Selection::default())?;
    let kinds = content.plan(&chosen).kinds().into_iter().collect();
    let request = ReadRequest { kinds, ..ReadRequest::default() };
    let options =
        ConnectOptions { kubeconfig: Some(kubeconfig.to_owned()), ..ConnectOptions::default() };
    let runtime = tokio::runtime::Runtime::new()?;
    let (inventory, took) = time(|| {
        runtime.block_on(async {
            let connection = connect(&options).await.map_err(|e| anyhow::anyhow!("{e}"))?;
            let read = plimsoll::cluster::read(&connection, &request, |_| ());
            read.await.map_err(|e| anyhow::anyhow!("{e}"))
        })
    });
    row("live: load", Figure::took(took));
    row("live: objects", Figure::count(inventory?.len()));
    row("live: load: peak memory", Figure::mib(peak_mib()));
    Ok(())
}

/// The whole command.
pub fn scan(kubeconfig: &Path, output: &Path) -> anyhow::Result<()> {
    let took = command::command("json", "--kubeconfig", kubeconfig, output)?;
    row("live: scan", Figure::took(took));
    row("live: scan: peak memory", Figure::mib(peak_mib()));
    Ok(())
}

/// Runs a server with a cluster until standard input ends, with so many changes a second.
#[allow(clippy::print_stdout, reason = "the address is this program's output")]
pub fn serve(cluster: Cluster, churn: Option<f64>) -> anyhow::Result<()> {
    let server = Server::start(cluster)?;
    println!(
        "READY {} ({pods} pods); it stops when standard input ends",
        server.kubeconfig.display(),
        pods = cluster.pods(),
    );
    let churn = churn.map(|rate| Churn::start(&server.kubeconfig, cluster, rate));
    let churn = churn.transpose()?;
    let mut line = [0; 64];
    while std::io::stdin().read(&mut line)? > 0 {}
    let made = churn.map_or(0, |churn| churn.stop(Duration::ZERO));
    println!("{made} changes were made");
    Ok(())
}
