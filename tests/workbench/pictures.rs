//! The pictures of the README show what the binary shows.

use std::path::Path;

use crate::shots;
use crate::world::World;

/// The words of a picture, without colours and places.
fn words(svg: &str) -> Vec<String> {
    let text = |rest: &str| {
        rest.split_once('>').and_then(|(_, t)| t.split_once("</text>")).map(|(t, _)| t.to_owned())
    };
    svg.split("<text").skip(1).filter_map(text).collect()
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
