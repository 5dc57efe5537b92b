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

/// A colour as an eye sees it that lacks one kind of cone: the matrix works on linear light.
fn seen(colour: Colour, eye: [[f64; 3]; 3]) -> Option<[f64; 3]> {
    let Colour::Rgb(red, green, blue) = colour else { return None };
    let light = [red, green, blue].map(|channel| {
        let value = f64::from(channel) / 255.0;
        if value <= 0.040_45 { value / 12.92 } else { ((value + 0.055) / 1.055).powf(2.4) }
    });
    let of = |row: [f64; 3]| row.iter().zip(light).map(|(a, b)| a * b).sum::<f64>().clamp(0.0, 1.0);
    Some(eye.map(of))
}

/// How far two colours are apart in CIELAB: about 2 can just be told, 20 are two colours.
fn apart(one: [f64; 3], other: [f64; 3]) -> f64 {
    let lab = |[red, green, blue]: [f64; 3]| {
        let scaled = [
            (0.4124 * red + 0.3576 * green + 0.1805 * blue) / 0.9505,
            0.2126 * red + 0.7152 * green + 0.0722 * blue,
            (0.0193 * red + 0.1192 * green + 0.9505 * blue) / 1.089,
        ];
        let bent = |t: f64| if t > 0.008_856 { t.cbrt() } else { 7.787 * t + 0.1379 };
        let [x, y, z] = scaled.map(bent);
        [116.0 * y - 16.0, 500.0 * (x - y), 200.0 * (y - z)]
    };
    lab(one).iter().zip(lab(other)).map(|(p, q)| (p - q).powi(2)).sum::<f64>().sqrt()
}

#[test]
fn what_must_be_told_apart_is_apart_for_eyes_that_lack_a_cone() {
    // Machado, Oliveira and Fernandes 2009, full severity.
    const DEUTERANOPIA: [[f64; 3]; 3] = [
        [0.367_322, 0.860_646, -0.227_968],
        [0.280_085, 0.672_501, 0.047_413],
        [-0.011_820, 0.042_940, 0.968_881],
    ];
    const PROTANOPIA: [[f64; 3]; 3] = [
        [0.152_286, 1.052_583, -0.204_868],
        [0.114_503, 0.786_281, 0.099_216],
        [-0.003_882, -0.048_116, 1.051_998],
    ];
    const TRITANOPIA: [[f64; 3]; 3] = [
        [1.255_528, -0.076_749, -0.178_779],
        [-0.078_411, 0.930_809, 0.147_602],
        [0.004_733, 0.691_367, 0.303_900],
    ];
    let themes = Themes::default();
    let mut looked_at = 0;
    for (name, eye) in
        [("deuteranopia", DEUTERANOPIA), ("deuteranopia", PROTANOPIA), ("tritanopia", TRITANOPIA)]
    {
        let theme = themes.get(name).unwrap();
        for (a, b) in [
            (Role::Pass, Role::Fail),
            (Role::Added, Role::Removed),
            (Role::BarFull, Role::BarPart),
            (Role::Critical, Role::Low),
            (Role::Pass, Role::Unknown),
        ] {
            let see = |role| seen(theme.look(role).fg.unwrap(), eye).unwrap();
            let far = apart(see(a), see(b));
            looked_at += 1;
            assert!(far >= 20.0, "{name}: {} and {} are {far:.1} apart", a.name(), b.name());
        }
    }
    assert_eq!(looked_at, 15);
    // The measure sees what it is for: red and green of the dark theme come close to each other.
    let dark = themes.get("dark").unwrap();
    let far = |eye| {
        let see = |role| seen(dark.look(role).fg.unwrap(), eye).unwrap();
        apart(see(Role::Pass), see(Role::Fail))
    };
    let whole = [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]];
    assert!(far(DEUTERANOPIA) < far(whole) / 2.0);
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
