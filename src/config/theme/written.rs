//! A theme as it is written in its file.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::{Colour, Look, Role};

/// What is wrong in a file: where, by bytes, and what.
pub(super) type Faults = Vec<(usize, String)>;

/// A theme file.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Raw {
    #[serde(default)]
    pub about: String,
    pub inherits: Option<toml::Spanned<String>>,
    #[serde(default)]
    palette: BTreeMap<String, toml::Spanned<String>>,
    #[serde(default)]
    pub roles: BTreeMap<toml::Spanned<String>, RawLook>,
    /// Roles whose colours no sixteen come near to, or of which several would come out as one. Names of
    /// colours are those of the terminal here, whatever the palette calls so.
    #[serde(default)]
    pub sixteen: BTreeMap<toml::Spanned<String>, RawLook>,
}

/// A look in it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawLook {
    fg: Option<toml::Spanned<String>>,
    bg: Option<toml::Spanned<String>>,
    #[serde(default)]
    style: Vec<toml::Spanned<String>>,
}

impl Raw {
    /// What is wrong with the palette.
    pub fn examine_palette(&self, faults: &mut Faults) {
        for value in self.palette.values() {
            if colour(value.get_ref()).is_none() {
                let what = "write #rrggbb, default, or one of the terminal's: red, bright-red …";
                faults.push((
                    value.span().start,
                    format!("`{}` is no colour; {what}", value.get_ref()),
                ));
            }
        }
    }

    /// Roles with their looks, and what is wrong with them.
    pub fn looks(
        &self,
        roles: &BTreeMap<toml::Spanned<String>, RawLook>,
        palette: bool,
        faults: &mut Faults,
    ) -> Vec<(Role, Look)> {
        let mut out = Vec::new();
        for (role, look) in roles {
            let look = self.look(look, palette, faults);
            match Role::ALL.iter().find(|known| known.name() == role.get_ref()) {
                Some(known) => out.push((*known, look)),
                None => faults.push((role.span().start, format!("no role `{}`", role.get_ref()))),
            }
        }
        out
    }

    fn look(&self, raw: &RawLook, palette: bool, faults: &mut Faults) -> Look {
        let mut look = Look {
            fg: self.colour(raw.fg.as_ref(), palette, faults),
            bg: self.colour(raw.bg.as_ref(), palette, faults),
            ..Look::default()
        };
        for style in &raw.style {
            match style.get_ref().as_str() {
                "bold" => look.bold = true,
                "dim" => look.dim = true,
                "italic" => look.italic = true,
                "underline" => look.underline = true,
                "reverse" => look.reverse = true,
                other => {
                    let words = "bold, dim, italic, underline, reverse";
                    faults.push((style.span().start, format!("no style `{other}`; {words}")));
                }
            }
        }
        look
    }

    fn colour(
        &self,
        name: Option<&toml::Spanned<String>>,
        palette: bool,
        faults: &mut Faults,
    ) -> Option<Colour> {
        let name = name?;
        // What is wrong with the palette is told there.
        if let Some(named) = self.palette.get(name.get_ref()).filter(|_| palette) {
            return colour(named.get_ref());
        }
        let text = name.get_ref();
        let found = colour(text);
        if found.is_none() {
            let why = "no colour; write #rrggbb, a name of the palette, default, or one of the \
                       terminal's: red, bright-red …";
            faults.push((name.span().start, format!("`{text}` is {why}")));
        }
        found
    }
}

const ANSI: [&str; 8] = ["black", "red", "green", "yellow", "blue", "magenta", "cyan", "white"];

fn colour(text: &str) -> Option<Colour> {
    if text == "default" {
        return Some(Colour::Default);
    }
    if let Some(hex) = text.strip_prefix('#') {
        let value = u32::from_str_radix(hex, 16).ok().filter(|_| hex.len() == 6)?;
        let [_, red, green, blue] = value.to_be_bytes();
        return Some(Colour::Rgb(red, green, blue));
    }
    let (base, name) = text.strip_prefix("bright-").map_or((0, text), |rest| (8, rest));
    let at = ANSI.iter().position(|known| *known == name)?;
    Some(Colour::Ansi(base + u8::try_from(at).ok()?))
}
