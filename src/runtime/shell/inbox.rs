//! What others report to the loop: the desk, runs that ended, the source, and work done aside.

use tokio::sync::mpsc::{self, Receiver, Sender};

use crate::app::event::Event;
use crate::runtime::desk::DeskNews;
use crate::runtime::job::JobEnd;

/// Something that was reported.
pub(super) enum Heard {
    /// A run ended.
    Ran(Box<JobEnd>),
    /// The desk did something.
    News(DeskNews),
    /// The source, or work aside.
    Event(Event),
}

/// Where all of it arrives.
pub(super) struct Inbox {
    news: Receiver<DeskNews>,
    outcomes: (Sender<JobEnd>, Receiver<JobEnd>),
    /// Of the present source alone: what an earlier one left unsaid goes with it.
    source: Receiver<Event>,
    events: (Sender<Event>, Receiver<Event>),
}

impl Inbox {
    /// Nothing arrived yet; the desk reports by `news`.
    pub fn new(news: Receiver<DeskNews>) -> Self {
        let (outcomes, source) = (mpsc::channel(4), mpsc::channel(1).1);
        Self { news, outcomes, source, events: mpsc::channel(1024) }
    }

    /// For work that is done aside.
    pub fn events(&self) -> Sender<Event> {
        self.events.0.clone()
    }

    /// For runs.
    pub fn outcomes(&self) -> Sender<JobEnd> {
        self.outcomes.0.clone()
    }

    /// For the next source. What the one before has not said yet is never heard.
    pub fn next_source(&mut self) -> Sender<Event> {
        let (events, source) = mpsc::channel(256);
        self.source = source;
        events
    }

    /// What arrives next. Data of a source never keeps a run or the desk waiting.
    pub async fn next(&mut self) -> Heard {
        tokio::select! {
            biased;
            Some(outcome) = self.outcomes.1.recv() => Heard::Ran(Box::new(outcome)),
            Some(news) = self.news.recv() => Heard::News(news),
            Some(event) = self.source.recv() => Heard::Event(event),
            Some(event) = self.events.1.recv() => Heard::Event(event),
            else => std::future::pending().await,
        }
    }

    /// What arrived already, if anything did.
    pub fn arrived(&mut self) -> Option<Heard> {
        let ran =
            |inbox: &mut Self| inbox.outcomes.1.try_recv().ok().map(|o| Heard::Ran(Box::new(o)));
        let news = |inbox: &mut Self| inbox.news.try_recv().ok().map(Heard::News);
        let source = |inbox: &mut Self| inbox.source.try_recv().ok().map(Heard::Event);
        let event = |inbox: &mut Self| inbox.events.1.try_recv().ok().map(Heard::Event);
        news(self).or_else(|| ran(self)).or_else(|| source(self)).or_else(|| event(self))
    }

    /// Hears the desk no more, which must not wait for that.
    pub fn close(&mut self) {
        self.news.close();
    }
}
