//! Results of other tools brought in: all files or none, saved before that is said.

use crate::world::World;

const RESULTS: &str = include_str!("../imports/worker-1.json");

#[test]
fn a_file_of_results_is_brought_in_and_judged_and_a_broken_one_is_not() {
    let world = World::new();
    world.write("worker-1.json", RESULTS);
    world.write("bad.json", "{\n\"Controls\": [}\n");
    let mut pty = world.open();
    let import = |pty: &mut crate::pty::Pty, files: &str| {
        pty.send(":");
        pty.wait_for("Command");
        pty.send("import\r");
        pty.wait_for("Import results");
        pty.send(files);
        pty.wait_for(files);
        pty.send("\r");
    };
    import(&mut pty, "worker-1.json bad.json");
    pty.wait_for("nothing was imported");
    pty.wait_for("bad.json:2:");
    assert!(world.session().state().imports.is_empty(), "one of two was taken");

    // The form is there again with what was typed.
    pty.send("\x15worker-1.json\r");
    // What it says of files of nodes is judged as well: the checks run again.
    assert_eq!(world.run(2).number, 2);
    pty.wait_for("over 2 runs");
    pty.send("gl");
    pty.wait_for("of kube-bench (");
    import(&mut pty, "worker-1.json");
    pty.wait_for("nothing is taken twice");
    let session = world.session();
    let imports = &session.state().imports;
    assert_eq!(imports.len(), 1);
    assert_eq!(imports[0].origin, "worker-1.json");
}
