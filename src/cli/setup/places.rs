//! Where man pages, completions and programs of one user are looked for: the XDG base directories,
//! and what bash-completion, zsh and fish say of theirs. With a prefix, the places of a system.

use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};

use crate::cli::CommandError;
use crate::cli::args::SetupShell;

/// The environment: a variable to its value.
type Variables<'a> = &'a dyn Fn(&str) -> Option<OsString>;

/// Where files go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct SetupPlaces {
    /// Pages of section 1.
    pub man: PathBuf,
    /// Programs.
    pub bin: PathBuf,
    bash: PathBuf,
    zsh: PathBuf,
    fish: PathBuf,
    shell: Option<OsString>,
    path: Option<OsString>,
    fpath: Option<OsString>,
    prefixed: bool,
    /// Directories that stay, whatever is in them.
    roots: Vec<PathBuf>,
}

impl SetupPlaces {
    /// The places of the user, or of a prefix.
    ///
    /// # Errors
    /// When there is no home directory and no prefix.
    pub(super) fn find(
        prefix: Option<&Path>,
        variable: Variables<'_>,
    ) -> Result<Self, CommandError> {
        // The specification has it that a path that is not absolute is to be ignored.
        let dir = |name: &str| variable(name).map(PathBuf::from).filter(|p| p.is_absolute());
        let named = ["HOME", "XDG_DATA_HOME", "XDG_CONFIG_HOME", "BASH_COMPLETION_USER_DIR"];
        let roots = match prefix {
            Some(prefix) => vec![prefix.to_owned()],
            None => named.into_iter().filter_map(dir).collect(),
        };
        let (share, bin, fish) = if let Some(prefix) = prefix {
            let share = prefix.join("share");
            let fish = share.join("fish/vendor_completions.d");
            (share, prefix.join("bin"), fish)
        } else {
            let home = dir("HOME").ok_or_else(|| {
                CommandError::Usage("no home directory: set HOME, or give --prefix DIR".to_owned())
            })?;
            let config = dir("XDG_CONFIG_HOME").unwrap_or_else(|| home.join(".config"));
            let share = dir("XDG_DATA_HOME").unwrap_or_else(|| home.join(".local/share"));
            (share, home.join(".local/bin"), config.join("fish/completions"))
        };
        let own = dir("BASH_COMPLETION_USER_DIR").filter(|_| prefix.is_none());
        Ok(Self {
            man: share.join("man/man1"),
            bin,
            bash: own.unwrap_or_else(|| share.join("bash-completion")).join("completions"),
            zsh: share.join("zsh/site-functions"),
            fish,
            shell: variable("SHELL"),
            path: variable("PATH"),
            fpath: variable("FPATH"),
            prefixed: prefix.is_some(),
            roots,
        })
    }

    /// The directories that were there before: those of the user, or the prefix.
    pub(super) fn roots(&self) -> &[PathBuf] {
        &self.roots
    }

    /// The file in which a shell looks for what completes `plimsoll`.
    pub(super) fn completion(&self, shell: SetupShell) -> PathBuf {
        match shell {
            SetupShell::Bash => self.bash.join("plimsoll"),
            SetupShell::Zsh => self.zsh.join("_plimsoll"),
            SetupShell::Fish => self.fish.join("plimsoll.fish"),
        }
    }

    /// The shell of the user, if it is one that looks into directories.
    pub(super) fn shell(&self) -> Option<SetupShell> {
        let name = Path::new(self.shell.as_ref()?).file_name()?;
        SetupShell::ALL.into_iter().find(|shell| name == OsStr::new(shell.name()))
    }

    /// What is left to do for whoever asked, if anything.
    pub(super) fn hints(&self, shells: &[SetupShell], kubectl: bool) -> Vec<String> {
        if self.prefixed {
            return Vec::new();
        }
        let mut hints = Vec::new();
        if shells.contains(&SetupShell::Bash) {
            let file = self.completion(SetupShell::Bash);
            hints.push(format!(
                "bash: install the package bash-completion if it is not there, or put `source {}` \
                 into ~/.bashrc",
                file.display()
            ));
        }
        if shells.contains(&SetupShell::Zsh) && !lists(self.fpath.as_ref(), &self.zsh) {
            hints.push(format!(
                "zsh: put `fpath=({} $fpath)` into ~/.zshrc, before compinit",
                self.zsh.display()
            ));
        }
        let on_path = lists(self.path.as_ref(), &self.bin);
        if kubectl && !on_path {
            hints.push(format!("kubectl: put {} on the PATH", self.bin.display()));
        }
        let man = self.man.parent().unwrap_or(&self.man);
        // man looks beside the directories of the PATH.
        if self.bin.parent().is_none_or(|beside| man != beside.join("share/man")) {
            hints.push(format!("man: `man -M {} plimsoll` shows its page", man.display()));
        } else if !kubectl && !on_path {
            hints.push(format!(
                "man: put {} on the PATH, by which `man plimsoll` finds its page, or call `man -M {} plimsoll`",
                self.bin.display(),
                man.display()
            ));
        }
        hints
    }
}

/// Whether a variable with directories in it names this one.
fn lists(variable: Option<&OsString>, dir: &Path) -> bool {
    variable.is_some_and(|all| std::env::split_paths(all).any(|one| one == dir))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn places(
        prefix: Option<&str>,
        variables: &[(&str, &str)],
    ) -> Result<SetupPlaces, CommandError> {
        let get = |name: &str| {
            let found = variables.iter().find(|(known, _)| *known == name);
            found.map(|(_, value)| OsString::from(value))
        };
        SetupPlaces::find(prefix.map(Path::new), &get)
    }

    #[test]
    fn places_are_those_of_the_base_directories() {
        let usual = places(None, &[("HOME", "/h"), ("XDG_DATA_HOME", "not/absolute")]).unwrap();
        assert_eq!(usual.man, Path::new("/h/.local/share/man/man1"));
        assert_eq!(usual.bin, Path::new("/h/.local/bin"));
        let of = |places: &SetupPlaces| {
            SetupShell::ALL.map(|shell| places.completion(shell).display().to_string())
        };
        assert_eq!(
            of(&usual),
            [
                "/h/.local/share/bash-completion/completions/plimsoll",
                "/h/.local/share/zsh/site-functions/_plimsoll",
                "/h/.config/fish/completions/plimsoll.fish",
            ]
        );
        let own = [
            ("HOME", "/h"),
            ("XDG_DATA_HOME", "/d"),
            ("XDG_CONFIG_HOME", "/c"),
            ("BASH_COMPLETION_USER_DIR", "/b"),
        ];
        let named = places(None, &own).unwrap();
        assert_eq!(named.man, Path::new("/d/man/man1"));
        assert_eq!(
            of(&named),
            [
                "/b/completions/plimsoll",
                "/d/zsh/site-functions/_plimsoll",
                "/c/fish/completions/plimsoll.fish"
            ]
        );
        let system = places(Some("/usr"), &own).unwrap();
        assert_eq!(
            of(&system),
            [
                "/usr/share/bash-completion/completions/plimsoll",
                "/usr/share/zsh/site-functions/_plimsoll",
                "/usr/share/fish/vendor_completions.d/plimsoll.fish",
            ]
        );
        assert_eq!(usual.roots(), [PathBuf::from("/h")]);
        assert_eq!(named.roots(), ["/h", "/d", "/c", "/b"].map(PathBuf::from));
        assert_eq!(system.roots(), [PathBuf::from("/usr")]);
        assert_eq!((system.man, system.bin), ("/usr/share/man/man1".into(), "/usr/bin".into()));
        assert!(places(None, &[]).is_err() && places(None, &[("HOME", "here")]).is_err());
    }

    #[test]
    fn the_shell_is_that_of_the_user() {
        let shell = |path: &str| places(None, &[("HOME", "/h"), ("SHELL", path)]).unwrap().shell();
        assert_eq!(shell("/usr/bin/fish"), Some(SetupShell::Fish));
        assert_eq!(shell("/bin/bash"), Some(SetupShell::Bash));
        assert_eq!(shell("zsh"), Some(SetupShell::Zsh));
        assert_eq!(
            (shell("/bin/sh"), shell(""), shell("/bin/bash/")),
            (None, None, Some(SetupShell::Bash))
        );
    }

    #[test]
    fn hints_are_given_where_something_is_left_to_do() {
        let home = ("HOME", "/h");
        let all = places(None, &[home]).unwrap().hints(&SetupShell::ALL, true);
        assert_eq!(all.len(), 3, "{all:?}");
        let ready = [
            home,
            ("PATH", "/usr/bin:/h/.local/bin"),
            ("FPATH", "/x:/h/.local/share/zsh/site-functions"),
        ];
        let none = places(None, &ready).unwrap().hints(&[SetupShell::Zsh, SetupShell::Fish], true);
        assert!(none.is_empty(), "{none:?}");
        let man = places(None, &[home]).unwrap().hints(&[], false);
        assert!(man.len() == 1 && man[0].contains("man -M /h/.local/share/man"), "{man:?}");
        assert!(man[0].contains("put /h/.local/bin on the PATH"), "{man:?}");
        // Elsewhere man does not find it by the PATH.
        let elsewhere = [home, ("XDG_DATA_HOME", "/d"), ("PATH", "/h/.local/bin")];
        let man = places(None, &elsewhere).unwrap().hints(&[], false);
        assert_eq!(man, ["man: `man -M /d/man plimsoll` shows its page"]);
    }
}
