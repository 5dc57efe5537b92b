//! The floor: a client that fetches the same pages and throws them away.

use std::path::Path;

use anyhow::Context as _;
use futures::StreamExt as _;
use http_body_util::BodyExt as _;
use kube::Client;
use kube::client::Body;
use kube::config::{Config, KubeConfigOptions, Kubeconfig};
use plimsoll::model::read::{Read, ReadStatus};
use serde::Deserialize;

use crate::figure::Figure;
use crate::measure::time;
use crate::part::row;

/// Lists under way at once, as the program has.
const AT_ONCE: usize = 4;
/// Ways to read, by name: compressed or not, and how many lists at once. The faster of the first two is
/// what the program is held against; the last is the simplest client that there can be.
const WAYS: [(&str, bool, usize); 3] =
    [("compressed", true, AT_ONCE), ("as they are", false, AT_ONCE), (SIMPLEST, false, 1)];
const SIMPLEST: &str = "one request at a time";
/// The head of a list, with the place of the next page, stands within so many bytes.
const HEAD: usize = 4096;

/// A client for an administrator.
pub async fn client(kubeconfig: &Path, compressed: bool) -> anyhow::Result<Client> {
    let config = Kubeconfig::read_from(kubeconfig)?;
    let mut config = Config::from_custom_kubeconfig(config, &KubeConfigOptions::default()).await?;
    config.disable_compression = !compressed;
    Ok(Client::try_from(config)?)
}

/// What of a report tells which lists were read.
#[derive(Deserialize)]
struct Report {
    reads: Vec<Read>,
}

/// Transfers every list that the report of a scan says was read, in each of the ways.
pub fn bare(kubeconfig: &Path, report: &Path) -> anyhow::Result<()> {
    let report: Report = serde_json::from_slice(&std::fs::read(report)?)?;
    let whole = report.reads.iter().filter(|read| read.status == ReadStatus::Complete);
    let paths: Vec<String> = whole.filter_map(path).collect();
    anyhow::ensure!(!paths.is_empty(), "the report names no list that was read");
    let runtime = tokio::runtime::Runtime::new()?;
    let mut fastest = None;
    for (how, compressed, at_once) in WAYS {
        let (bytes, took) = time(|| {
            runtime.block_on(async {
                let client = client(kubeconfig, compressed).await?;
                let lists = futures::stream::iter(&paths).map(|path| transfer(&client, path));
                let sizes: Vec<anyhow::Result<usize>> =
                    lists.buffer_unordered(at_once).collect().await;
                sizes.into_iter().sum::<anyhow::Result<usize>>()
            })
        });
        let bytes = bytes?;
        row("bytes of all pages", Figure::bytes(bytes));
        let figure = Figure::took(took);
        row(&format!("bare client, {how}"), figure.clone());
        if how != SIMPLEST {
            let least = fastest.as_ref().map(|best: &Figure| best.least(&figure));
            fastest = Some(least.unwrap_or(figure));
        }
    }
    row("bare client, the same pages", fastest.context("nothing was read")?);
    Ok(())
}

/// Where a list was read: `v1/pods` and `apps/v1/deployments` as paths. Reads that list nothing
/// begin with a slash.
fn path(read: &Read) -> Option<String> {
    let resource = Some(&read.resource).filter(|resource| !resource.starts_with('/'))?;
    match resource.matches('/').count() {
        1 => Some(format!("/api/{resource}")),
        2 => Some(format!("/apis/{resource}")),
        _ => None,
    }
}

/// All pages of one list, each after the one before it. Gives their bytes.
async fn transfer(client: &Client, path: &str) -> anyhow::Result<usize> {
    let (mut next, mut total) = (String::new(), 0);
    loop {
        let place = if next.is_empty() { String::new() } else { format!("&continue={next}") };
        let request = http::Request::get(format!("{path}?limit=500{place}"));
        let response = client.send(request.body(Body::empty())?).await?;
        anyhow::ensure!(response.status().is_success(), "{path}: {}", response.status());
        let mut body = response.into_body();
        let mut head: Vec<u8> = Vec::new();
        while let Some(frame) = body.frame().await {
            let Ok(data) = frame?.into_data() else { continue };
            total += data.len();
            let room = HEAD.saturating_sub(head.len()).min(data.len());
            head.extend(&data[..room]);
        }
        match place_of_next(&head) {
            Some(place) => next = place,
            None => return Ok(total),
        }
    }
}

/// The place of the next page as it stands in the head of a list. The letters of base64 that have
/// to be escaped in an address are.
fn place_of_next(head: &[u8]) -> Option<String> {
    let head = String::from_utf8_lossy(head);
    let metadata = head.split("\"items\"").next()?;
    let place = metadata.split_once("\"continue\":\"")?.1.split('"').next()?;
    let place = place.replace('+', "%2B").replace('/', "%2F").replace('=', "%3D");
    (!place.is_empty()).then_some(place)
}
