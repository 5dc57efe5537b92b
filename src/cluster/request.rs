//! One GET: with time limits, a size limit, and tries that are counted and reported.

use std::sync::atomic::Ordering;
use std::sync::{Arc, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use http::header::{ACCEPT, ACCEPT_ENCODING, CONTENT_TYPE, RETRY_AFTER};
use http::{Request, Response};
use http_body_util::BodyExt as _;
use kube::client::Body;
use serde::Deserialize;
use tokio::time::timeout;

use super::connect::Connection;
use super::credentials::Clients;
use super::error::{RequestFault, chain};
use super::gate;
use super::limits::size;
use super::protobuf;
use super::sent::said;

/// Slowest that an answer may come, in bytes a second.
const SLOWEST: u64 = 4096;
/// Longest wait for a watch to be opened.
const OPENING: Duration = Duration::from_secs(30);
/// No line of a watch is larger: objects are bounded to a few MiB by the server.
const LONGEST_LINE: usize = 16 << 20;

/// Plain JSON.
pub(super) const JSON: &str = "application/json";
/// Kubernetes' own encoding, or JSON of a server or proxy that does not have it.
pub(super) const PROTOBUF: &str = "application/vnd.kubernetes.protobuf, application/json";
/// Objects without spec, data and status.
pub(super) const METADATA: &str =
    "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1";

/// One object without spec, data and status.
pub(super) const METADATA_OF_ONE: &str =
    "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1";

/// What a screen shows of a list, and nothing else: a server that makes no tables refuses.
pub(super) const TABLE: &str = "application/json;as=Table;g=meta.k8s.io;v=v1";

/// Told before each further try: what failed and how long it waits.
pub(super) type Notify<'a> = &'a (dyn Fn(&RequestFault, Duration) + Sync);

#[derive(Deserialize)]
struct StatusBody {
    #[serde(default)]
    message: String,
    #[serde(default)]
    reason: String,
}

/// What came, in the encoding that it says it is in.
pub(super) struct HttpAnswer {
    pub bytes: Vec<u8>,
    /// Whether it is protobuf; else JSON, whatever it says.
    pub is_protobuf: bool,
}

impl Connection {
    /// Gets a URL below the server's, trying again where that may help. The answer is a small one:
    /// anything but a list.
    pub(super) async fn get(
        &self,
        url: &str,
        accept: &str,
        notify: Notify<'_>,
    ) -> Result<Vec<u8>, RequestFault> {
        let answer = self.get_most(url, accept, self.inner.limits.small, notify).await?;
        Ok(answer.bytes)
    }

    /// The same for an answer of at most so many bytes, unpacked.
    pub(super) async fn get_most(
        &self,
        url: &str,
        accept: &str,
        most: usize,
        notify: Notify<'_>,
    ) -> Result<HttpAnswer, RequestFault> {
        let begun = Instant::now();
        let mut tried = 0;
        loop {
            let this = Instant::now();
            let fault = match self.once(url, accept, most).await {
                Ok(answer) => {
                    *self.busy() = None;
                    return Ok(answer);
                }
                Err(fault) => fault,
            };
            tried += 1;
            let wait = if fault.code() == Some(429) {
                self.while_busy(tried, &fault, begun)
            } else {
                self.inner.patience.wait(tried, &fault, self.answered())
            };
            let Some(wait) = wait else { return Err(fault) };
            // Where nothing ever answered there is nothing to be patient with: another try that takes
            // as long must end in time.
            let next = begun.elapsed() + wait + this.elapsed();
            if !self.answered() && next >= self.first() {
                return Err(fault);
            }
            notify(&fault, wait);
            tokio::time::sleep(wait).await;
        }
    }

    /// How long to wait for a server that is too busy: it has a time for that, which all requests
    /// share while it answers none.
    fn while_busy(&self, tried: u32, fault: &RequestFault, begun: Instant) -> Option<Duration> {
        let since = *self.busy().get_or_insert_with(Instant::now);
        let patience = &self.inner.patience;
        let at_most = self.inner.timeout.unwrap_or(patience.asked);
        patience.busy(tried, fault, since.min(begun).elapsed(), at_most)
    }

    fn busy(&self) -> MutexGuard<'_, Option<Instant>> {
        // Only whole moments are ever written.
        self.inner.busy.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// One try.
    pub(super) async fn once(
        &self,
        url: &str,
        accept: &str,
        most: usize,
    ) -> Result<HttpAnswer, RequestFault> {
        // The semaphore is never closed; without a permit the request just goes out.
        let _slot = self.inner.slots.acquire().await.ok();
        let whole = self.inner.timeout;
        let work = async {
            let response = self.send(url, accept, false).await?;
            let is_protobuf = is_of(&response, protobuf::MEDIA);
            let bytes = collect(response, self.silence(), self.inner.pace.slow, most).await?;
            Ok(HttpAnswer { bytes, is_protobuf })
        };
        match whole {
            Some(limit) => timeout(limit, work).await.map_err(|_| RequestFault::Timeout(limit))?,
            None => work.await,
        }
    }

    /// Opens a watch. One try: the caller knows what to do when it fails.
    pub(super) async fn stream(&self, url: &str) -> Result<WatchLines, RequestFault> {
        let response = self.send(url, JSON, true).await?;
        Ok(WatchLines { body: response.into_body(), buffer: Vec::new(), searched: 0 })
    }

    /// Whether anything answers, be it a refusal. Waits for as long as that takes, for no other
    /// request and without another try.
    pub(super) async fn beat(&self) -> bool {
        let Ok(clients) = self.clients().await else { return false };
        match self.send_with(&clients, "/version", JSON, false).await {
            Ok(response) => {
                let (silence, slow) = (self.silence(), self.inner.pace.slow);
                collect(response, silence, slow, self.inner.limits.small).await.is_ok()
            }
            Err(fault) => {
                matches!(fault, RequestFault::Status { .. } | RequestFault::Unparsable(_))
            }
        }
    }

    fn answered(&self) -> bool {
        self.inner.answered.load(Ordering::Relaxed)
    }

    /// How long nothing may come.
    fn silence(&self) -> Duration {
        let usual = self.inner.pace.answer;
        self.inner.timeout.map_or(usual, |given| given.max(usual))
    }

    /// How long the very first answer may take.
    fn first(&self) -> Duration {
        let usual = self.inner.pace.first_answer;
        self.inner.timeout.map_or(usual, |given| given.max(usual))
    }

    /// Sends one request, once more with new clients if the old ones are refused.
    async fn send(
        &self,
        url: &str,
        accept: &str,
        watch: bool,
    ) -> Result<Response<Body>, RequestFault> {
        let clients = self.clients().await?;
        let fault = match self.send_with(&clients, url, accept, watch).await {
            Err(fault) if fault.code() == Some(401) || matches!(fault, RequestFault::Tls(_)) => {
                fault
            }
            done => return done,
        };
        let plugin = fault.code() == Some(401);
        if !self.inner.source.renew(&clients, plugin).await {
            return Err(fault);
        }
        let clients = self.clients().await?;
        let answer = self.send_with(&clients, url, accept, watch).await;
        if answer.is_ok() {
            self.inner.source.accepted();
        }
        answer
    }

    async fn clients(&self) -> Result<Arc<Clients>, RequestFault> {
        let clients = self.inner.source.clients().await;
        clients.map_err(|error| RequestFault::Credentials(Box::new(error)))
    }

    async fn send_with(
        &self,
        clients: &Clients,
        url: &str,
        accept: &str,
        watch: bool,
    ) -> Result<Response<Body>, RequestFault> {
        gate::pass(url, accept)?;
        let mut request = Request::get(url).header(ACCEPT, accept);
        if watch {
            // Servers from 1.37 on compress each event by itself, which the client cannot undo.
            request = request.header(ACCEPT_ENCODING, "identity");
        }
        let request = request
            .body(Body::empty())
            .map_err(|error| RequestFault::Unparsable(format!("the address {url:?}: {error}")))?;
        let client = if watch { &clients.watches } else { &clients.lists };
        let limit = match (self.answered(), watch) {
            (false, _) => self.first(),
            (true, true) => self.silence().min(OPENING),
            (true, false) => self.silence(),
        };
        let response = timeout(limit, client.send(request)).await;
        let response = response.map_err(|_| RequestFault::Timeout(limit))?.map_err(|error| {
            RequestFault::from_kube(&error).through(self.inner.proxy.as_deref())
        })?;
        self.inner.answered.store(true, Ordering::Relaxed);
        self.inner.heard.note();
        if !response.status().is_success() {
            let asked = self.inner.patience.asked;
            return Err(refusal(response, limit, self.inner.limits.small, asked).await);
        }
        if is_page(&response) {
            return Err(RequestFault::Unparsable(
                "a web page came in place of an API answer: a proxy, login page or other server \
                 answers at this address"
                    .to_owned(),
            ));
        }
        Ok(response)
    }
}

/// Turns an error answer of at most so many bytes into words: the server's `StatusBody` if it sent one.
/// Says so where the server wants to be left alone for longer than is waited.
async fn refusal(
    response: Response<Body>,
    limit: Duration,
    most: usize,
    longest: Duration,
) -> RequestFault {
    let code = response.status().as_u16();
    let named = response.status().canonical_reason().unwrap_or("error");
    let retry_after = response
        .headers()
        .get(RETRY_AFTER)
        .and_then(|value| value.to_str().ok()?.trim().parse().ok())
        .map(Duration::from_secs);
    let page = is_page(&response);
    let is_protobuf = is_of(&response, protobuf::MEDIA);
    let body = timeout(limit, collect(response, limit, limit, most)).await;
    let body = body.ok().and_then(Result::ok).unwrap_or_default();
    // A list that may come in protobuf is refused in it too.
    let status = if is_protobuf {
        protobuf::status(&body)
    } else {
        let status = serde_json::from_slice::<StatusBody>(&body);
        status.ok().map(|status| (status.message, status.reason))
    };
    let (mut message, reason) = match status {
        Some((message, reason)) if !message.is_empty() => (said(&message), reason),
        _ if page => (format!("{named}, on a web page: it is not the API server"), String::new()),
        _ => (named.to_owned(), String::new()),
    };
    if let Some(asked) = retry_after.filter(|asked| *asked > longest) {
        message.push_str(&format!("; it asks not to be asked for {} s", asked.as_secs()));
    }
    RequestFault::Status { code, reason, message, retry_after }
}

/// Whether an answer is made for a browser.
fn is_page(response: &Response<Body>) -> bool {
    is_of(response, "text/html")
}

/// Whether an answer says that it is of this media type.
fn is_of(response: &Response<Body>, media: &str) -> bool {
    let sort = response.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
    sort.is_some_and(|sort| sort.trim_start().to_ascii_lowercase().starts_with(media))
}

/// Reads an answer of at most `most` bytes to its end. What comes within each `slow` must come at
/// some speed: an answer that trickles for ever is none.
async fn collect(
    response: Response<Body>,
    silence: Duration,
    slow: Duration,
    most: usize,
) -> Result<Vec<u8>, RequestFault> {
    let (mut begun, mut before) = (Instant::now(), 0);
    let mut late = None;
    let mut body = response.into_body();
    let mut bytes = Vec::new();
    loop {
        let frame =
            timeout(silence, body.frame()).await.map_err(|_| RequestFault::Timeout(silence))?;
        let Some(frame) = frame else { return Ok(bytes) };
        if let Some(late) = late {
            return Err(late);
        }
        let frame = frame.map_err(|error| RequestFault::Broken(chain(&error)))?;
        if let Ok(data) = frame.into_data() {
            bytes.extend_from_slice(&data);
        }
        if bytes.len() > most {
            return Err(RequestFault::Large(size(most)));
        }
        let taken = begun.elapsed();
        if taken > slow {
            let came = bytes.len() - before;
            if (came as u64) < SLOWEST.saturating_mul(taken.as_secs().max(1)) {
                // This may have been the end of it.
                late = Some(RequestFault::Slow { bytes: came, taken });
            }
            (begun, before) = (Instant::now(), bytes.len());
        }
    }
}

/// The lines of a watch.
pub(super) struct WatchLines {
    body: Body,
    buffer: Vec<u8>,
    searched: usize,
}

impl WatchLines {
    /// A stream that has ended.
    #[cfg(test)]
    pub(super) fn none() -> Self {
        Self { body: Body::empty(), buffer: Vec::new(), searched: 0 }
    }

    /// The next line, or none at the end. A last line without its end is dropped: the server was
    /// cut off while writing it.
    pub(super) async fn next(
        &mut self,
        silence: Duration,
    ) -> Result<Option<Vec<u8>>, RequestFault> {
        loop {
            let fresh = self.buffer.get(self.searched..).unwrap_or_default();
            if let Some(at) = fresh.iter().position(|byte| *byte == b'\n') {
                let rest = self.buffer.split_off(self.searched + at + 1);
                let line = std::mem::replace(&mut self.buffer, rest);
                self.searched = 0;
                return Ok(Some(line));
            }
            self.searched = self.buffer.len();
            if self.searched > LONGEST_LINE {
                return Err(RequestFault::Unparsable("a watch event without end".to_owned()));
            }
            let frame = timeout(silence, self.body.frame()).await;
            let Some(frame) = frame.map_err(|_| RequestFault::Timeout(silence))? else {
                return Ok(None);
            };
            let frame = frame.map_err(|error| RequestFault::Broken(chain(&error)))?;
            if let Ok(data) = frame.into_data() {
                self.buffer.extend_from_slice(&data);
            }
        }
    }
}
