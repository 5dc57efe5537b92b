//! Everything that is wrong with a `config.toml`, not only what is met first.

use serde::Deserialize as _;
use toml::Spanned;
use toml::de::{DeTable, DeValue, Deserializer};

use super::{Config, ConfigError};
use crate::text::line_column;

/// What a text sets where it is right, and all that is wrong with it in the order of its lines.
pub(super) fn examine(path: &str, text: &str) -> (Config, Vec<ConfigError>) {
    if let Ok(config) = Config::parse(path, text) {
        return (config, Vec::new());
    }
    let wrong = |error: &toml::de::Error| {
        let at = error.span().map_or(0, |span| span.start);
        ConfigError::wrong(path, line_column(text, at), error.message().to_owned())
    };
    let in_order = |mut errors: Vec<toml::de::Error>| -> Vec<ConfigError> {
        errors.sort_by_key(|error| error.span().map_or(0, |span| span.start));
        errors.iter().map(wrong).collect()
    };
    let (root, errors) = DeTable::parse_recoverable(text);
    if !errors.is_empty() {
        // What is no TOML leaves open what the rest of it would be.
        return (Config::default(), in_order(errors));
    }
    let mut found = Vec::new();
    let sound = kept(&root, &mut found);
    let mut errors = in_order(found);
    let mut config = deserialized(sound).unwrap_or_default();
    if let Err(error) = config.sound(path, text) {
        errors.push(error);
        config.policy_version = None;
    }
    (config, errors)
}

fn deserialized(table: Spanned<DeTable<'_>>) -> Result<Config, toml::de::Error> {
    Config::deserialize(Deserializer::from(table))
}

/// The part of a table that is right. Each key is tried alone; of one that is a table itself, each of its own.
fn kept<'i>(root: &Spanned<DeTable<'i>>, found: &mut Vec<toml::de::Error>) -> Spanned<DeTable<'i>> {
    let mut sound = DeTable::new();
    for (key, value) in root.get_ref() {
        let alone = |value: Spanned<DeValue<'i>>| {
            let table = DeTable::from_iter([(key.clone(), value)]);
            deserialized(Spanned::new(root.span(), table))
        };
        let Err(error) = alone(value.clone()) else {
            sound.insert(key.clone(), value.clone());
            continue;
        };
        let DeValue::Table(parts) = value.get_ref() else {
            found.push(error);
            continue;
        };
        let mut right = DeTable::new();
        let before = found.len();
        for (name, part) in parts {
            let part = (name.clone(), part.clone());
            let table = DeValue::Table(DeTable::from_iter([part.clone()]));
            match alone(Spanned::new(value.span(), table)) {
                Ok(_) => {
                    right.insert(part.0, part.1);
                }
                Err(error) => found.push(error),
            }
        }
        // A key that is unknown is wrong whatever stands in it.
        if right.is_empty() {
            found.truncate(before);
            found.push(error);
        } else {
            sound.insert(key.clone(), Spanned::new(value.span(), DeValue::Table(right)));
        }
    }
    Spanned::new(root.span(), sound)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(text: &str) -> Vec<String> {
        examine("c.toml", text).1.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn everything_that_is_wrong_has_its_place_and_the_rest_holds() {
        let text = "thema = \"x\"\nascii = \"yes\"\nmouse = true\npolicy-version = \"new\"\n\
                    favourites = [1]\n[contexts.prod]\ntone = \"loud\"\n[contexts.lab]\n\
                    label = \"LAB\"\n[contexts.dev]\nlable = \"DEV\"\n";
        let places: Vec<String> =
            told(text).iter().map(|one| one.chars().take(11).collect()).collect();
        let expected = [
            "c.toml:1:1:",
            "c.toml:2:9:",
            "c.toml:5:15",
            "c.toml:7:8:",
            "c.toml:11:1",
            "c.toml:4:1:",
        ];
        assert_eq!(places, expected, "{:#?}", told(text));
        let (config, _) = examine("c.toml", text);
        assert!(config.mouse && config.contexts.len() == 1 && config.policy_version.is_none());
    }

    #[test]
    fn what_is_right_or_no_toml_is_told_as_ever() {
        assert_eq!(examine("c.toml", "mouse = true\n").1, []);
        let broken = told("mouse = \n[contexts\n");
        assert!(broken[0].starts_with("c.toml:1:"), "{broken:?}");
        assert_eq!(told("[unknown]\na = 1\nb = 2\n").len(), 1);
    }
}
