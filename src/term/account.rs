//! Under which name decisions are recorded.

/// The name of the configuration, of the environment, of the system's users, or the number of the
/// account: a decision always says whose it is. `var` reads a variable, none where it says nothing.
#[must_use]
pub fn name(configured: Option<&str>, var: impl Fn(&str) -> Option<String>) -> String {
    let environment = || ["USER", "LOGNAME", "USERNAME"].into_iter().find_map(var);
    configured.map(str::to_owned).or_else(environment).unwrap_or_else(system)
}

/// The name by which the system knows the account of this process, or its number.
#[cfg(unix)]
fn system() -> String {
    let uid = rustix::process::getuid().as_raw();
    let users = std::fs::read_to_string("/etc/passwd").unwrap_or_default();
    user(&users, uid).map_or_else(|| format!("uid {uid}"), str::to_owned)
}

/// Elsewhere an account is known by its variable alone.
#[cfg(not(unix))]
fn system() -> String {
    "an account without a name".to_owned()
}

/// The name of an account in a list of users as `passwd(5)` describes it.
#[cfg(unix)]
fn user(users: &str, uid: u32) -> Option<&str> {
    users.lines().find_map(|line| {
        let mut fields = line.split(':');
        let (name, number) = (fields.next()?, fields.nth(1)?);
        (number.parse() == Ok(uid) && !name.is_empty()).then_some(name)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(unix)]
    #[test]
    fn an_account_is_known_by_its_number() {
        let users = "root:x:0:0:root:/root:/bin/sh\n# a line\nada:x:1000:1000::/home/ada:/bin/sh\n";
        assert_eq!(user(users, 1000), Some("ada"));
        assert_eq!(user(users, 0), Some("root"));
        assert_eq!(user(users, 7), None);
        assert_eq!(user("", 0), None);
    }

    #[test]
    fn what_is_configured_comes_before_what_the_system_says() {
        let var = |name: &str| (name == "LOGNAME").then(|| "grace".to_owned());
        assert_eq!(name(Some("ada"), var), "ada");
        assert_eq!(name(None, var), "grace");
        assert!(!name(None, |_| None).is_empty());
    }
}
