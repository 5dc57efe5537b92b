//! Rules are written in the Common Expression Language. The text is parsed by the `cel` crate,
//! then compiled to a form of our own: names resolved to slots, no copy of the trees it looks at,
//! a budget of steps, and everything that can be wrong without data found at load.

mod call;
mod certificate;
mod chain;
mod compile;
pub mod eval;
mod field;
mod fixed;
mod fuel;
mod functions;
mod hoard;
mod ir;
mod lists;
mod lookup;
mod loops;
pub mod memo;
mod ops;
pub mod own;
pub mod parse;
mod pattern;
pub mod quantity;
pub mod reads;
pub mod scope;
pub mod sieve;
mod strings;
pub mod value;
mod walk;

use std::fmt;

pub use hoard::Hoard;
pub use parse::CelError;
pub use scope::{Names, Var};
pub use value::{EvalError, Failure, Role, Val};

/// A compiled expression with its text.
pub struct Expr {
    ir: ir::Ir,
    /// The parts of it that are worked out once for all objects with the same lists.
    pub hoard: Hoard,
    source: Box<str>,
    /// Every place at which it looks; facts, lists, parameters and the cluster are not among them.
    pub reads: Box<[reads::Read]>,
    /// Facts it needs, one bit each.
    pub required: u32,
    /// Facts it can do without, one bit each.
    pub optional: u32,
    /// Whether it loops, and comes to the same for every element of an object.
    of_object: bool,
}

impl fmt::Debug for Expr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Expr").field(&self.source).finish()
    }
}

impl Expr {
    /// Compiles a rule's text. Call it [on a deep stack](parse::on_deep_stack).
    ///
    /// # Errors
    /// Syntax errors, unknown names and functions, and texts beyond the limits.
    pub fn compile(source: &str, names: &Names<'_>) -> Result<Self, CelError> {
        let (expr, info) = parse::parse(source)?;
        let mut compiler = compile::Compiler::new(names, &info);
        let mut ir = compiler.node(&expr)?;
        let (required, optional) = (compiler.required, compiler.optional);
        let hoard = Hoard::lift(&mut ir);
        sieve::mark(&mut ir, &hoard);
        let reads = reads::of(&ir, &hoard, &|_, _| false).into();
        let of_object = hoard::is_costly(&ir) && hoard.every_name(&ir, &mut hoard::is_of_object);
        Ok(Self { ir, hoard, source: source.into(), reads, required, optional, of_object })
    }

    /// The text it was compiled from.
    #[must_use]
    pub fn source(&self) -> &str {
        &self.source
    }

    /// As [`Expr::reads`], where some lists are known to have no elements.
    #[must_use]
    pub fn reads_without(&self, is_empty: reads::IsEmpty<'_>) -> Box<[reads::Read]> {
        reads::of(&self.ir, &self.hoard, is_empty).into()
    }

    /// Every place of the objects in `lists` at which it looks.
    #[must_use]
    pub fn list_reads(&self) -> Vec<reads::Read> {
        reads::of_lists(&self.ir, &self.hoard)
    }

    /// Evaluates it.
    ///
    /// # Errors
    /// What it ran into.
    pub fn run<'a>(&'a self, frame: &mut eval::Frame<'a>) -> eval::Evaluated<'a> {
        frame.run(&self.ir, &self.hoard)
    }

    /// Evaluates it to a boolean; anything else is an error.
    ///
    /// # Errors
    /// What it ran into.
    pub fn test<'a>(&'a self, frame: &mut eval::Frame<'a>) -> Result<bool, EvalError> {
        frame.decide(&self.ir, &self.hoard)
    }

    /// As [`Expr::test`], for elements of one object one after the other in one frame: what every
    /// element gives alike is worked out once.
    ///
    /// # Errors
    /// What it ran into.
    pub fn test_element<'a>(&'a self, frame: &mut eval::Frame<'a>) -> Result<bool, EvalError> {
        if !self.of_object {
            return self.test(frame);
        }
        let which = std::ptr::from_ref(self).addr();
        if let Some((_, known)) = frame.of_object.iter().find(|(known, _)| *known == which) {
            return Ok(*known);
        }
        let found = self.test(frame)?;
        frame.of_object.push((which, found));
        Ok(found)
    }

    /// An error of this expression, with its place in the text.
    #[must_use]
    pub fn describe(&self, error: &EvalError) -> String {
        let (line, column) = parse::position(&self.source, error.offset());
        if self.source.contains('\n') {
            format!("{error} (line {line}, column {column} of the rule)")
        } else {
            format!("{error} (column {column} of the rule)")
        }
    }
}
