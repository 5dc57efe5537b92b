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
fn all_mistakes_of_a_file_are_named_and_the_rest_holds() {
    let mut themes = Themes::default();
    let text = "[palette]\nx = \"#zzz\"\n\n[roles]\npass = { fg = \"x\", style = [\"bold\"] }\n\
                norole = { fg = \"nosuch\" }\nfail = { fg = \"blue\" }\n";
    themes.add("mine", text);
    let (theme, faults) = themes.examined("mine");
    let said: Vec<(u32, &str)> = faults.iter().map(|f| (f.line, &*f.text)).collect();
    let parts = ["`#zzz` is no colour", "no role `norole`", "`nosuch` is no colour"];
    assert_eq!(said.len(), parts.len(), "{said:?}");
    for ((line, text), (on, part)) in said.iter().zip([2, 6, 6].into_iter().zip(parts)) {
        assert!(*line == on && text.starts_with(part), "{said:?}");
    }
    assert_eq!(theme.look(Role::Fail).fg, Some(Colour::Ansi(4)));
    assert!(theme.look(Role::Pass).bold);
}

#[test]
fn what_a_theme_says_of_sixteen_colours_goes_with_the_look_it_was_said_of() {
    let mut themes = Themes::default();
    let dark = themes.get("dark").unwrap();
    let ansi = |theme: &Theme, role| theme.look_in_sixteen(role).fg;
    assert_eq!(ansi(&dark, Role::High), Some(Colour::Ansi(13)));
    assert_eq!(dark.look(Role::High).fg, Some(Colour::Rgb(0xff, 0x9b, 0xd2)));
    // What it does not say anything of has its usual colours.
    assert_eq!(dark.look_in_sixteen(Role::Title), dark.look(Role::Title));
    themes.add("mine", "inherits = \"dark\"\n[roles]\nhigh = { fg = \"#ff8899\" }");
    let mine = themes.get("mine").unwrap();
    assert_eq!(mine.look_in_sixteen(Role::High), mine.look(Role::High));
    assert_eq!(mine.look_in_sixteen(Role::Low), dark.look_in_sixteen(Role::Low));
    let own = "inherits = \"dark\"\n[sixteen]\nhigh = { fg = \"cyan\" }";
    themes.add("mine", own);
    assert_eq!(ansi(&themes.get("mine").unwrap(), Role::High), Some(Colour::Ansi(6)));
    themes.add("mine", "[sixteen]\n\nsky = { fg = \"cyan\" }");
    let error = themes.get("mine").unwrap_err();
    assert_eq!((error.line, error.text.as_str()), (3, "no role `sky`"));
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

/// The sixteen colours of usual terminals on their light grounds: name, ground, and the colours.
const LIGHT: [(&str, u32, [u32; 16]); 5] = [
    (
        "xterm",
        0xff_ffff,
        [
            0x00_0000, 0xcd_0000, 0x00_cd00, 0xcd_cd00, 0x00_00ee, 0xcd_00cd, 0x00_cdcd, 0xe5_e5e5,
            0x7f_7f7f, 0xff_0000, 0x00_ff00, 0xff_ff00, 0x5c_5cff, 0xff_00ff, 0x00_ffff, 0xff_ffff,
        ],
    ),
    (
        "vga",
        0xff_ffff,
        [
            0x00_0000, 0xaa_0000, 0x00_aa00, 0xaa_5500, 0x00_00aa, 0xaa_00aa, 0x00_aaaa, 0xaa_aaaa,
            0x55_5555, 0xff_5555, 0x55_ff55, 0xff_ff55, 0x55_55ff, 0xff_55ff, 0x55_ffff, 0xff_ffff,
        ],
    ),
    (
        "tango",
        0xff_ffff,
        [
            0x2e_3436, 0xcc_0000, 0x4e_9a06, 0xc4_a000, 0x34_65a4, 0x75_507b, 0x06_989a, 0xd3_d7cf,
            0x55_5753, 0xef_2929, 0x8a_e234, 0xfc_e94f, 0x72_9fcf, 0xad_7fa8, 0x34_e2e2, 0xee_eeec,
        ],
    ),
    (
        "solarized",
        0xfd_f6e3,
        [
            0x07_3642, 0xdc_322f, 0x85_9900, 0xb5_8900, 0x26_8bd2, 0xd3_3682, 0x2a_a198, 0xee_e8d5,
            0x00_2b36, 0xcb_4b16, 0x58_6e75, 0x65_7b83, 0x83_9496, 0x6c_71c4, 0x93_a1a1, 0xfd_f6e3,
        ],
    ),
    (
        "windows",
        0xf2_f2f2,
        [
            0x0c_0c0c, 0xc5_0f1f, 0x13_a10e, 0xc1_9c00, 0x00_37da, 0x88_1798, 0x3a_96dd, 0xcc_cccc,
            0x76_7676, 0xe7_4856, 0x16_c60c, 0xf9_f1a5, 0x3b_78ff, 0xb4_009e, 0x61_d6d6, 0xf2_f2f2,
        ],
    ),
];

#[test]
fn the_default_theme_is_legible_on_light_grounds_too() {
    // The text of Solarized has 4.1 itself.
    const LEAST: f64 = 4.0;
    let theme = Themes::default().get(Themes::DEFAULT).unwrap();
    let rgb = |value: u32| {
        let [_, red, green, blue] = value.to_be_bytes();
        Colour::Rgb(red, green, blue)
    };
    let mut looked_at = 0;
    for (name, paper, palette) in LIGHT {
        let of = |colour: Option<Colour>| match colour {
            Some(Colour::Ansi(at)) => Some(rgb(palette[usize::from(at)])),
            _ => None,
        };
        for role in Role::ALL {
            // Load lines are told apart by their signs, and stand beside their numbers.
            if matches!(role, Role::BarFull | Role::BarPart) {
                continue;
            }
            let look = theme.look(*role);
            // The terminal's own text is its user's business.
            let Some(ink) = of(look.fg) else { continue };
            let ratio = contrast(ink, of(look.bg).unwrap_or_else(|| rgb(paper))).unwrap();
            looked_at += 1;
            assert!(ratio >= LEAST, "{name}: {} has contrast {ratio:.2}", role.name());
        }
    }
    assert!(looked_at > 40, "{looked_at}");
    // The measure sees what it is for.
    let (_, paper, xterm) = LIGHT[0];
    assert!(contrast(rgb(xterm[3]), rgb(paper)).unwrap() < 2.0);
}
