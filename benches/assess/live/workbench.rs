//! The workbench on a live cluster: how soon it shows something, keys while it loads, changes, rest.

use std::time::{Duration, Instant};

use serde_json::json;

use super::bare::client;
use super::churn::{Churn, patch};
use super::server::Server;
use crate::cluster::Cluster;
use crate::figure::Figure;
use crate::measure::{Activity, permille};
use crate::pace;
use crate::table::Table;
use crate::terminal::{idle_between, of_keys};
use crate::workbench::{Pty, go_to_checks, keys, peak_mib, start, starts, wait};

/// Changes a second, and for how long.
const CHURN: f64 = 50.0;
const CHURNING: Duration = Duration::from_secs(10);
/// Changes whose way to the screen is timed.
const CHANGES: usize = 7;

/// All rows of the workbench.
pub fn measure(server: &Server, pods: usize, table: &mut Table) -> anyhow::Result<()> {
    let kubeconfig = server.kubeconfig.to_string_lossy().into_owned();
    let args = ["--kubeconfig", &kubeconfig];
    let mut set = |row: &str, figure| table.set(&format!("live workbench: {row}"), pods, figure);
    let times = pace::starts().min(5);
    set("first frame", Figure::seconds(starts(times, &args, "Overview")?));
    set("first rows", Figure::seconds(starts(times, &args, " objects")?));

    let home = tempfile::tempdir()?;
    let begin = Instant::now();
    let mut workbench = start(&args, home.path());
    wait(&workbench, "Overview")?;
    go_to_checks(&mut workbench)?;
    let mut times = Vec::new();
    keys(&mut workbench, &mut times, |screen| !screen.contents().contains("◉ live"))?;
    set("all is loaded", Figure::seconds(begin.elapsed()));
    keys(&mut workbench, &mut times, |screen| screen.contents().contains("running"))?;
    set("all is loaded and assessed", Figure::seconds(begin.elapsed()));
    set("peak memory, assessed", Figure::mib(peak_mib(&workbench)));
    of_keys("live workbench: key to frame while loading", times, pods, table);

    idle_between("live workbench: idle", &workbench, pods, table);
    changes(server, &mut workbench, pods, table)?;
    churn(server, &workbench, pods, table)
}

/// A change of the object that is open: from the request until it is on the screen.
fn changes(
    server: &Server,
    workbench: &mut Pty,
    pods: usize,
    table: &mut Table,
) -> anyhow::Result<()> {
    let runtime = tokio::runtime::Runtime::new()?;
    let client = runtime.block_on(client(&server.kubeconfig, false))?;
    let cluster = Cluster::wide(server.pods);
    workbench.send("22");
    wait(workbench, "ReplicaSet")?;
    workbench.send("ggj\r");
    wait(workbench, "› Deployment ")?;
    workbench.send("/service-0001\r");
    wait(workbench, "1 of ")?;
    workbench.send("\r");
    wait(workbench, "kind: Deployment")?;
    let name = crate::cluster::workload::name(1);
    let path = format!("/apis/apps/v1/namespaces/{}/deployments/{name}", cluster.namespace(1));
    let mut times = Vec::new();
    for number in 0..CHANGES {
        let mark = format!("change-{number}-{}", std::process::id());
        let change = json!({"metadata": {"annotations": {"a.example.com/mark": mark}}});
        let begin = Instant::now();
        runtime.block_on(patch(&client, &path, &change))?;
        wait(workbench, &mark)?;
        times.push(begin.elapsed());
        std::thread::sleep(Duration::from_millis(700));
    }
    times.sort_unstable();
    let row = "live workbench: a change is on the screen";
    for (what, part) in [("median", 500), ("longest", 1000)] {
        let time = Figure::seconds(permille(&times, part));
        table.set(&format!("{row}: {what}"), pods, time);
    }
    Ok(())
}

/// What it costs to follow a busy cluster.
fn churn(server: &Server, workbench: &Pty, pods: usize, table: &mut Table) -> anyhow::Result<()> {
    let churning = if pace::quick() { pace::idle() } else { CHURNING };
    let churn = Churn::start(&server.kubeconfig, Cluster::wide(server.pods), CHURN)?;
    // It takes a moment until everything is under way.
    std::thread::sleep(Duration::from_secs(1));
    let (begin, before) = (Instant::now(), Activity::of(workbench.pid()));
    let made = churn.stop(churning);
    let (time, after) = (begin.elapsed(), Activity::of(workbench.pid()).since(before));
    let row = format!("live workbench: {CHURN:.0} changes a second");
    #[allow(clippy::cast_precision_loss, reason = "a few thousand ticks")]
    // A tick is a hundredth of a second, and so one percent of it.
    let percent = after.ticks as f64 / time.as_secs_f64();
    table.set(&format!("{row}: changes made"), pods, Figure::count(made));
    table.set(&format!("{row}: processor, of one core"), pods, Figure::percent(percent));
    table.set(&format!("{row}: peak memory"), pods, Figure::mib(peak_mib(workbench)));
    Ok(())
}
