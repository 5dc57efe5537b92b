//! One list, page by page: the next page is fetched while the last one is parsed.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use super::api_resource::{ApiResource, escape};
use super::connect::Connection;
use super::error::RequestFault;
use super::limits::{Coming, Limits, OBJECT};
use super::names::{self, LONG};
use super::page::{self, ListHead, ListPage};
use super::request::Notify;
use super::store::Slot;
use crate::model::arriving::Arriving;
use crate::model::object::Object;
use crate::model::read::ReadStatus;
use crate::text::counted;

/// Objects per page.
const PAGE: usize = 500;
/// How often a list begins anew when the server forgot where it was.
const RESTARTS: usize = 2;

/// The Secret types that are listed apart: metadata does not tell the type.
const SECRET_TYPES: &[&str] = &[
    "Opaque",
    "kubernetes.io/service-account-token",
    "kubernetes.io/dockercfg",
    "kubernetes.io/dockerconfigjson",
    "kubernetes.io/basic-auth",
    "kubernetes.io/ssh-auth",
    "kubernetes.io/tls",
    "bootstrap.kubernetes.io/token",
    "helm.sh/release.v1",
];

/// What came of a list.
#[derive(Debug)]
pub(super) struct ListResult {
    pub objects: Vec<Arc<Object>>,
    /// Where a watch goes on; empty if it cannot.
    pub version: String,
    pub status: ReadStatus,
    /// Refused for lack of rights, not for lack of credentials.
    pub denied: bool,
    /// The status with which the server refused it.
    pub code: Option<u16>,
    pub message: Option<String>,
    /// It goes on beyond what is taken: asking again soon is of no use.
    pub over: bool,
    /// How long it took; none if nothing was sent.
    pub millis: Option<u64>,
}

impl ListResult {
    /// A list that was never sent.
    pub(super) fn without(status: ReadStatus, message: Option<String>) -> Self {
        let denied = status == ReadStatus::Forbidden;
        Self {
            objects: Vec::new(),
            version: String::new(),
            status,
            denied,
            code: None,
            message,
            over: false,
            millis: None,
        }
    }
}

/// Milliseconds since then.
pub(super) fn millis(begun: Instant) -> Option<u64> {
    u64::try_from(begun.elapsed().as_millis()).ok()
}

/// Told of the objects of each page as they arrive, and how often the list was begun anew: what came
/// before that does not count.
pub(super) type OnPage<'a> = &'a (dyn Fn(usize, &[Arc<Object>]) + Sync);

/// How the names of a long list are asked for, and who is told of them.
#[derive(Clone, Copy)]
pub(super) struct NamesFirst<'a> {
    /// The namespaces that there are, as far as they are known.
    pub places: &'a [String],
    /// Told of the names of everything, long before the last page is there.
    pub on_names: &'a (dyn Fn(Vec<Arc<Arriving>>) + Sync),
}

/// As [`list`], and tells the names of everything while a long list is under way.
pub(super) async fn list_with_names(
    connection: &Connection,
    target: &Arc<ApiResource>,
    namespace: Option<&str>,
    names: NamesFirst<'_>,
    on_page: OnPage<'_>,
    notify: Notify<'_>,
) -> ListResult {
    let (long, is_long) = oneshot::channel();
    let long = Mutex::new(Some(long));
    let on_head = |head: &ListHead| {
        let long = long.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(long) = long.filter(|_| head.remaining.is_some_and(|more| more > LONG)) {
            // The list may be over.
            let _ = long.send(());
        }
    };
    let begun = Instant::now();
    let coming = coming(connection, target, namespace);
    let on_head = &on_head;
    let again = AtomicUsize::new(0);
    let asked =
        ListRequest { connection, target, namespace, coming, again, on_page, on_head, notify };
    let telling = async {
        if is_long.await.is_ok()
            && let Some(all) = names::names(connection, target, namespace, names.places).await
        {
            (names.on_names)(all);
        }
        // The list ends it, whatever came of the names.
        std::future::pending::<std::convert::Infallible>().await
    };
    let mut listed = tokio::select! {
        listed = asked.whole() => listed,
        never = telling => match never {},
    };
    asked.settle(&listed);
    listed.millis = millis(begun);
    listed
}

/// Lists a resource in one namespace or everywhere.
pub(super) async fn list(
    connection: &Connection,
    target: &Arc<ApiResource>,
    namespace: Option<&str>,
    on_page: OnPage<'_>,
    notify: Notify<'_>,
) -> ListResult {
    let begun = Instant::now();
    let coming = coming(connection, target, namespace);
    let on_head = &|_: &ListHead| ();
    let again = AtomicUsize::new(0);
    let asked =
        ListRequest { connection, target, namespace, coming, again, on_page, on_head, notify };
    let mut listed = asked.whole().await;
    asked.settle(&listed);
    listed.millis = millis(begun);
    listed
}

fn coming<'a>(
    connection: &'a Connection,
    target: &ApiResource,
    namespace: Option<&str>,
) -> Coming<'a> {
    let namespace = namespace.map(str::to_owned);
    connection.inner.budget.coming(Slot { kind: target.kind.clone(), namespace })
}

struct ListRequest<'a> {
    connection: &'a Connection,
    target: &'a Arc<ApiResource>,
    namespace: Option<&'a str>,
    /// What it costs.
    coming: Coming<'a>,
    /// How often it was begun anew.
    again: AtomicUsize,
    on_page: OnPage<'a>,
    on_head: &'a (dyn Fn(&ListHead) + Sync),
    notify: Notify<'a>,
}

/// A narrowing by Secret type.
#[derive(Clone, Copy)]
enum SecretFilter {
    Only(&'static str),
    Others,
}

impl ListRequest<'_> {
    /// What is here counts from now on; what broke off is given back.
    fn settle(self, listed: &ListResult) {
        if listed.status == ReadStatus::Complete || !listed.objects.is_empty() {
            self.coming.keep();
        }
    }

    async fn whole(&self) -> ListResult {
        if self.target.is_secret() { self.secrets().await } else { self.all(None).await }
    }

    /// Secrets type by type, metadata only.
    async fn secrets(&self) -> ListResult {
        let mut whole = ListResult::without(ReadStatus::Complete, None);
        let types = SECRET_TYPES.iter().map(|name| SecretFilter::Only(name));
        for narrow in types.chain([SecretFilter::Others]) {
            let part = self.all(Some(narrow)).await;
            whole.objects.extend(part.objects);
            if part.status != ReadStatus::Complete {
                let some = !whole.objects.is_empty();
                whole.status = if some { ReadStatus::Partial } else { part.status };
                whole.denied = part.denied && !some;
                whole.code = part.code;
                whole.message = part.message;
                whole.over = part.over;
                break;
            }
        }
        whole
    }

    /// All pages, begun anew if the server forgot the place, if a page is too large, or if its protobuf is
    /// not understood.
    async fn all(&self, narrow: Option<SecretFilter>) -> ListResult {
        let mut restarts = 0;
        let mut limit = PAGE;
        loop {
            let mut got = ListResult::without(ReadStatus::Complete, None);
            let formats = &self.connection.inner.formats;
            let accept = formats.of(self.target);
            match self.pages(narrow, limit, accept, &mut got).await {
                Ok(()) => return got,
                Err(fault) if formats.is_given_up(accept, self.target, &fault) => {
                    (self.notify)(&fault, Duration::ZERO);
                }
                Err(fault) if fault.is_gone() && restarts < RESTARTS => {
                    restarts += 1;
                    // A list that keeps expiring between pages is asked for in one piece.
                    limit = if restarts < RESTARTS { limit } else { 0 };
                }
                Err(RequestFault::Large(_)) if limit == PAGE => limit = Limits::FEW,
                Err(fault) => return failed(got, &fault),
            }
            self.coming.again();
            self.again.fetch_add(1, Ordering::Relaxed);
        }
    }

    async fn pages(
        &self,
        narrow: Option<SecretFilter>,
        limit: usize,
        accept: &str,
        got: &mut ListResult,
    ) -> Result<(), RequestFault> {
        let limits = self.connection.inner.limits;
        let most = if limit > 0 { limits.page } else { limits.piece };
        let mut next = String::new();
        let mut pages = Pages { limit, empty: limits.empty_pages, ..Pages::default() };
        let mut parsing: Option<JoinHandle<Result<ListPage, RequestFault>>> = None;
        loop {
            let url = self.url(narrow, limit, &next);
            let fetching = self.connection.get_most(&url, accept, most, self.notify);
            let (fetched, taken) = match parsing.take() {
                Some(parsing) => {
                    futures::future::join(fetching, self.take(parsing, got, &mut pages)).await
                }
                None => (fetching.await, Ok(())),
            };
            taken?;
            let answer = fetched?;
            let head = page::head_of(&answer).unwrap_or_default();
            (self.on_head)(&head);
            let target = Arc::clone(self.target);
            let only = if let Some(SecretFilter::Only(name)) = narrow { Some(name) } else { None };
            let parse = tokio::task::spawn_blocking(move || page::read(&answer, &target, only));
            if head.next.is_empty() {
                self.take(parse, got, &mut pages).await?;
                return ended(&head);
            }
            if head.next == next {
                return Err(RequestFault::Unparsable("it gives the same page twice".to_owned()));
            }
            next = head.next;
            parsing = Some(parse);
        }
    }

    async fn take(
        &self,
        parsing: JoinHandle<Result<ListPage, RequestFault>>,
        got: &mut ListResult,
        pages: &mut Pages,
    ) -> Result<(), RequestFault> {
        let page = parsing.await.map_err(|error| RequestFault::Unparsable(error.to_string()))??;
        if page.rejected > 0 {
            got.status = ReadStatus::Partial;
            let (many, is) =
                (counted(page.rejected, "item"), if page.rejected == 1 { "is" } else { "are" });
            got.message = Some(format!("{many} {is} no {}", self.target.words()));
        }
        let inner = &self.connection.inner;
        pages.took(page.items()).map_err(RequestFault::Over)?;
        if pages.items > inner.limits.items {
            return Err(RequestFault::Over(format!("more than {} objects", inner.limits.items)));
        }
        if !self.coming.add(page.bytes + page.items() * OBJECT) {
            return Err(RequestFault::Over(inner.budget.words()));
        }
        (self.on_page)(self.again.load(Ordering::Relaxed), &page.objects);
        if pages.count == 1 {
            // A server may give each page as of its own moment. What changed since the first one is
            // told again by a watch that begins there; from a later one it would never be told.
            got.version = page.head.version;
        }
        got.objects.extend(page.objects);
        Ok(())
    }

    fn url(&self, narrow: Option<SecretFilter>, limit: usize, next: &str) -> String {
        let mut query = Vec::new();
        if limit > 0 {
            query.push(format!("limit={limit}"));
        }
        if !next.is_empty() {
            query.push(format!("continue={}", escape(next)));
        }
        match narrow {
            Some(SecretFilter::Only(name)) => {
                query.push(format!("fieldSelector={}", escape(&format!("type={name}"))));
            }
            Some(SecretFilter::Others) => {
                let not: Vec<String> = SECRET_TYPES.iter().map(|t| format!("type!={t}")).collect();
                query.push(format!("fieldSelector={}", escape(&not.join(","))));
            }
            None => {}
        }
        let path = self.target.path(self.namespace);
        if query.is_empty() { path } else { format!("{path}?{}", query.join("&")) }
    }
}

/// The last page must not say that others follow: a server or proxy that loses the place where they
/// begin leaves a part of the list that looks whole.
fn ended(head: &ListHead) -> Result<(), RequestFault> {
    let more = head.remaining.unwrap_or_default();
    if more == 0 {
        return Ok(());
    }
    let follow = if more == 1 { "is" } else { "are" };
    let more = counted(more, "more object");
    Err(RequestFault::Broken(format!(
        "{more} {follow} said to follow, with no way to ask for them"
    )))
}

/// The pages of a list so far.
#[derive(Default)]
struct Pages {
    /// Objects asked for in each; 0 for all.
    limit: usize,
    /// Without items in a row that may be.
    empty: usize,
    count: usize,
    items: usize,
    /// Without items in a row.
    in_vain: usize,
}

impl Pages {
    /// After so many pages they must have brought a tenth of what was asked for.
    const SOME: usize = 100;

    /// One more, with this many items. Pages that bring nothing could go on for ever.
    fn took(&mut self, items: usize) -> Result<(), String> {
        self.count += 1;
        self.items += items;
        self.in_vain = if items == 0 { self.in_vain + 1 } else { 0 };
        if self.in_vain > self.empty {
            return Err(format!("{} pages in a row without objects, and no end", self.in_vain));
        }
        let asked = self.count * self.limit / 10;
        if self.count > Self::SOME && self.items < asked {
            return Err(format!("{} pages with {} objects, and no end", self.count, self.items));
        }
        Ok(())
    }
}

fn failed(mut got: ListResult, fault: &RequestFault) -> ListResult {
    got.over = fault.is_over();
    got.version.clear();
    got.status = match fault.code() {
        // Without credentials (401) nobody can tell what may be read.
        Some(403) => ReadStatus::Forbidden,
        _ => ReadStatus::Failed,
    };
    if !got.objects.is_empty() {
        got.status = ReadStatus::Partial;
    }
    got.code = fault.code();
    got.denied = fault.is_forbidden() && got.objects.is_empty();
    got.message = Some(fault.to_string());
    got
}
