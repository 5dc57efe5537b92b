//! The text of the object that is open, where it comes from a file: as it stands there, with the
//! numbers of its lines.

use std::sync::Arc;

use crate::model::object::{Object, ObjectRef};
use crate::model::path::FieldPath;
use crate::text::emit::Yaml;

use super::effect::Effect;
use super::route::{Route, Screen};
use super::state::State;

/// What is known of the text of an object in its file.
#[derive(Clone, Debug)]
pub struct FileText {
    /// The object, as it was read.
    object: Arc<Object>,
    /// Its lines; none while they are awaited, or where they cannot be shown.
    yaml: Option<Arc<Yaml>>,
}

/// A place in a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FilePlace {
    /// Path as given by the user, `-` for standard input.
    pub file: Arc<str>,
    /// Line, from 1; none when it is not known.
    pub line: Option<u32>,
}

impl std::fmt::Display for FilePlace {
    /// `deploy/web.yaml:16`.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(if &*self.file == "-" { "stdin" } else { &self.file })?;
        self.line.map_or(Ok(()), |line| write!(f, ":{line}"))
    }
}

impl State {
    /// The object whose text a screen shows, and the field to look at.
    pub(super) fn shown_object<'s>(
        &'s self,
        route: &'s Route,
    ) -> Option<(&'s ObjectRef, Option<&'s FieldPath>)> {
        match &route.screen {
            Screen::Object(id) => Some((id, route.at.as_ref())),
            Screen::Finding(print) => {
                let finding = self.data.open_finding(print)?;
                Some((finding.object.as_ref()?, Some(&finding.path)))
            }
            _ => None,
        }
    }

    /// Asks for the text of the object that is open, once for each that comes from a file.
    pub(super) fn follow_written(&mut self) -> Vec<Effect> {
        let shown = self.shown_object(self.nav.top()).map(|(id, _)| id);
        let object = shown.and_then(|id| self.data.inventory.find(id));
        let from_file = |object: &&Arc<Object>| {
            object.origin.as_ref().is_some_and(|origin| &*origin.file != "-")
        };
        let Some(object) = object.filter(from_file).cloned() else { return Vec::new() };
        if self.written.as_ref().is_some_and(|known| Arc::ptr_eq(&known.object, &object)) {
            return Vec::new();
        }
        let id = object.id.clone();
        self.written = Some(FileText { object, yaml: None });
        vec![Effect::ReadText(id)]
    }

    /// The text is there; one that nobody waits for any more is dropped.
    pub(super) fn take_written(&mut self, id: &ObjectRef, yaml: Option<Arc<Yaml>>) {
        let Some(known) = self.written.as_mut().filter(|known| known.object.id == *id) else {
            return;
        };
        if yaml.is_some() {
            known.yaml = yaml;
            self.data.stamp += 1;
        }
    }

    /// The text of a screen, and the line to look at.
    pub(super) fn text_of(&self, route: &Route) -> Option<(Arc<Yaml>, Option<usize>)> {
        let (id, path) = self.shown_object(route)?;
        let object = self.data.inventory.find(id)?;
        let known = self.written.as_ref().filter(|known| Arc::ptr_eq(&known.object, object));
        // What is written holds what a check found, though it may look like nothing.
        let clean = self.data.secrets(id).next().is_none();
        let written = known.and_then(|known| known.yaml.clone()).filter(|_| clean);
        let yaml = written.unwrap_or_else(|| Arc::new(self.laid_out(object)));
        let mark = path.map(|path| yaml.line_of(path));
        Some((yaml, mark))
    }

    /// An object laid out anew, as it may be seen.
    pub(super) fn laid_out(&self, object: &Object) -> Yaml {
        // Shown text leaves the process: onto screens, into recordings, onto the clipboard.
        let laid_out = Yaml::of(&self.data.shown(&object.id, object.body()));
        // Lines that nobody wrote have no numbers in a file.
        if object.origin.is_some() { laid_out.without_numbers() } else { laid_out }
    }

    /// Where the object of a screen stands in a file: the field to look at, or its first line.
    #[must_use]
    pub fn place_in_file(&self, route: &Route) -> Option<FilePlace> {
        let (id, path) = self.shown_object(route)?;
        self.place_of(id, path)
    }

    /// The same of any object.
    pub(super) fn place_of(&self, id: &ObjectRef, path: Option<&FieldPath>) -> Option<FilePlace> {
        let origin = self.data.inventory.find(id)?.origin.as_ref()?;
        let whole = FieldPath::default();
        let line = origin.lines.find(path.unwrap_or(&whole)).map(|(line, _)| line);
        Some(FilePlace { file: Arc::clone(&origin.file), line })
    }
}
