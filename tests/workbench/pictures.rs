//! The pictures of the README show what the binary shows.

use std::path::Path;

use crate::shots;
use crate::world::World;

/// The words of a picture, without colours and places.
fn words(svg: &str) -> Vec<String> {
    let text = |rest: &str| {
        rest.split_once('>').and_then(|(_, t)| t.split_once("</text>")).map(|(t, _)| t.to_owned())
    };
    svg.split("<text").skip(1).filter_map(text).map(|text| undated(&text)).collect()
}

/// Days written as zeros: a finding of a new session is known since today.
fn undated(text: &str) -> String {
    let mut letters: Vec<char> = text.chars().collect();
    let is_day = |part: &[char]| {
        let mut parts = part.iter().zip("dddd-dd-dd".chars());
        parts.all(|(c, kind)| if kind == 'd' { c.is_ascii_digit() } else { *c == kind })
    };
    for at in 0..letters.len().saturating_sub(9) {
        if is_day(&letters[at..at + 10]) {
            letters.splice(at..at + 10, "0000-00-00".chars());
        }
    }
    letters.into_iter().collect()
}

#[test]
fn the_pictures_are_not_stale() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("screenshots");
    for shot in shots::SHOTS {
        let path = folder.join(format!("{}.svg", shot.name));
        assert!(path.is_file(), "{} is missing", path.display());
    }
    for name in ["overview", "finding"] {
        let world = World::new();
        let binary = Path::new(env!("CARGO_BIN_EXE_plimsoll"));
        let now = words(&shots::take(shots::named(name), binary, &world.path("")));
        let kept = words(&std::fs::read_to_string(folder.join(format!("{name}.svg"))).unwrap());
        let differs: Vec<_> = kept.iter().zip(&now).filter(|(a, b)| a != b).take(5).collect();
        assert!(
            kept == now,
            "screenshots/{name}.svg is stale: `cargo build --release && cargo run --release \
             --example screenshots` draws it anew; first differences: {differs:?}"
        );
    }
}

/// What a terminal shows at the end of a cast, and how many seconds it lasts.
fn played(cast: &str) -> (String, f64) {
    let mut lines = cast.lines();
    let head: serde_json::Value = serde_json::from_str(lines.next().unwrap()).unwrap();
    assert_eq!(head["version"], 2);
    let cells = |name: &str| {
        let count = head[name].as_u64().and_then(|n| u16::try_from(n).ok());
        std::num::NonZeroU16::new(count.unwrap()).unwrap()
    };
    let mut parser = vt100::Parser::new(cells("height"), cells("width"), 0);
    let mut last = 0.0;
    for line in lines {
        let (at, kind, data): (f64, String, String) = serde_json::from_str(line).unwrap();
        assert!(at >= last, "time goes back: {at} after {last}");
        assert_eq!(kind, "o");
        parser.process(data.as_bytes());
        last = at;
    }
    (parser.screen().contents(), last)
}

#[test]
fn the_tour_is_not_stale() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("screenshots/tour.cast");
    let kept = std::fs::read_to_string(path).unwrap();
    assert!(kept.len() < 1_000_000, "{} bytes", kept.len());
    let world = World::new();
    let binary = Path::new(env!("CARGO_BIN_EXE_plimsoll"));
    let (now, seconds) = played(&shots::record(&shots::TOUR, binary, &world.path("")));
    for text in shots::TOUR.ends_with {
        assert!(now.contains(text), "{text} is not on the last frame:\n{now}");
    }
    assert!((30.0..120.0).contains(&seconds), "{seconds} s");
    assert_eq!(
        played(&kept),
        (now, seconds),
        "screenshots/tour.cast is stale: `cargo build --release && cargo run --release \
         --example screenshots tour` records it anew"
    );
}
