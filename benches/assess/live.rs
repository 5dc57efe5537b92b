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

use super::apart::Cores;
use super::capture;
use super::cluster::Cluster;
use super::figure::Figure;
use super::measure::{peak_mib, time};
use super::part::{Rows, part_on, row};
use super::table::Table;
use super::{pace, scan as command};
pub use bare::bare;
use bare::{SAME, SAME_AS_PROTOBUF};
use churn::Churn;
use server::Server;
pub use server::at_hand;

/// Measures reading and assessing two clusters, the one in which everything grows with the pods and the
/// uniform one, and watching the first.
pub fn measure(pods: usize, table: &mut Table) -> anyhow::Result<()> {
    let (server, took) = time(|| Server::start(Cluster::wide(pods)));
    let server = server?;
    table.set("live: the server is ready", pods, Figure::seconds(took.wall));
    races("live", &server, pods, table)?;
    workbench::measure(&server, pods, table)?;
    drop(server);
    races("live, uniform", &Server::start(Cluster::uniform(pods))?, pods, table)
}

/// A scan beside a bare client: while they share all cores with the server, and with the server on
/// cores of its own.
fn races(of: &str, server: &Server, pods: usize, table: &mut Table) -> anyhow::Result<()> {
    race(of, server, None, pods, table)?;
    let Some((first, other)) = Cores::halves() else { return Ok(()) };
    first.take(server.pid())?;
    race(&format!("{of}, apart"), server, Some(&other), pods, table)?;
    Cores::all().take(server.pid())
}

fn race(
    of: &str,
    server: &Server,
    cores: Option<&Cores>,
    pods: usize,
    table: &mut Table,
) -> anyhow::Result<()> {
    let home = tempfile::tempdir()?;
    let report = home.path().join("report.json");
    let kubeconfig = server.kubeconfig.as_path();
    let named = |(row, figure): (String, Figure)| (format!("{of}: {row}"), figure);
    let run = |part: &str, args: &[&Path]| -> anyhow::Result<Rows> {
        Ok(part_on(cores, part, args)?.into_iter().map(named).collect())
    };
    // One round unmeasured: the server's first lists are slower than all others.
    run("live-scan", &[kubeconfig, &report])?;
    for _ in 0..pace::rounds() {
        table.least(pods, run("bare", &[kubeconfig, &report])?);
        table.least(pods, run("live-load", &[kubeconfig])?);
        std::fs::remove_file(&report)?;
        table.least(pods, run("live-scan", &[kubeconfig, &report])?);
    }
    let wall = |table: &Table, row: &str| table.get(row, pods).map(|figure| figure.value);
    // The bounds rest on the first; the second asks for the very bytes that the program asks for.
    for (client, name) in [(SAME, "bare client"), (SAME_AS_PROTOBUF, "bare client as protobuf")] {
        let floor = wall(table, &format!("{of}: {client}"));
        for what in ["load", "scan"] {
            let row = format!("{of}: {what}");
            if let Some((took, floor)) = wall(table, &row).zip(floor) {
                table.set(&format!("{row} ÷ {name}"), pods, Figure::times(took / floor));
            }
        }
    }
    Ok(())
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
    row("load", Figure::took(took));
    row("objects", Figure::count(inventory?.len()));
    row("load: peak memory", Figure::mib(peak_mib()));
    Ok(())
}

/// The whole command.
pub fn scan(kubeconfig: &Path, output: &Path) -> anyhow::Result<()> {
    let took = command::command(&["-o", "json", "--kubeconfig"], kubeconfig, output)?;
    row("scan", Figure::took(took));
    row("scan: peak memory", Figure::mib(peak_mib()));
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
