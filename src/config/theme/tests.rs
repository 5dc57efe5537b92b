use super::*;

#[test]
fn every_theme_gives_every_role_a_look() {
    let themes = Themes::default();
    for name in themes.names() {
        let theme = themes.get(&name).unwrap();
        for role in Role::ALL {
            assert!(theme.looks.contains_key(role), "{name} says nothing of {}", role.name());
        }
        assert!(!theme.about.is_empty(), "{name} does not say what it is for");
    }
}

#[test]
fn mono_has_no_colour_and_tells_what_matters_by_weight() {
    let theme = Themes::default().get(Themes::MONO).unwrap();
    for look in theme.looks.values() {
        assert!(look.fg.is_none() && look.bg.is_none());
    }
    assert!(theme.look(Role::Selection).reverse);
    assert!(theme.look(Role::Critical).bold);
    assert!(theme.look(Role::Offending).bold);
}

#[test]
fn the_default_theme_uses_only_what_the_terminal_defines() {
    let theme = Themes::default().get(Themes::DEFAULT).unwrap();
    for look in theme.looks.values() {
        assert!(!matches!(look.fg, Some(Colour::Rgb(..))));
        assert!(!matches!(look.bg, Some(Colour::Rgb(..))));
    }
    assert_eq!(theme.look(Role::Text).bg, None);
}

fn luminance(colour: Colour) -> Option<f64> {
    let Colour::Rgb(red, green, blue) = colour else { return None };
    let linear = |channel: u8| {
        let value = f64::from(channel) / 255.0;
        if value <= 0.040_45 { value / 12.92 } else { ((value + 0.055) / 1.055).powf(2.4) }
    };
    Some(0.2126 * linear(red) + 0.7152 * linear(green) + 0.0722 * linear(blue))
}

/// WCAG 2.1 contrast ratio.
fn contrast(a: Colour, b: Colour) -> Option<f64> {
    let (a, b) = (luminance(a)?, luminance(b)?);
    Some((a.max(b) + 0.05) / (a.min(b) + 0.05))
}

#[test]
fn text_stands_out_from_its_ground() {
    let themes = Themes::default();
    let mut looked_at = 0;
    for name in themes.names() {
        let theme = themes.get(&name).unwrap();
        let text = theme.look(Role::Text);
        for role in Role::ALL {
            // Lines and empty bars are no text.
            if matches!(role, Role::Border | Role::BarEmpty) {
                continue;
            }
            let look = theme.look(*role);
            let fg = look.fg.or(text.fg).unwrap_or_default();
            let grounds = [look.bg.or(text.bg), theme.look(Role::Selection).bg];
            for ground in grounds.into_iter().flatten() {
                let Some(ratio) = contrast(fg, ground) else { continue };
                looked_at += 1;
                assert!(ratio >= 4.5, "{name}: {} has contrast {ratio:.2}", role.name());
            }
        }
    }
    assert!(looked_at > 200);
}

#[test]
fn mistakes_are_named_with_their_place() {
    let mut themes = Themes::default();
    for (text, line, part) in [
        ("[roles]\nsky = { fg = \"red\" }", 2, "no role `sky`"),
        ("[roles]\n\ntext = { fg = \"rod\" }", 3, "`rod` is no colour"),
        ("[roles]\ntext = { style = [\"loud\"] }", 2, "no style `loud`"),
        ("inherits = \"x\"", 1, "inherits from itself"),
        ("inherits = \"nobody\"", 1, "no theme `nobody`"),
        ("colour = 1", 1, "colour"),
    ] {
        themes.add("x", text);
        let error = themes.get("x").unwrap_err();
        assert_eq!(error.line, line, "{error}");
        assert!(error.to_string().contains(part), "{error}");
    }
    assert!(themes.get("none").unwrap_err().text.contains("there are terminal"));
}

#[test]
fn a_theme_changes_only_what_it_names() {
    let mut themes = Themes::default();
    let text =
        "inherits = \"dark\"\n[palette]\nrose = \"#ff8899\"\n[roles]\nfail = { fg = \"rose\" }";
    themes.add("mine", text);
    let (mine, dark) = (themes.get("mine").unwrap(), themes.get("dark").unwrap());
    assert_eq!(mine.look(Role::Fail).fg, Some(Colour::Rgb(0xff, 0x88, 0x99)));
    assert_eq!(mine.look(Role::Pass), dark.look(Role::Pass));
}
