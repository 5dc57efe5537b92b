//! Editor and pager: what they open of what stands on the screen.

use std::sync::Arc;

use super::related;
use crate::app::effect::Effect;
use crate::app::item::Item;
use crate::app::list::Row;
use crate::app::route::Screen;
use crate::app::state::State;
use crate::checks::check::Origin;
use crate::model::object::ObjectRef;
use crate::model::path::FieldPath;

/// A text that a row stands for.
enum Text {
    /// That of an object, and the field to look at.
    Object(ObjectRef, Option<FieldPath>),
    /// That of a check.
    Check(Arc<str>),
}

impl State {
    /// Opens the text of the row under the cursor, or the one that is open, in the editor or the pager.
    pub(super) fn view_text(&self, editor: bool) -> Vec<Effect> {
        let mend = || self.edit_to_mend().filter(|_| editor);
        let effect = match self.text_here() {
            Some(text) => self.view_of(&text, editor),
            None => mend().or_else(|| Some(self.view_open(editor))),
        };
        effect.into_iter().collect()
    }

    /// Why there is nothing to open in the editor or the pager.
    pub(super) fn cannot_view(&self, editor: bool) -> Option<String> {
        let can = match self.text_here() {
            Some(Text::Object(id, _)) => self.data.inventory.find(&id).is_some(),
            Some(Text::Check(id)) => self.data.content.library.text(&id).is_some(),
            None => {
                let open = !self.nav.top().text.yaml.lines.is_empty();
                open || editor && self.edit_to_mend().is_some()
            }
        };
        let none = if self.nav.top().has_text() {
            "The object is not among those that were read, so there is no text."
        } else {
            "What is under the cursor has no text: objects, findings and checks do."
        };
        (!can).then(|| none.to_owned())
    }

    /// The text that the row under the cursor stands for; none where the keys are in the open one.
    fn text_here(&self) -> Option<Text> {
        let route = self.nav.top();
        if route.in_text() || matches!(route.screen, Screen::Finding(_)) {
            return None;
        }
        self.text_of_row(route.list.current()?)
    }

    fn text_of_row(&self, row: &Row) -> Option<Text> {
        Some(match &row.item {
            Item::Mend(mend) => {
                let worst = &mend.worst;
                let object = mend.owner.clone().or_else(|| worst.object.clone())?;
                let path = (worst.object.as_ref() == Some(&object)).then(|| worst.path.clone());
                Text::Object(object, path)
            }
            Item::Kept { owner, .. } => Text::Object(owner.clone(), None),
            Item::Role(role) => Text::Object(role.id.clone(), None),
            Item::Station(station, _) => Text::Object(station.id.clone(), None),
            item => match self.screen_of(row)? {
                Screen::Object(id) => Text::Object(id, related::place_of(item)),
                Screen::Check(id) => Text::Check(id),
                Screen::Finding(print) => {
                    let finding = self.data.finding(&print)?;
                    Text::Object(finding.object.clone()?, Some(finding.path.clone()))
                }
                _ => return None,
            },
        })
    }

    /// The file that it stands in for the editor, at the line in question; a copy of it for the pager, and
    /// of what stands in no file.
    fn view_of(&self, text: &Text, editor: bool) -> Option<Effect> {
        let copy = |text: String, line: usize, extension| {
            Some(Effect::View { text, line, extension, editor })
        };
        match text {
            Text::Object(id, path) => {
                let place = self.place_of(id, path.as_ref()).filter(|place| &*place.file != "-");
                if let Some(place) = place.filter(|_| editor) {
                    let line = place.line.map_or(1, |line| line as usize);
                    return Some(Effect::Edit { file: place.file, line });
                }
                let yaml = self.laid_out(self.data.inventory.find(id)?);
                let line = path.as_ref().map_or(0, |path| yaml.line_of(path)) + 1;
                copy(yaml.text(), line, "yaml")
            }
            Text::Check(id) => {
                let library = &self.data.content.library;
                if let Some(Origin::File(path)) = library.checks.get(id).map(|check| &check.origin)
                    && editor
                {
                    let file = path.to_string_lossy().as_ref().into();
                    return Some(Effect::Edit { file, line: 1 });
                }
                copy(library.text(id)?.to_owned(), 1, "toml")
            }
        }
    }

    /// The same of the text that is open: somebody who scrolled looks at the first line in sight.
    fn view_open(&self, editor: bool) -> Effect {
        let route = self.nav.top();
        let text = &route.text;
        if editor && let Some(place) = self.place_in_file(route).filter(|place| &*place.file != "-")
        {
            let seen = text.top.map(|_| text.first(text.height.get()));
            let line = seen.and_then(|first| text.yaml.number(first));
            let line = line.or_else(|| place.line.map(|line| line as usize)).unwrap_or(1);
            return Effect::Edit { file: place.file, line };
        }
        let line = text.mark.unwrap_or_else(|| {
            let first = text.first(text.height.get());
            text.row(first).map_or(first, |(line, _)| line)
        }) + 1;
        Effect::View { text: text.yaml.text(), line, extension: "yaml", editor }
    }

    /// Opens the file that the row under the cursor tells to mend, at the line in question.
    pub(super) fn edit_to_mend(&self) -> Option<Effect> {
        let row = self.nav.top().list.current()?;
        let place = self.place_to_mend(&row.item)?;
        let line = place.line.map_or(1, |line| line as usize);
        Some(Effect::Edit { file: place.file, line })
    }
}
