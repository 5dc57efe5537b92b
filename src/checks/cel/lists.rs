//! Functions on lists.

use super::call::Call;
use super::eval::{Evaluated, Frame};
use super::functions::{Fun, refuse};
use super::ops;
use super::value::Val;

/// Runs a list function, receiver first.
pub(super) fn call<'a>(frame: &mut Frame<'a>, call: Call<'_, 'a>) -> Evaluated<'a> {
    let Call { fun, args, at } = call;
    if fun == Fun::Range {
        return range(frame, args, at);
    }
    let list = call.list(0)?;
    frame.charge(list.count().unwrap_or(0) + 1, at)?;
    let mut items = ops::elements(list);
    match fun {
        Fun::Reverse => items.reverse(),
        Fun::Sort => sort(frame, &mut items, at)?,
        Fun::Distinct => items = distinct(frame, items, at)?,
        Fun::Slice => items = slice(&items, args, at)?,
        _ => {
            let depth = match args.get(1) {
                None => 1,
                Some(Val::Int(depth)) if *depth >= 0 => *depth,
                _ => return Err(refuse("`flatten` takes a number that is not negative", at)),
            };
            let mut flat = Vec::new();
            flatten(frame, items, depth, &mut flat, at)?;
            items = flat;
        }
    }
    Ok(Val::items(items))
}

fn range<'a>(frame: &mut Frame<'a>, args: &[Val<'a>], at: u32) -> Evaluated<'a> {
    let Some(Val::Int(n)) = args.first() else {
        return Err(refuse("`lists.range` takes a whole number", at));
    };
    let n = usize::try_from(*n).map_err(|_| refuse("a range cannot be negative", at))?;
    frame.charge(n, at)?;
    Ok(Val::items((0..n).map(super::functions::count).collect()))
}

type Items<'a> = Vec<Val<'a>>;
type Worked<T> = Result<T, super::value::EvalError>;

fn sort<'a>(frame: &mut Frame<'a>, items: &mut Items<'a>, at: u32) -> Worked<()> {
    if let Some(first) = items.first() {
        for item in items.iter() {
            if item.type_of() != first.type_of() || ops::compare(first, item).is_none() {
                return Err(refuse("`sort` needs elements of one type that have an order", at));
            }
        }
    }
    // Texts are compared as far as they are alike, which may be to their end.
    let text = |item: &Val<'_>| 1 + item.as_str().map_or(0, |text| text.len() / 64);
    let each: usize = items.iter().map(text).sum();
    frame.charge(each.saturating_mul(items.len().checked_ilog2().unwrap_or(0) as usize), at)?;
    items.sort_by(|a, b| ops::compare(a, b).unwrap_or(std::cmp::Ordering::Equal));
    Ok(())
}

fn distinct<'a>(frame: &mut Frame<'a>, items: Items<'a>, at: u32) -> Worked<Items<'a>> {
    let mut kept: Items<'a> = Vec::new();
    for item in items {
        if !ops::contains(frame, &item, &Val::items(kept.clone()), at)? {
            kept.push(item);
        }
        frame.charge(kept.len(), at)?;
    }
    Ok(kept)
}

fn slice<'a>(items: &[Val<'a>], args: &[Val<'a>], at: u32) -> Worked<Items<'a>> {
    let (Some(Val::Int(from)), Some(Val::Int(to))) = (args.get(1), args.get(2)) else {
        return Err(refuse("`slice` takes two whole numbers", at));
    };
    let (from, to) = (usize::try_from(*from), usize::try_from(*to));
    match (from, to) {
        (Ok(from), Ok(to)) => items.get(from..to).map(<[_]>::to_vec),
        _ => None,
    }
    .ok_or_else(|| refuse("the slice is outside the list", at))
}

fn flatten<'a>(
    frame: &mut Frame<'a>,
    items: Items<'a>,
    depth: i64,
    flat: &mut Items<'a>,
    at: u32,
) -> Worked<()> {
    for item in items {
        frame.charge(1, at)?;
        if depth > 0 && matches!(item, Val::List(_) | Val::Items(_)) {
            flatten(frame, ops::elements(&item), depth - 1, flat, at)?;
        } else {
            flat.push(item);
        }
    }
    Ok(())
}
