//! The open session in one signed file.

use super::{BundleOrder, Clerk, DeskNews};
use crate::app::event::{Event, UserError};
use crate::bundle::{BundleError, BundleManifest, SigningKey, SigningKeyError, save};
use crate::fresh::NewFileError;
use crate::report::BUNDLE;
use crate::runtime::bundling;
use crate::runtime::reports::{self, Destination};

impl Clerk {
    /// Everything acknowledged is on disk by now: orders are carried out one after another.
    pub(super) fn bundle(&self, order: &BundleOrder) {
        let event = match self.bundled(order) {
            Ok(told) => Event::Done(told),
            Err(error) => Event::Failed(error),
        };
        // The shell may be gone; the file is there.
        let _ = self.news.blocking_send(DeskNews::Event(event));
    }

    fn bundled(&self, order: &BundleOrder) -> Result<String, UserError> {
        let failed = |why: String, next: &str| UserError {
            what: "no bundle was written".to_owned(),
            why,
            next: next.to_owned(),
        };
        let session = self.session.as_ref().ok_or_else(|| {
            failed("no session is open".to_owned(), "run the checks first: a run begins one")
        })?;
        let key = SigningKey::of(&self.data).map_err(|error| match &error {
            SigningKeyError::Io { .. } => failed(
                error.to_string(),
                "make room, or a place to write, for the key to sign with",
            ),
            _ => failed(error.to_string(), "see `plimsoll sessions key`"),
        })?;
        let environment = |_: &_| order.environment.clone();
        let extras = bundling::extras(&self.content, session, &environment).map_err(|error| {
            let next = "what is damaged would be signed as if it were whole: bring the file back, \
                        or begin a new session";
            failed(error.to_string(), next)
        })?;
        let digest = self.content.digest();
        let taken =
            |error: &BundleError| matches!(error, BundleError::NewFile(NewFileError::Exists(_)));
        let place = Destination { to: &order.to, stem: &order.stem };
        let made = reports::create(place, BUNDLE, taken, |path| {
            save(session, &digest, extras.clone(), &key, path)
        });
        let (path, manifest): (_, BundleManifest) = made.map_err(|(_, error)| {
            failed(error.to_string(), "name another file, or a directory where you may write")
        })?;
        let runs = match manifest.about.runs.len() {
            1 => "1 run".to_owned(),
            runs => format!("{runs} runs"),
        };
        Ok(format!("bundle of {runs} written to {}; `plimsoll verify` checks it", path.display()))
    }
}
