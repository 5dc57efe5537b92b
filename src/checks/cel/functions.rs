//! Which functions there are, and the small ones of the language itself.

use super::call::Call;
use super::eval::{Evaluated, Frame};
use super::value::{EvalError, Failure, Type, Val};
use super::{field, lists, ops, own, strings};

/// A function, whatever the form in which it is called.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "each is the function of that name in the language")]
pub enum Fun {
    Size,
    Matches,
    StartsWith,
    EndsWith,
    Contains,
    Split,
    LowerAscii,
    UpperAscii,
    Replace,
    Trim,
    Substring,
    IndexOf,
    LastIndexOf,
    CharAt,
    Join,
    Reverse,
    Sort,
    Distinct,
    Flatten,
    Slice,
    Range,
    Value,
    HasValue,
    Or,
    OrValue,
    OptionalOf,
    OptionalNone,
    OptionalOfNonZero,
    ToInt,
    ToUint,
    ToDouble,
    ToString,
    ToBool,
    Dyn,
    TypeOf,
    Grants,
    Narrowed,
    CleanPath,
    PathWithin,
    Capability,
    GlobMatch,
    IsQuantity,
    Quantity,
    CidrContains,
    IsCidr,
    CidrWithin,
    ImageRef,
    SelectorMatches,
    ParseYaml,
    DaysBetween,
    VersionCompare,
    CertificatesEnd,
    DurationSeconds,
    CommandFlag,
}

/// How a function is called.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Form {
    Member,
    Global,
    Both,
}

/// Name, function, form, and the numbers of arguments it takes, the receiver counted.
const TABLE: &[(&str, Fun, Form, &[usize])] = &[
    ("size", Fun::Size, Form::Both, &[1]),
    ("matches", Fun::Matches, Form::Both, &[2]),
    ("startsWith", Fun::StartsWith, Form::Member, &[2]),
    ("endsWith", Fun::EndsWith, Form::Member, &[2]),
    ("contains", Fun::Contains, Form::Member, &[2]),
    ("split", Fun::Split, Form::Member, &[2, 3]),
    ("lowerAscii", Fun::LowerAscii, Form::Member, &[1]),
    ("upperAscii", Fun::UpperAscii, Form::Member, &[1]),
    ("replace", Fun::Replace, Form::Member, &[3, 4]),
    ("trim", Fun::Trim, Form::Member, &[1]),
    ("substring", Fun::Substring, Form::Member, &[2, 3]),
    ("indexOf", Fun::IndexOf, Form::Member, &[2, 3]),
    ("lastIndexOf", Fun::LastIndexOf, Form::Member, &[2, 3]),
    ("charAt", Fun::CharAt, Form::Member, &[2]),
    ("join", Fun::Join, Form::Member, &[1, 2]),
    ("reverse", Fun::Reverse, Form::Member, &[1]),
    ("sort", Fun::Sort, Form::Member, &[1]),
    ("distinct", Fun::Distinct, Form::Member, &[1]),
    ("flatten", Fun::Flatten, Form::Member, &[1, 2]),
    ("slice", Fun::Slice, Form::Member, &[3]),
    ("lists.range", Fun::Range, Form::Global, &[1]),
    ("value", Fun::Value, Form::Member, &[1]),
    ("hasValue", Fun::HasValue, Form::Member, &[1]),
    ("or", Fun::Or, Form::Member, &[2]),
    ("orValue", Fun::OrValue, Form::Member, &[2]),
    ("optional.of", Fun::OptionalOf, Form::Global, &[1]),
    ("optional.none", Fun::OptionalNone, Form::Global, &[0]),
    ("optional.ofNonZeroValue", Fun::OptionalOfNonZero, Form::Global, &[1]),
    ("int", Fun::ToInt, Form::Global, &[1]),
    ("uint", Fun::ToUint, Form::Global, &[1]),
    ("double", Fun::ToDouble, Form::Global, &[1]),
    ("string", Fun::ToString, Form::Global, &[1]),
    ("bool", Fun::ToBool, Form::Global, &[1]),
    ("dyn", Fun::Dyn, Form::Global, &[1]),
    ("type", Fun::TypeOf, Form::Global, &[1]),
    ("grants", Fun::Grants, Form::Member, &[4]),
    ("narrowed", Fun::Narrowed, Form::Member, &[1]),
    ("cleanPath", Fun::CleanPath, Form::Global, &[1]),
    ("pathWithin", Fun::PathWithin, Form::Global, &[2]),
    ("capability", Fun::Capability, Form::Global, &[1]),
    ("globMatch", Fun::GlobMatch, Form::Global, &[2]),
    ("isQuantity", Fun::IsQuantity, Form::Global, &[1]),
    ("quantity", Fun::Quantity, Form::Global, &[1]),
    ("cidrContains", Fun::CidrContains, Form::Global, &[2]),
    ("isCidr", Fun::IsCidr, Form::Global, &[1]),
    ("cidrWithin", Fun::CidrWithin, Form::Global, &[2]),
    ("imageRef", Fun::ImageRef, Form::Global, &[1]),
    ("selectorMatches", Fun::SelectorMatches, Form::Global, &[2, 3]),
    ("parseYaml", Fun::ParseYaml, Form::Global, &[1]),
    ("daysBetween", Fun::DaysBetween, Form::Global, &[2]),
    ("versionCompare", Fun::VersionCompare, Form::Global, &[2]),
    ("certificatesEnd", Fun::CertificatesEnd, Form::Global, &[1]),
    ("durationSeconds", Fun::DurationSeconds, Form::Global, &[1]),
    ("commandFlag", Fun::CommandFlag, Form::Global, &[2]),
];

/// The function of that name, form and number of arguments (the receiver counted).
///
/// # Errors
/// A sentence on what is wrong with the call.
pub fn find(name: &str, member: bool, count: usize) -> Result<Fun, String> {
    let form = if member { Form::Member } else { Form::Global };
    let Some((_, fun, form_of, counts)) = TABLE.iter().find(|row| row.0 == name) else {
        return Err(format!("there is no function `{name}`"));
    };
    if *form_of != Form::Both && *form_of != form {
        return Err(if member {
            format!("`{name}` is called as `{name}(…)`, not on a value")
        } else {
            format!("`{name}` is called on a value: `x.{name}(…)`")
        });
    }
    if !counts.contains(&count) {
        let receiver = usize::from(*form_of != Form::Global && member);
        let wanted: Vec<String> =
            counts.iter().map(|n| n.saturating_sub(receiver).to_string()).collect();
        return Err(format!(
            "`{name}` takes {} arguments, not {}",
            wanted.join(" or "),
            count.saturating_sub(receiver)
        ));
    }
    Ok(*fun)
}

/// What a function is called.
pub(super) fn name(fun: Fun) -> &'static str {
    TABLE.iter().find(|row| row.1 == fun).map_or("", |row| row.0)
}

/// Runs a function on evaluated arguments, receiver first.
pub(super) fn call<'a>(
    frame: &mut Frame<'a>,
    fun: Fun,
    args: &[Val<'a>],
    at: u32,
) -> Evaluated<'a> {
    let Some(first) = args.first() else { return Ok(Val::Opt(None)) };
    let call = Call { fun, args, at };
    match fun {
        Fun::Size => {
            frame.charge(first.as_str().map_or(0, str::len) / 64, at)?;
            size(first, at)
        }
        Fun::Value => match first {
            Val::Opt(Some(value)) => Ok((**value).clone()),
            Val::Opt(None) => Err(refuse("the optional has no value", at)),
            other => Err(ops::no_overload("value", &[other], at)),
        },
        Fun::OptionalOfNonZero if is_zero(first) => Ok(Val::Opt(None)),
        Fun::OptionalOf | Fun::OptionalOfNonZero => Ok(Val::some(first.clone())),
        Fun::ToInt | Fun::ToUint | Fun::ToDouble | Fun::ToString | Fun::ToBool => {
            frame.charge(first.as_str().map_or(0, str::len) / 16, at)?;
            convert(fun, first, at)
        }
        Fun::Dyn => Ok(first.clone()),
        Fun::TypeOf => Ok(Val::Type(first.type_of())),
        Fun::Sort | Fun::Distinct | Fun::Flatten | Fun::Slice | Fun::Range => {
            lists::call(frame, call)
        }
        Fun::Reverse if first.as_str().is_none() => lists::call(frame, call),
        Fun::Grants
        | Fun::Narrowed
        | Fun::CleanPath
        | Fun::PathWithin
        | Fun::Capability
        | Fun::GlobMatch
        | Fun::IsQuantity
        | Fun::Quantity
        | Fun::CidrContains
        | Fun::IsCidr
        | Fun::CidrWithin => own::call(frame, call),
        Fun::ImageRef
        | Fun::SelectorMatches
        | Fun::ParseYaml
        | Fun::DaysBetween
        | Fun::VersionCompare
        | Fun::CertificatesEnd
        | Fun::DurationSeconds
        | Fun::CommandFlag => field::call(frame, call),
        _ => strings::call(frame, call),
    }
}

/// The error of a function that refuses its arguments.
pub(super) fn refuse(what: &str, at: u32) -> EvalError {
    // It may quote a text of the object, of any length.
    let what = crate::text::cut_middle(what, 200);
    EvalError::new(Failure::Function(what.into()), at)
}

/// A length as a number of the language.
pub(super) fn count<'a>(len: usize) -> Val<'a> {
    Val::Int(i64::try_from(len).unwrap_or(i64::MAX))
}

fn size<'a>(value: &Val<'a>, at: u32) -> Evaluated<'a> {
    if let Some(text) = value.as_str() {
        return Ok(count(text.chars().count()));
    }
    value.count().map(count).ok_or_else(|| ops::no_overload("size", &[value], at))
}

fn is_zero(value: &Val<'_>) -> bool {
    match value {
        Val::Null => true,
        Val::Bool(v) => !v,
        Val::Int(v) => *v == 0,
        Val::UInt(v) => *v == 0,
        Val::Double(v) => *v == 0.0,
        Val::Str(_) | Val::Text(_) => value.as_str() == Some(""),
        _ => value.count() == Some(0),
    }
}

#[allow(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "the conversions of the language, range checked"
)]
fn convert<'a>(fun: Fun, value: &Val<'a>, at: u32) -> Evaluated<'a> {
    let range = || EvalError::new(Failure::Arithmetic("the number leaves its range"), at);
    let wrong = |kind: Type| {
        refuse(&format!("{} is no {}", value.as_str().unwrap_or("the value"), kind.name()), at)
    };
    let none = || ops::no_overload("a conversion", &[value], at);
    match fun {
        Fun::ToInt => Ok(Val::Int(match value {
            Val::Int(v) => *v,
            Val::UInt(v) => i64::try_from(*v).map_err(|_| range())?,
            Val::Double(v) if *v > i64::MIN as f64 && *v < i64::MAX as f64 => *v as i64,
            Val::Double(_) => return Err(range()),
            _ => value.as_str().ok_or_else(none)?.parse().map_err(|_| wrong(Type::Int))?,
        })),
        Fun::ToUint => Ok(Val::UInt(match value {
            Val::UInt(v) => *v,
            Val::Int(v) => u64::try_from(*v).map_err(|_| range())?,
            Val::Double(v) if *v >= 0.0 && *v < u64::MAX as f64 => *v as u64,
            Val::Double(_) => return Err(range()),
            _ => value.as_str().ok_or_else(none)?.parse().map_err(|_| wrong(Type::UInt))?,
        })),
        Fun::ToDouble => Ok(Val::Double(match value {
            Val::Double(v) => *v,
            Val::Int(v) => *v as f64,
            Val::UInt(v) => *v as f64,
            _ => value.as_str().ok_or_else(none)?.parse().map_err(|_| wrong(Type::Double))?,
        })),
        Fun::ToString => match value {
            Val::Str(_) | Val::Text(_) => Ok(value.clone()),
            Val::Bool(v) => Ok(Val::Text(v.to_string().into())),
            Val::Int(v) => Ok(Val::Text(v.to_string().into())),
            Val::UInt(v) => Ok(Val::Text(v.to_string().into())),
            Val::Double(v) => Ok(Val::Text(v.to_string().into())),
            _ => Err(none()),
        },
        _ => match (value, value.as_str()) {
            (Val::Bool(v), _) => Ok(Val::Bool(*v)),
            (_, Some("1" | "t" | "true" | "TRUE" | "True")) => Ok(Val::Bool(true)),
            (_, Some("0" | "f" | "false" | "FALSE" | "False")) => Ok(Val::Bool(false)),
            (_, Some(_)) => Err(wrong(Type::Bool)),
            _ => Err(none()),
        },
    }
}
