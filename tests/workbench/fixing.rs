//! What a patch comes to, and taking it along.

use crate::world::World;

#[test]
fn p_works_out_what_the_patch_clears_and_escape_leads_back() {
    let world = World::new();
    let mut pty = world.open();
    pty.send("4");
    pty.wait_for("pay/web");
    pty.send("/check:=privileged-container\r");
    pty.wait_gone("shop/cart");
    pty.send("\r");
    pty.wait_for("works out what it clears");
    pty.send("p");
    pty.wait_for("nothing new fails");
    let text = pty.text();
    for part in [
        "Patch of Deployment/pay/web",
        "clears ",
        "privileged → ",
        "container app runs privileged",
        "privileged: false",
        "checks on every object of a patched copy",
    ] {
        assert!(text.contains(part), "{part} is missing:\n{text}");
    }
    pty.send("y");
    pty.wait_for("kubectl command");
    pty.send("c");
    pty.wait_for("Copied: kubectl command");
    pty.send("\x1b");
    pty.wait_for("◀ fails");
    pty.wait_for("Patch    clears 1 finding");
}
