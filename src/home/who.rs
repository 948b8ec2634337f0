//! Who does it, for the history (R25): the account, the machine that the SSH line came from, and on an account that
//! several people use, the name they gave.

use std::env;
use std::fmt;
use std::fs;

use serde::{Deserialize, Serialize};

/// A person, as far as this machine knows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Who {
    /// The account.
    pub user: String,
    /// The address of the SSH client.
    pub ssh: Option<String>,
    /// What `--as` said.
    pub name: Option<String>,
}

impl Who {
    /// The person of this process.
    pub fn now(name: Option<&str>) -> Who {
        let variable = |name: &str| env::var(name).ok().filter(|value| !value.is_empty());
        let uid = rustix::process::getuid().as_raw();
        let accounts = fs::read_to_string("/etc/passwd").unwrap_or_default();
        // The account's entry first: a variable says what somebody set. Accounts of a directory service have no entry.
        let user = account(&accounts, uid).or_else(|| variable("USER")).or_else(|| variable("LOGNAME"));
        Who {
            user: user.unwrap_or_else(|| format!("uid {uid}")),
            ssh: variable("SSH_CONNECTION").or_else(|| variable("SSH_CLIENT")).and_then(|line| client(&line)),
            name: name.map(str::to_owned),
        }
    }
}

impl fmt::Display for Who {
    /// `ops (Kathryn) from 192.0.2.7`
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.user)?;
        if let Some(name) = &self.name {
            write!(f, " ({name})")?;
        }
        self.ssh.iter().try_for_each(|ssh| write!(f, " from {ssh}"))
    }
}

/// The account of a user number among the lines of `/etc/passwd`.
fn account(lines: &str, uid: u32) -> Option<String> {
    lines.lines().find_map(|line| {
        let mut parts = line.split(':');
        let (name, number) = (parts.next()?, parts.nth(1)?);
        (number.parse() == Ok(uid) && !name.is_empty()).then(|| name.to_owned())
    })
}

/// The address in `SSH_CONNECTION` or `SSH_CLIENT`: their first word, if it is one.
fn client(line: &str) -> Option<String> {
    let word = line.split_whitespace().next()?;
    let address = word.split('%').next()?;
    address.parse::<std::net::IpAddr>().ok().map(|_| word.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn r25_account_ssh_client_and_name_are_told() {
        let who = Who { user: "ops".into(), ssh: client("192.0.2.7 50122 22"), name: Some("Kathryn".into()) };
        assert_eq!(who.to_string(), "ops (Kathryn) from 192.0.2.7");
        assert_eq!(client("fe80::1%eth0 50122 192.0.2.1 22").as_deref(), Some("fe80::1%eth0"));
        assert_eq!(client("\x1b[2J 1 2"), None);
    }

    #[test]
    fn accounts_are_found_by_number() {
        let lines = "root:x:0:0:root:/root:/bin/sh\nbroken\nops:x:1000:1000::/home/ops:/bin/sh\n";
        assert_eq!(account(lines, 1000).as_deref(), Some("ops"));
        assert_eq!(account(lines, 7), None);
    }
}
