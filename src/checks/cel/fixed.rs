//! What a loop can work out once: the parts of its condition and body that do not depend on the
//! names it binds. `names.exists(g, globMatch(env.name.lowerAscii(), g))` lowers the name once.

use super::functions::Fun;
use super::ir::{Against, Ir, Loop, LoopKind, Op};

/// Marks those parts. Gives how many there are.
pub(super) fn mark(ir: &mut Ir) -> u16 {
    let mut marker = Marker { loops: Vec::new(), count: 0 };
    marker.visit(ir, 0);
    marker.count
}

struct Marker {
    /// The loops around: how many names are bound around each, and what it works out.
    loops: Vec<(u16, Vec<u16>)>,
    count: u16,
}

impl Marker {
    fn visit(&mut self, ir: &mut Ir, depth: u16) {
        if is_worth(ir)
            && let needs = names_below(ir, depth)
            && let Some(at) = self.loops.iter().position(|(around, _)| *around >= needs)
        {
            self.fix(ir, depth, at);
            return;
        }
        self.within(ir, depth);
    }

    /// `at` is the outermost loop that can work the part out.
    fn fix(&mut self, ir: &mut Ir, depth: u16, at: usize) {
        let inner = self.loops.split_off(at);
        self.within(ir, depth);
        self.loops.extend(inner);
        let (Some((_, fixed)), Some(next)) = (self.loops.get_mut(at), self.count.checked_add(1))
        else {
            return;
        };
        fixed.push(self.count);
        let part = std::mem::replace(ir, Ir::None);
        *ir = Ir::Fixed(Box::new(part), self.count);
        self.count = next;
    }

    fn within(&mut self, ir: &mut Ir, depth: u16) {
        let Ir::Loop(spec) = ir else {
            ir.inner_mut(depth, &mut |part, depth| self.visit(part, depth));
            return;
        };
        spec.against = against(spec);
        self.visit(&mut spec.range, depth);
        self.loops.push((depth, Vec::new()));
        for part in spec.condition.iter_mut().chain(&mut spec.body) {
            self.visit(part, depth + 1);
        }
        spec.fixed = self.loops.pop().map(|(_, fixed)| fixed).unwrap_or_default();
    }
}

/// Whether a loop holds one text against each of its elements, and how.
fn against(spec: &Loop) -> Option<Against> {
    let Some(Ir::Call(fun, args, _)) = &spec.condition else { return None };
    let way = match fun {
        Fun::GlobMatch => Against::Globs,
        Fun::Contains => Against::Parts,
        _ => return None,
    };
    let [text, Ir::Local(element)] = &**args else { return None };
    let same = names_below(text, spec.depth.saturating_add(1)) <= spec.depth;
    (spec.kind == LoopKind::Exists && *element == spec.depth && same).then_some(way)
}

/// How many of the names bound around a part have to be bound for it.
fn names_below(ir: &Ir, depth: u16) -> u16 {
    let mut needs = 0;
    let mut stack = vec![ir];
    while let Some(ir) = stack.pop() {
        if let Ir::Local(at) = ir
            && *at < depth
        {
            needs = needs.max(at + 1);
        }
        ir.inner(&mut |part| stack.push(part));
    }
    needs
}

/// Whether working it out takes more than remembering it.
fn is_worth(ir: &Ir) -> bool {
    match ir {
        Ir::Call(fun, _, _) => !matches!(fun, Fun::Size | Fun::Dyn | Fun::TypeOf | Fun::Value),
        Ir::Matches(..) | Ir::Loop(_) | Ir::Binary(Op::Add, ..) => true,
        _ => false,
    }
}
