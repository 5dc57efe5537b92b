//! Values as terms to look up. Equal values have equal terms; that others may share one by chance
//! does no harm, since what is found is looked at again.

use std::collections::HashMap;
use std::hash::{BuildHasher, RandomState};

use super::super::value::Val;

/// Makes terms, with a key of its own: whoever writes objects cannot know which collide.
#[derive(Default)]
pub(super) struct Terms(RandomState);

impl Terms {
    /// The term of a text or a boolean, and of lists and maps of them. None for other values, of
    /// which some are equal though they differ in type.
    pub(super) fn of(&self, value: &Val<'_>) -> Option<u64> {
        if let Some(text) = value.as_str() {
            return Some(self.0.hash_one(text));
        }
        match value {
            Val::Bool(value) => Some(self.0.hash_one(value)),
            Val::List(_) | Val::Items(_) => Some(self.0.hash_one(self.within(value)?)),
            Val::Map(_) | Val::Entries(_) => {
                let mut sum = 0_u64;
                for at in 0..value.count()? {
                    let key = value.nth(at)?;
                    let of_key = value.named(key.as_str()?)?;
                    sum = sum.wrapping_add(self.0.hash_one((self.of(&key)?, self.of(&of_key)?)));
                }
                Some(self.0.hash_one((value.count()?, sum)))
            }
            _ => None,
        }
    }

    /// The terms of the elements of a list or the keys of a map.
    pub(super) fn within(&self, value: &Val<'_>) -> Option<Vec<u64>> {
        (0..value.count()?).map(|at| self.of(&value.nth(at)?)).collect()
    }

    fn label(&self, key: &str, value: &str) -> u64 {
        self.0.hash_one((key, value))
    }

    /// The terms of labels; none for what is no map.
    pub(super) fn labels(&self, labels: &Val<'_>) -> Option<Vec<u64>> {
        if matches!(labels, Val::List(_) | Val::Items(_)) {
            return None;
        }
        let label = |at| {
            let key = labels.nth(at)?;
            let value = labels.named(key.as_str()?)?;
            Some(self.label(key.as_str()?, value.as_str()?))
        };
        Some((0..labels.count()?).filter_map(label).collect())
    }

    /// What a selector demands: for each demand the labels of which one has to be there. None for
    /// what is no map.
    pub(super) fn demands(&self, selector: &Val<'_>) -> Option<Vec<Vec<u64>>> {
        selector.count()?;
        let wanted = selector.named("matchLabels");
        let mut demands: Vec<Vec<u64>> = wanted
            .and_then(|wanted| self.labels(&wanted))
            .map(|labels| labels.into_iter().map(|label| vec![label]).collect())
            .unwrap_or_default();
        let expressions = selector.named("matchExpressions");
        for at in 0..expressions.as_ref().and_then(Val::count).unwrap_or_default() {
            let expression = expressions.as_ref().and_then(|list| list.nth(at));
            demands.extend(expression.and_then(|expression| self.one_of(&expression)));
        }
        Some(demands)
    }

    /// What an expression with the operator `In` demands.
    fn one_of(&self, expression: &Val<'_>) -> Option<Vec<u64>> {
        if expression.named("operator")?.as_str()? != "In" {
            return None;
        }
        let (key, values) = (expression.named("key")?, expression.named("values")?);
        let label = |at| Some(self.label(key.as_str()?, values.nth(at)?.as_str()?));
        Some((0..values.count()?).filter_map(label).collect())
    }
}

/// Keeps of each element the one demand that the fewest others have too: an element that does not
/// meet it does not match, whatever else is demanded.
pub(super) fn keep_rarest(gathered: &mut [(u32, Vec<Vec<u64>>)]) {
    let mut times: HashMap<u64, usize> = HashMap::new();
    for (_, demands) in gathered.iter() {
        demands.iter().flatten().for_each(|term| *times.entry(*term).or_default() += 1);
    }
    for (_, demands) in gathered {
        let often = |any: &Vec<u64>| any.iter().filter_map(|term| times.get(term)).sum::<usize>();
        let rarest = demands.iter().min_by_key(|any| often(any)).cloned();
        *demands = rarest.into_iter().collect();
    }
}
