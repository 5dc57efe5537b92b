//! The floor: a client that fetches the same pages and throws them away.

use std::collections::BTreeMap;
use std::path::Path;

use futures::StreamExt as _;
use http::header::ACCEPT;
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
/// Ways to read.
const WAYS: [Way; 5] = [
    Way { name: "compressed", accept: None, compressed: true, at_once: AT_ONCE, best: Some(SAME) },
    Way {
        name: "as they are",
        accept: None,
        compressed: false,
        at_once: AT_ONCE,
        best: Some(SAME),
    },
    Way { name: "one request at a time", accept: None, compressed: false, at_once: 1, best: None },
    Way {
        name: "protobuf, compressed",
        accept: Some(PROTOBUF),
        compressed: true,
        at_once: AT_ONCE,
        best: Some(SAME_AS_PROTOBUF),
    },
    Way {
        name: "protobuf, as they are",
        accept: Some(PROTOBUF),
        compressed: false,
        at_once: AT_ONCE,
        best: Some(SAME_AS_PROTOBUF),
    },
];
/// A client that speaks JSON: the bounds rest on it.
pub const SAME: &str = "bare client, the same pages";
/// One that asks for protobuf, as the program does, and takes JSON of kinds that have no other.
pub const SAME_AS_PROTOBUF: &str = "bare client, the same pages as protobuf";
const PROTOBUF: &str = "application/vnd.kubernetes.protobuf, application/json";
/// The head of a list, with the place of the next page, stands within so many bytes.
const HEAD: usize = 4096;

struct Way {
    name: &'static str,
    /// What is asked for; JSON without.
    accept: Option<&'static str>,
    compressed: bool,
    /// Lists at once.
    at_once: usize,
    /// The row to which the fastest of its ways goes. None for the simplest client that there can be.
    best: Option<&'static str>,
}

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
    let mut fastest: BTreeMap<&str, Figure> = BTreeMap::new();
    for way in WAYS {
        let (bytes, took) = time(|| {
            runtime.block_on(async {
                let client = client(kubeconfig, way.compressed).await?;
                let lists = futures::stream::iter(&paths);
                let lists = lists.map(|path| transfer(&client, path, way.accept));
                let sizes: Vec<anyhow::Result<usize>> =
                    lists.buffer_unordered(way.at_once).collect().await;
                sizes.into_iter().sum::<anyhow::Result<usize>>()
            })
        });
        let bytes = bytes?;
        let all = if way.accept.is_some() { " as protobuf" } else { "" };
        row(&format!("bytes of all pages{all}"), Figure::bytes(bytes));
        let figure = Figure::took(took);
        row(&format!("bare client, {}", way.name), figure.clone());
        if let Some(best) = way.best {
            let least = fastest.get(best).map(|best| best.least(&figure));
            fastest.insert(best, least.unwrap_or(figure));
        }
    }
    for (best, figure) in fastest {
        row(best, figure);
    }
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
async fn transfer(
    client: &Client,
    path: &str,
    accept: Option<&'static str>,
) -> anyhow::Result<usize> {
    let (mut next, mut total) = (String::new(), 0);
    loop {
        let place = if next.is_empty() { String::new() } else { format!("&continue={next}") };
        let mut request = http::Request::get(format!("{path}?limit=500{place}"));
        if let Some(accept) = accept {
            request = request.header(ACCEPT, accept);
        }
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
        let place = if head.starts_with(b"k8s\0") {
            place_in_protobuf(&head)
        } else {
            place_of_next(&head)
        };
        match place.as_deref().map(escaped) {
            Some(place) => next = place,
            None => return Ok(total),
        }
    }
}

/// The place of the next page as it stands in the head of a list.
fn place_of_next(head: &[u8]) -> Option<String> {
    let head = String::from_utf8_lossy(head);
    let metadata = head.split("\"items\"").next()?;
    let place = metadata.split_once("\"continue\":\"")?.1.split('"').next()?;
    (!place.is_empty()).then(|| place.to_owned())
}

/// The same where the list is protobuf: its metadata comes first.
fn place_in_protobuf(head: &[u8]) -> Option<String> {
    // Behind the sign there are the kind, and the list with what it says of itself.
    let mut left = head.get(4..)?;
    field(&mut left)?;
    for _ in 0..2 {
        let length = left.iter().skip(1).position(|byte| byte & 0x80 == 0)?;
        left = left.get(length + 2..)?;
    }
    loop {
        match field(&mut left)? {
            (0x1a, place) => {
                return (!place.is_empty()).then(|| String::from_utf8_lossy(place).into_owned());
            }
            (0x0a | 0x12, _) => {}
            _ => return None,
        }
    }
}

/// A field of bytes: its tag and them.
fn field<'a>(left: &mut &'a [u8]) -> Option<(u8, &'a [u8])> {
    let (tag, mut rest) = left.split_first()?;
    let (mut length, mut shift) = (0, 0);
    loop {
        let (byte, after) = rest.split_first()?;
        rest = after;
        length |= usize::from(byte & 0x7f) << shift;
        shift += 7;
        if byte & 0x80 == 0 {
            break;
        }
    }
    let (bytes, after) = rest.split_at_checked(length)?;
    *left = after;
    Some((*tag, bytes))
}

/// As it stands in an address.
fn escaped(place: &str) -> String {
    place.replace('+', "%2B").replace('/', "%2F").replace('=', "%3D")
}
