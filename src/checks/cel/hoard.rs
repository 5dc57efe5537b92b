//! What an expression can work out once for many objects: the parts of it that look only at the
//! lists beside an object, and the loops over such parts.

use super::fixed;
use super::ir::{Ir, Loop, LoopKind, Op};
use super::scope::Var;

/// Parts of one expression that depend on nothing but lists, parameters and the cluster.
#[derive(Debug, Default)]
pub struct Hoard {
    /// Each with the number of names that are bound where it stands.
    values: Vec<(Ir, u16)>,
    loops: Vec<Loop>,
    /// How many parts loops work out once.
    pub(super) fixed: usize,
}

/// A name in an expression.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Name {
    Var(u8),
    Local(u16),
    Fact,
}

impl Hoard {
    /// Moves those parts out of an expression, and leaves their places behind.
    #[must_use]
    pub fn lift(ir: &mut Ir) -> Self {
        let fixed = usize::from(fixed::mark(ir));
        let mut hoard = Self { fixed, ..Self::default() };
        hoard.take(ir, 0, false);
        hoard
    }

    /// Whether there is anything in it.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.values.is_empty() && self.loops.is_empty()
    }

    pub(super) fn value(&self, at: u16) -> Option<&Ir> {
        self.values.get(usize::from(at)).map(|(ir, _)| ir)
    }

    /// How many names are bound where a shared value stands.
    pub(super) fn depth(&self, at: u16) -> u16 {
        self.values.get(usize::from(at)).map_or(0, |(_, depth)| *depth)
    }

    pub(super) fn each(&self, at: u16) -> Option<&Loop> {
        self.loops.get(usize::from(at))
    }

    /// `within` a shared value, its parts are shared only where a loop would repeat them.
    fn take(&mut self, ir: &mut Ir, depth: u16, within: bool) {
        if !within && self.is_common(ir, depth) && is_costly(ir) {
            self.take(ir, depth, true);
            self.share(ir, depth);
            return;
        }
        ir.inner_mut(depth, &mut |part, depth| self.take(part, depth, within));
        let Ir::Loop(spec) = ir else { return };
        // A text that is held against every element has nothing to be looked up by.
        let walked = spec.kind == LoopKind::All || spec.against.is_some();
        if walked || !self.is_common(&spec.range, depth) {
            return;
        }
        if is_costly(&spec.range) {
            self.share(&mut spec.range, depth);
        }
        let Ok(at) = u16::try_from(self.loops.len()) else { return };
        if let Ir::Loop(spec) = std::mem::replace(ir, Ir::Keyed(at)) {
            self.loops.push(*spec);
        }
    }

    fn share(&mut self, ir: &mut Ir, depth: u16) {
        if let Ok(at) = u16::try_from(self.values.len()) {
            self.values.push((std::mem::replace(ir, Ir::Shared(at)), depth));
        }
    }

    /// Whether a part is the same for all objects with the same lists.
    fn is_common(&self, ir: &Ir, depth: u16) -> bool {
        let mut any = false;
        let common = self.every_name(ir, &mut |name| {
            any |= matches!(name, Name::Var(_));
            is_common_name(name, depth)
        });
        common && any
    }

    /// Whether all names in `ir` pass. Names that `ir` itself binds are among them.
    pub(super) fn every_name(&self, ir: &Ir, passes: &mut dyn FnMut(Name) -> bool) -> bool {
        let mut stack = vec![ir];
        while let Some(ir) = stack.pop() {
            let name = match ir {
                Ir::Var(slot) => Some(Name::Var(*slot)),
                Ir::Local(at) => Some(Name::Local(*at)),
                Ir::Fact(..) | Ir::FactOpt(_) => Some(Name::Fact),
                _ => None,
            };
            if name.is_some_and(|name| !passes(name)) {
                return false;
            }
            match ir {
                Ir::Shared(at) => stack.extend(self.value(*at)),
                Ir::Keyed(at) => {
                    self.each(*at).into_iter().for_each(|l| l.inner(&mut |part| stack.push(part)));
                }
                _ => ir.inner(&mut |part| stack.push(part)),
            }
        }
        true
    }
}

/// Whether a name means the same for all objects with the same lists, given that names from
/// `depth` on are bound where it stands.
pub(super) fn is_common_name(name: Name, depth: u16) -> bool {
    match name {
        Name::Var(slot) => {
            [Var::Lists, Var::Params, Var::Cluster].iter().any(|var| *var as u8 == slot)
        }
        Name::Local(at) => at >= depth,
        Name::Fact => false,
    }
}

/// Whether a name means the same for all elements of an object. What an expression binds does.
pub(super) fn is_of_object(name: Name) -> bool {
    const OF_OBJECT: [Var; 6] =
        [Var::Object, Var::Metadata, Var::Pod, Var::PodMetadata, Var::Params, Var::Cluster];
    match name {
        Name::Var(slot) => OF_OBJECT.iter().any(|var| *var as u8 == slot),
        Name::Local(_) => true,
        Name::Fact => false,
    }
}

/// Whether working it out takes more than a walk: it loops, or it makes a list.
pub(super) fn is_costly(ir: &Ir) -> bool {
    let mut stack = vec![ir];
    while let Some(ir) = stack.pop() {
        if matches!(ir, Ir::Loop(_) | Ir::Keyed(_) | Ir::Binary(Op::Add, ..)) {
            return true;
        }
        ir.inner(&mut |part| stack.push(part));
    }
    false
}
