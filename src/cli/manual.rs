//! Completions and the man page, from the one definition of the command line.

use clap::CommandFactory as _;

use super::args::Cli;
use super::{Done, output};

/// Prints completions for a shell.
///
/// # Errors
/// When stdout refuses.
pub fn completions(shell: clap_complete::Shell) -> Done {
    let mut text = Vec::new();
    clap_complete::generate(shell, &mut Cli::command(), "plimsoll", &mut text);
    output::print(&String::from_utf8_lossy(&text))?;
    Ok(0)
}

/// Prints the man page, every command in it.
///
/// # Errors
/// When stdout refuses.
pub fn man() -> Done {
    let mut text = Vec::new();
    let mut command = Cli::command();
    command.build();
    clap_mangen::Man::new(command.clone()).render(&mut text)?;
    for sub in command.get_subcommands().filter(|s| !s.is_hide_set() && s.get_name() != "help") {
        let man = clap_mangen::Man::new(sub.clone());
        text.extend_from_slice(
            format!(".SH \"PLIMSOLL {}\"\n", sub.get_name().to_uppercase()).as_bytes(),
        );
        man.render_description_section(&mut text)?;
        man.render_synopsis_section(&mut text)?;
        man.render_options_section(&mut text)?;
    }
    output::print(&String::from_utf8_lossy(&text))?;
    Ok(0)
}
