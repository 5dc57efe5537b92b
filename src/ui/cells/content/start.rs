//! What can be opened: contexts of the kubeconfig and saved sessions.

use crate::app::event::{ContextInfo, SessionInfo};
use crate::app::live::moment;
use crate::app::state::State;
use crate::config::theme::Role;
use crate::model::session_id::short;
use crate::text::clean;

use super::super::super::chrome::age;
use super::super::super::paint::piece;
use super::super::ColumnText;
use super::super::columns::{BEGUN, CLUSTER, SESSION_ID};
use super::{count, dim, plain};

pub(super) fn context(info: &ContextInfo, width: u16) -> Vec<ColumnText> {
    let mut cells = vec![plain(&info.name)];
    if width >= 60 {
        cells.push(dim(&info.server));
    }
    cells.push(dim(if info.current { "current" } else { "" }));
    cells
}

pub(super) fn session(state: &State, info: &SessionInfo, width: u16) -> Vec<ColumnText> {
    let name = if info.title.is_empty() { &info.id } else { &info.title };
    let here = state.session.info.as_ref().is_some_and(|own| own.id == info.id);
    let mut cells = vec![match (&info.problem, &info.holder) {
        (Some(_), _) => vec![piece(format!("✖ {}", clean(name)), Role::Fail)],
        (None, _) if here => plain(format!("{name} (this one)")),
        (None, Some(_)) => plain(format!("{name} (in use)")),
        (None, None) => plain(name),
    }];
    if width >= SESSION_ID {
        cells.push(dim(short(&info.id)));
    }
    if width >= CLUSTER {
        cells.push(dim(&info.source));
    }
    if width >= BEGUN {
        cells.push(dim(moment(info.created)));
    }
    cells.push(dim(age(state.now.unix - info.updated)));
    if width >= SESSION_ID {
        cells.push(count(info.runs, Role::Text));
    }
    if width >= 60 {
        cells.push(count(info.findings, Role::Text));
    }
    if width >= CLUSTER {
        cells.push(count(info.decisions, Role::Text));
    }
    cells
}
