//! A way to the real API server, in plain HTTP, on which requests can be held up and which can be
//! closed. What goes through it is noted.

use std::path::PathBuf;
use std::sync::{Arc, Mutex};

use futures::future::BoxFuture;
use http_body_util::BodyExt as _;
use plimsoll::cluster::ConnectOptions;
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader, Lines};
use tokio::net::tcp::OwnedReadHalf;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

use crate::fixture::{Admin, Fixture};

/// What happens before a request for a path with its query is passed on.
pub type Before = Box<dyn Fn(String) -> BoxFuture<'static, ()> + Send + Sync>;

/// A request that was passed on.
#[derive(Clone, Debug)]
pub struct Passed {
    pub uri: String,
    pub status: u16,
    /// What the answer is written in.
    pub media: String,
    /// How the answer begins.
    pub said: String,
}

impl Passed {
    pub fn is_watch(&self) -> bool {
        self.uri.contains("watch=1")
    }
}

struct Way {
    admin: Admin,
    before: Before,
    passed: Mutex<Vec<Passed>>,
}

/// The way; it ends when this is dropped.
pub struct Gate {
    way: Arc<Way>,
    shut: watch::Sender<bool>,
    task: tokio::task::JoinHandle<()>,
    kubeconfig: PathBuf,
    _dir: tempfile::TempDir,
}

impl Gate {
    /// A way to the server, as its administrator.
    pub async fn to(fixture: &Fixture, before: Before) -> Self {
        let admin = fixture.admin().await;
        let way = Arc::new(Way { admin, before, passed: Mutex::default() });
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let dir = tempfile::tempdir().unwrap();
        let kubeconfig = dir.path().join("config");
        let text = format!(
            "apiVersion: v1\nkind: Config\ncurrent-context: gate\n\
             clusters:\n- name: c\n  cluster: {{server: \"http://127.0.0.1:{port}\"}}\n\
             contexts:\n- name: gate\n  context: {{cluster: c, user: u}}\n\
             users:\n- name: u\n  user: {{token: abc}}\n"
        );
        std::fs::write(&kubeconfig, text).unwrap();
        let shut = watch::Sender::new(false);
        let task = tokio::spawn(accept(listener, Arc::clone(&way), shut.clone()));
        Self { way, shut, task, kubeconfig, _dir: dir }
    }

    /// How the live source connects through it.
    pub fn options(&self, fixture: &Fixture) -> ConnectOptions {
        ConnectOptions { kubeconfig: Some(self.kubeconfig.clone()), ..fixture.options() }
    }

    /// Cuts every connection; new ones are closed at once.
    pub fn shut(&self) {
        self.shut.send_replace(true);
    }

    pub fn open(&self) {
        self.shut.send_replace(false);
    }

    /// What went through so far and contains this.
    pub fn passed(&self, part: &str) -> Vec<Passed> {
        let passed = self.way.passed.lock().unwrap();
        passed.iter().filter(|passed| passed.uri.contains(part)).cloned().collect()
    }
}

impl Drop for Gate {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn accept(listener: TcpListener, way: Arc<Way>, shut: watch::Sender<bool>) {
    let mut connections = tokio::task::JoinSet::new();
    loop {
        let Ok((stream, _)) = listener.accept().await else { return };
        let (way, mut shut) = (Arc::clone(&way), shut.subscribe());
        connections.spawn(async move {
            tokio::select! {
                biased;
                _ = shut.wait_for(|shut| *shut) => {}
                // Whether the client or the server ended it, it is over.
                _ = serve(stream, &way) => {}
            }
        });
    }
}

/// Passes the requests of one connection on. None at its end.
async fn serve(stream: TcpStream, way: &Way) -> Option<()> {
    stream.set_nodelay(true).ok()?;
    let (read, mut write) = stream.into_split();
    let mut lines = BufReader::new(read).lines();
    loop {
        let (uri, accept) = request(&mut lines).await?;
        (way.before)(uri.clone()).await;
        let response = way.admin.pass(&uri, &accept).await.ok()?;
        let status = response.status().as_u16();
        let media = response.headers().get("content-type").and_then(|media| media.to_str().ok());
        let media = media.unwrap_or_default().to_owned();
        let head = format!(
            "HTTP/1.1 {status} X\r\ncontent-type: {media}\r\ntransfer-encoding: chunked\r\n\r\n"
        );
        let place = {
            let mut passed = way.passed.lock().unwrap();
            passed.push(Passed { uri, status, media, said: String::new() });
            passed.len() - 1
        };
        write.write_all(head.as_bytes()).await.ok()?;
        let mut body = response.into_body();
        loop {
            let frame = tokio::select! {
                frame = body.frame() => frame,
                // Nobody sends a second request before the answer: the client hung up.
                _ = lines.next_line() => return None,
            };
            let Some(frame) = frame else { break };
            let Ok(data) = frame.ok()?.into_data() else { continue };
            if data.is_empty() {
                // As a chunk it would be the end.
                continue;
            }
            let chunk = [format!("{:x}\r\n", data.len()).as_bytes(), &data, b"\r\n"].concat();
            write.write_all(&chunk).await.ok()?;
            let said = &mut way.passed.lock().unwrap()[place].said;
            let text = String::from_utf8_lossy(&data);
            said.extend(text.chars().take(1000_usize.saturating_sub(said.len())));
        }
        write.write_all(b"0\r\n\r\n").await.ok()?;
    }
}

/// The next request of a connection: what it asks for, and in which form.
async fn request(lines: &mut Lines<BufReader<OwnedReadHalf>>) -> Option<(String, String)> {
    let first = lines.next_line().await.ok()??;
    let uri = first.strip_prefix("GET ")?.split(' ').next()?.to_owned();
    let mut accept = String::new();
    loop {
        let line = lines.next_line().await.ok()??;
        let Some((key, value)) = line.split_once(':') else { return Some((uri, accept)) };
        if key.eq_ignore_ascii_case("accept") {
            value.trim().clone_into(&mut accept);
        }
    }
}
