//! A small HTTP/1.1 server that answers like a Kubernetes API server, and misbehaves on demand.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use plimsoll::cluster::connect::{Pace, Patience};
use plimsoll::cluster::{ConnectOptions, Connection, connect};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::tcp::OwnedWriteHalf;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;

/// One request as it came.
#[derive(Clone, Debug)]
pub struct Request {
    pub method: String,
    pub path: String,
    pub query: String,
    pub headers: Vec<(String, String)>,
    /// How many requests for this path came before, watches counted apart.
    pub nth: usize,
}

impl Request {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// What the query says of this.
    pub fn part(&self, key: &str) -> Option<&str> {
        let mut pairs = self.query.split('&').filter_map(|pair| pair.split_once('='));
        pairs.find(|(name, _)| *name == key).map(|(_, value)| value)
    }

    pub fn is_watch(&self) -> bool {
        self.query.contains("watch=1")
    }
}

/// What to answer.
pub enum Reply {
    /// Status, further header lines, body.
    Json(u16, &'static str, String),
    /// Status and a body in protobuf.
    Binary(u16, Vec<u8>),
    /// An answer in the encoding gzip.
    Packed(Vec<u8>),
    /// Promises more than it sends, then closes.
    Truncated(String),
    /// Sends the beginning of an answer and then nothing.
    Stall,
    /// Takes the request and says nothing at all.
    Mute,
    /// Sends an answer without end, a byte at a time.
    Trickle,
    /// The same after a beginning that comes at once.
    Fade(String),
    /// A page for browsers.
    Page(u16),
    /// A watch: these lines, then what comes through the channel; ends when it closes.
    Watch(Vec<String>, mpsc::UnboundedReceiver<String>),
    /// A watch that opens and brings nothing, whatever happens, not even a bookmark.
    Withheld,
}

pub fn ok(body: impl Into<String>) -> Option<Reply> {
    Some(Reply::Json(200, "", body.into()))
}

pub fn status(code: u16, headers: &'static str, message: &str) -> Option<Reply> {
    let body =
        serde_json::json!({"kind":"Status","status":"Failure","code":code,"message":message});
    Some(Reply::Json(code, headers, body.to_string()))
}

/// A gzip stream that begins with `start` and goes on with its last byte, 258 times for each of
/// `times`: thirteen bits for so many bytes. It has no end, which nobody gets to.
pub fn bomb(start: &str, times: usize) -> Vec<u8> {
    let mut bits = literals(start);
    for _ in 0..times {
        bits.extend([true, true, false, false, false, true, false, true]);
        bits.extend([false; 5]);
    }
    stream(&bits)
}

/// A text in gzip.
pub fn packed(text: &str) -> Vec<u8> {
    let mut bits = literals(text);
    bits.extend([false; 7]);
    let mut packed = stream(&bits);
    let crc = text.bytes().fold(u32::MAX, |crc, byte| {
        (0..8).fold(crc ^ u32::from(byte), |crc, _| (crc >> 1) ^ (0xedb8_8320 * (crc & 1)))
    });
    packed.extend((!crc).to_le_bytes());
    packed.extend(u32::try_from(text.len()).unwrap().to_le_bytes());
    packed
}

/// One block of fixed codes, the last one, with these bytes as they are.
fn literals(text: &str) -> Vec<bool> {
    let mut bits = vec![true, true, false];
    for byte in text.bytes() {
        assert!(byte < 144, "eight bits each");
        bits.extend((0..8).rev().map(|bit| ((byte + 0x30) >> bit) & 1 == 1));
    }
    bits
}

fn stream(bits: &[bool]) -> Vec<u8> {
    let mut packed = vec![0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255];
    packed.extend(bits.chunks(8).map(|bits| {
        bits.iter().enumerate().fold(0_u8, |byte, (at, bit)| byte | (u8::from(*bit) << at))
    }));
    packed
}

/// A watch that says nothing and stays open.
pub fn quiet(server: &Hold) -> Option<Reply> {
    let (sender, receiver) = mpsc::unbounded_channel();
    server.lock().unwrap().push(sender);
    Some(Reply::Watch(Vec::new(), receiver))
}

/// Keeps watches open.
pub type Hold = Arc<Mutex<Vec<mpsc::UnboundedSender<String>>>>;

pub type Handler = Arc<dyn Fn(&Request) -> Option<Reply> + Send + Sync>;

pub struct Server {
    pub port: u16,
    pub log: Arc<Mutex<Vec<Request>>>,
    /// Connections open now.
    pub open: Arc<AtomicUsize>,
    task: tokio::task::JoinHandle<()>,
    dir: tempfile::TempDir,
    written: AtomicUsize,
    /// Whether watches bring bookmarks, ten a second, as those of real servers do every minute.
    pub bookmarks: Arc<AtomicBool>,
}

impl Server {
    /// Serves `handler`, and the ordinary answers of `defaults` where it gives none.
    pub async fn start(
        handler: impl Fn(&Request) -> Option<Reply> + Send + Sync + 'static,
    ) -> Self {
        Self::start_on(0, Arc::new(handler)).await
    }

    pub async fn start_on(port: u16, handler: Handler) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", port)).await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let log = Arc::default();
        let open = Arc::<AtomicUsize>::default();
        let seen = Arc::new(Mutex::new(HashMap::new()));
        let (shared_log, shared_open) = (Arc::clone(&log), Arc::clone(&open));
        let bookmarks = Arc::<AtomicBool>::default();
        let shared_bookmarks = Arc::clone(&bookmarks);
        let task = tokio::spawn(async move {
            let mut connections = tokio::task::JoinSet::new();
            loop {
                let Ok((stream, _)) = listener.accept().await else { return };
                let (handler, log) = (Arc::clone(&handler), Arc::clone(&shared_log));
                let (seen, open) = (Arc::clone(&seen), Arc::clone(&shared_open));
                let bookmarks = Arc::clone(&shared_bookmarks);
                connections.spawn(async move {
                    open.fetch_add(1, Ordering::SeqCst);
                    let _count = Count(open);
                    serve(stream, &handler, (&log, &seen, &bookmarks)).await;
                });
            }
        });
        Self {
            port,
            log,
            open,
            task,
            dir: tempfile::tempdir().unwrap(),
            written: AtomicUsize::new(0),
            bookmarks,
        }
    }

    /// Closes every connection and the port.
    pub async fn stop(self) -> u16 {
        self.task.abort();
        let port = self.port;
        let _ = self.task.await;
        port
    }

    pub fn kubeconfig(&self, user: &str, namespace: Option<&str>) -> PathBuf {
        let namespace = namespace.map(|ns| format!(", namespace: {ns}")).unwrap_or_default();
        let text = format!(
            "apiVersion: v1\nkind: Config\ncurrent-context: replay\n\
             clusters:\n- name: c\n  cluster: {{server: \"http://127.0.0.1:{}\"}}\n\
             contexts:\n- name: replay\n  context: {{cluster: c, user: u{namespace}}}\n\
             users:\n- name: u\n  user: {user}\n",
            self.port
        );
        let number = self.written.fetch_add(1, Ordering::SeqCst);
        let path = self.dir.path().join(format!("config-{number}"));
        std::fs::write(&path, text).unwrap();
        path
    }

    pub fn options(&self) -> ConnectOptions {
        let patience = Patience {
            tries: 3,
            base: Duration::from_millis(20),
            longest: Duration::from_millis(100),
            ..Patience::default()
        };
        ConnectOptions {
            kubeconfig: Some(self.kubeconfig("{token: abc}", None)),
            patience,
            ..ConnectOptions::default()
        }
    }

    pub async fn connect(&self) -> Connection {
        connect(&self.options()).await.unwrap()
    }

    /// The same in a hurry: what takes seconds takes milliseconds, and bookmarks come as often.
    pub fn hasty(&self) -> ConnectOptions {
        self.bookmarks.store(true, Ordering::SeqCst);
        let millis = Duration::from_millis;
        let pace = Pace {
            first_answer: millis(600),
            answer: millis(600),
            slow: millis(300),
            quiet_watch: millis(400),
            lived: millis(150),
            told: millis(20),
            poll: millis(150),
            refused_for: 3,
            opt_in: millis(250),
            denied: Duration::from_secs(60),
            discovery: millis(200),
            unheard: millis(150),
            pulse: millis(150),
            beat: millis(600),
            nap: millis(100),
            again: [millis(200); 3],
            doubts: [millis(100); 3],
            ..Pace::default()
        };
        ConnectOptions { pace, ..self.options() }
    }

    /// How many requests fit.
    pub fn count(&self, fits: impl Fn(&Request) -> bool) -> usize {
        self.log.lock().unwrap().iter().filter(|request| fits(request)).count()
    }

    /// Paths asked for, without queries.
    pub fn paths(&self) -> Vec<String> {
        self.log.lock().unwrap().iter().map(|request| request.path.clone()).collect()
    }
}

struct Count(Arc<AtomicUsize>);

impl Drop for Count {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}

type Seen = Mutex<HashMap<(String, bool), usize>>;

async fn serve(
    stream: TcpStream,
    handler: &Handler,
    (log, seen, bookmarks): (&Mutex<Vec<Request>>, &Seen, &AtomicBool),
) {
    let (read, mut write) = stream.into_split();
    let mut lines = BufReader::new(read).lines();
    while let Some(mut request) = parse(&mut lines).await {
        let key = (request.path.clone(), request.is_watch());
        request.nth = {
            let mut seen = seen.lock().unwrap();
            let count = seen.entry(key).or_insert(0);
            *count += 1;
            *count - 1
        };
        log.lock().unwrap().push(request.clone());
        let reply = handler(&request).or_else(|| defaults(&request));
        let reply = reply.unwrap_or_else(|| status(404, "", "not found").unwrap());
        let goes_on = match reply {
            Reply::Watch(first, more) => {
                let from = request.part("resourceVersion").unwrap_or_default();
                watch(&mut write, &mut lines, (first, more), (bookmarks, from)).await;
                false
            }
            reply => answer(reply, &mut write, &mut lines).await,
        };
        if !goes_on {
            return;
        }
    }
}

/// Sends a reply. Whether the connection goes on.
async fn answer(reply: Reply, write: &mut OwnedWriteHalf, lines: &mut Lines) -> bool {
    match reply {
        Reply::Json(code, headers, body) => {
            let headers = format!("content-type: application/json\r\n{headers}");
            whole(write, code, &headers, body.as_bytes()).await
        }
        Reply::Binary(code, body) => {
            let headers = "content-type: application/vnd.kubernetes.protobuf\r\n";
            whole(write, code, headers, &body).await
        }
        Reply::Packed(body) => {
            let headers = "content-type: application/json\r\ncontent-encoding: gzip\r\n";
            whole(write, 200, headers, &body).await
        }
        Reply::Truncated(body) => {
            let head = format!("HTTP/1.1 200 X\r\ncontent-length: {}\r\n\r\n", body.len() + 9);
            let _ = write.write_all(format!("{head}{body}").as_bytes()).await;
            false
        }
        Reply::Stall => {
            let _ = write.write_all(b"HTTP/1.1 200 X\r\ncontent-length: 99\r\n\r\n{").await;
            // Until the client hangs up.
            while let Ok(Some(_)) = lines.next_line().await {}
            false
        }
        Reply::Mute => {
            while let Ok(Some(_)) = lines.next_line().await {}
            false
        }
        Reply::Trickle => {
            trickle(write, "{").await;
            false
        }
        Reply::Fade(start) => {
            trickle(write, &start).await;
            false
        }
        Reply::Page(code) => {
            let page = "<!doctype html><title>Sign in</title>";
            let headers = "content-type: text/html; charset=utf-8\r\n";
            whole(write, code, headers, page.as_bytes()).await
        }
        Reply::Watch(..) | Reply::Withheld => {
            let _ = write.write_all(CHUNKED).await;
            while let Ok(Some(_)) = lines.next_line().await {}
            false
        }
    }
}

/// Sends an answer to its end. Who has enough of it hangs up.
async fn whole(write: &mut OwnedWriteHalf, code: u16, headers: &str, body: &[u8]) -> bool {
    let length = body.len();
    let head = format!("HTTP/1.1 {code} X\r\n{headers}content-length: {length}\r\n\r\n");
    write.write_all(&[head.as_bytes(), body].concat()).await.is_ok()
}

type Lines = tokio::io::Lines<BufReader<tokio::net::tcp::OwnedReadHalf>>;

async fn parse(lines: &mut Lines) -> Option<Request> {
    let first = lines.next_line().await.ok()??;
    let mut parts = first.split(' ');
    let (method, target) = (parts.next()?.to_owned(), parts.next()?.to_owned());
    let mut headers = Vec::new();
    loop {
        let line = lines.next_line().await.ok()??;
        let Some((key, value)) = line.split_once(':') else { break };
        headers.push((key.to_ascii_lowercase(), value.trim().to_owned()));
    }
    let (path, query) = target.split_once('?').unwrap_or((&target, ""));
    Some(Request { method, path: path.into(), query: query.into(), headers, nth: 0 })
}

const CHUNKED: &[u8] = b"HTTP/1.1 200 X\r\ntransfer-encoding: chunked\r\n\r\n";

async fn watch(
    write: &mut OwnedWriteHalf,
    lines: &mut Lines,
    (first, mut more): (Vec<String>, mpsc::UnboundedReceiver<String>),
    (bookmarks, from): (&AtomicBool, &str),
) {
    // A bookmark never lies before what was told.
    let mut reached = from.to_owned();
    let mut reach = |line: &str| {
        let line = serde_json::from_str::<serde_json::Value>(line).unwrap_or_default();
        let number = |version: &str| version.parse::<u64>().ok();
        let version = line["object"]["metadata"]["resourceVersion"].as_str().and_then(number);
        if version.is_some_and(|version| number(&reached).is_none_or(|before| before < version)) {
            reached = version.unwrap_or_default().to_string();
        }
        bookmark(&reached)
    };
    let mut bookmark = reach("");
    let mut beat = tokio::time::interval(Duration::from_millis(100));
    beat.reset();
    if write.write_all(CHUNKED).await.is_err() {
        return;
    }
    for line in first {
        if chunk(write, &line).await.is_err() {
            return;
        }
        bookmark = reach(&line);
    }
    loop {
        tokio::select! {
            line = more.recv() => match line {
                Some(line) => {
                    if chunk(write, &line).await.is_err() {
                        return;
                    }
                    bookmark = reach(&line);
                }
                None => return,
            },
            _ = beat.tick() => {
                let due = bookmarks.load(Ordering::SeqCst);
                if due && chunk(write, &bookmark).await.is_err() {
                    return;
                }
            }
            _ = lines.next_line() => return,
        }
    }
}

async fn trickle(write: &mut OwnedWriteHalf, start: &str) {
    let head = format!("HTTP/1.1 200 X\r\ncontent-length: 99999999\r\n\r\n{start}");
    let mut next: &[u8] = head.as_bytes();
    while write.write_all(next).await.is_ok() {
        next = b" ";
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

async fn chunk(write: &mut OwnedWriteHalf, line: &str) -> std::io::Result<()> {
    let text = format!("{:x}\r\n{line}\n\r\n", line.len() + 1);
    write.write_all(text.as_bytes()).await
}

/// A small healthy cluster: two namespaces, no objects.
pub fn defaults(request: &Request) -> Option<Reply> {
    if request.is_watch() {
        // Open for as long as the test lasts.
        let (sender, receiver) = mpsc::unbounded_channel();
        std::mem::forget(sender);
        return Some(Reply::Watch(Vec::new(), receiver));
    }
    match request.path.as_str() {
        "/version" => ok(r#"{"gitVersion":"v1.36.2","major":"1","minor":"36"}"#),
        "/api" => ok(aggregated(&[(
            "",
            "v1",
            &[
                ("pods", "Pod", true),
                ("configmaps", "ConfigMap", true),
                ("secrets", "Secret", true),
            ],
        )])),
        "/apis" => ok(aggregated(&[("apps", "v1", &[("deployments", "Deployment", true)])])),
        "/api/v1/namespaces" => {
            ok(list("Namespace", "5", "", &[item("team-a", ""), item("kube-system", "")]))
        }
        path if path.ends_with("/pods") => ok(list("Pod", "5", "", &[])),
        path if path.ends_with("/configmaps") => ok(list("ConfigMap", "5", "", &[])),
        path if path.ends_with("/deployments") => ok(list("Deployment", "5", "", &[])),
        path if path.ends_with("/secrets") => ok(list("PartialObjectMetadata", "5", "", &[])),
        _ => None,
    }
}

type Served<'a> = (&'a str, &'a str, &'a [(&'a str, &'a str, bool)]);

/// An aggregated discovery.
pub fn aggregated(groups: &[Served<'_>]) -> String {
    let items: Vec<serde_json::Value> = groups
        .iter()
        .map(|(group, version, resources)| {
            let resources: Vec<serde_json::Value> = resources
                .iter()
                .map(|(plural, kind, namespaced)| {
                    let scope = if *namespaced { "Namespaced" } else { "Cluster" };
                    serde_json::json!({"resource": plural, "responseKind": {"kind": kind},
                        "scope": scope, "verbs": ["get", "list", "watch"]})
                })
                .collect();
            serde_json::json!({"metadata": {"name": group},
                "versions": [{"version": version, "resources": resources}]})
        })
        .collect();
    serde_json::json!({"kind": "APIGroupDiscoveryList", "items": items}).to_string()
}

/// A list of a kind.
pub fn list(kind: &str, version: &str, next: &str, items: &[serde_json::Value]) -> String {
    let api = match kind {
        "Deployment" => "apps/v1",
        "Thing" => "example.invalid/v1",
        "Application" => "argoproj.io/v1",
        "PartialObjectMetadata" => "meta.k8s.io/v1",
        _ => "v1",
    };
    list_of(api, kind, version, next, items)
}

/// A list of a kind in this version of its group.
pub fn list_of(
    api: &str,
    kind: &str,
    version: &str,
    next: &str,
    items: &[serde_json::Value],
) -> String {
    serde_json::json!({"kind": format!("{kind}List"), "apiVersion": api,
        "metadata": {"resourceVersion": version, "continue": next}, "items": items})
    .to_string()
}

/// An item of a list.
pub fn item(name: &str, namespace: &str) -> serde_json::Value {
    let mut item = serde_json::json!({"metadata": {"name": name, "uid": format!("uid-{name}"),
        "resourceVersion": "5"}});
    if !namespace.is_empty() {
        item["metadata"]["namespace"] = namespace.into();
    }
    item
}

/// A pod as a list or a watch shows it.
pub fn pod(name: &str, uid: &str, version: &str) -> serde_json::Value {
    serde_json::json!({"metadata": {"name": name, "namespace": "team-a", "uid": uid,
        "resourceVersion": version}})
}

/// A line of a watch.
pub fn line(kind: &str, object: &serde_json::Value) -> String {
    serde_json::json!({"type": kind, "object": object}).to_string()
}

/// A line of a watch that says how far it has come.
pub fn bookmark(version: &str) -> String {
    line("BOOKMARK", &serde_json::json!({"metadata": {"resourceVersion": version}}))
}

/// A line of a watch on pods.
pub fn event(kind: &str, name: &str, version: &str, phase: &str) -> String {
    serde_json::json!({"type": kind, "object": {"kind": "Pod", "apiVersion": "v1",
        "metadata": {"name": name, "namespace": "team-a", "resourceVersion": version},
        "status": {"phase": phase}}})
    .to_string()
}
