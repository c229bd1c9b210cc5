//! The command line of OpenSSH.
//!
//! Everything that a URL says stands where ssh cannot take it for an option: the user behind `-l`,
//! the host behind `--`, the path in quotes for the shell on the other side.

use std::ffi::{OsStr, OsString};
use std::net::IpAddr;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use super::error::SshError;
use super::options::{HostKeys, SshOptions};
use crate::remote::Endpoint;
use crate::source::Host;

/// Settings that no configuration file may change: nobody is asked, nothing is forwarded, shared,
/// or run on this side. The first value that ssh gets for a setting counts, and these come first.
const FIXED: &[&str] = &[
    "BatchMode=yes",
    "RequestTTY=no",
    "ConnectionAttempts=1",
    "ServerAliveInterval=15",
    "ServerAliveCountMax=4",
    "ControlMaster=no",
    "ControlPath=none",
    "ForwardAgent=no",
    "ForwardX11=no",
    "ClearAllForwardings=yes",
    "PermitLocalCommand=no",
    "UpdateHostKeys=no",
    "EscapeChar=none",
    "LogLevel=ERROR",
    "SendEnv=GIT_PROTOCOL",
];

/// Builds the command that runs `git-upload-pack` for `path` on the other side.
///
/// `address` is the one that the policy has allowed; ssh dials it and no other, and looks for the
/// server's key under its name.
pub(super) fn command(
    options: &SshOptions,
    endpoint: &Endpoint,
    address: Option<IpAddr>,
    user: Option<&str>,
    path: &[u8],
    connect_timeout: Duration,
) -> Result<Command, SshError> {
    let mut command = Command::new(&options.program);
    let name = endpoint.host.to_bare_string();
    if name.starts_with('-') || user.is_some_and(|user| user.starts_with('-') || user.is_empty()) {
        return Err(invalid("a host or user that looks like an option"));
    }
    if !options.use_config {
        command.args(["-F", "none"]);
        // What ends a connection is told at a level at which the server's greeting is shown as well.
        // The first of these keeps OpenSSH before 8.5, which cannot tell them apart, from failing.
        command.args(["-o", "IgnoreUnknown=LogVerbose"]);
        command.args(["-o", "LogVerbose=packet.c:sshpkt_vfatal*"]);
    }
    for setting in FIXED {
        command.args(["-o", setting]);
    }
    command.arg("-o");
    command.arg(format!(
        "ConnectTimeout={}",
        connect_timeout.as_secs().max(1)
    ));
    command.args([
        "-o",
        match options.host_keys {
            HostKeys::Strict => "StrictHostKeyChecking=yes",
            HostKeys::AcceptNew => "StrictHostKeyChecking=accept-new",
        },
    ]);
    if let Some(file) = &options.known_hosts {
        command
            .arg("-o")
            .arg(file_setting("UserKnownHostsFile", file)?);
        command.args(["-o", "GlobalKnownHostsFile=none"]);
    }
    if let Some(key) = &options.key {
        command.arg("-o").arg(file_setting("IdentityFile", key)?);
        command.args(["-o", "IdentitiesOnly=yes", "-o", "IdentityAgent=none"]);
    }
    if let Some(address) = address {
        // A command line without a proxy is the only one on which the address is what is dialled.
        command.args(["-o", "ProxyCommand=none", "-o", "ProxyJump=none"]);
        command.arg("-o").arg(format!("HostName={address}"));
        if let Host::Name(name) = &endpoint.host {
            command
                .arg("-o")
                .arg(format!("HostKeyAlias={}", known_as(name, endpoint.port)));
        }
    }
    command.args(["-p", &endpoint.port.to_string()]);
    if let Some(user) = user {
        command.args(["-l", user]);
    }
    command.args(["--", &name]);
    command.arg(to_os(&remote_command(path))?);

    command.env("GIT_PROTOCOL", "version=2");
    command.env("SSH_ASKPASS_REQUIRE", "never");
    command.env_remove("SSH_ASKPASS");
    command.env_remove("DISPLAY");
    // Its messages are read, so they have to be in the language that is known here.
    command.env("LC_ALL", "C");
    command.stdin(Stdio::piped());
    command.stdout(Stdio::piped());
    command.stderr(Stdio::piped());
    Ok(command)
}

/// The name under which ssh keeps the key of a server: with the port, unless it is ssh's own.
fn known_as(name: &str, port: u16) -> String {
    match port {
        22 => name.to_owned(),
        port => format!("[{name}]:{port}"),
    }
}

/// What the shell on the other side runs.
fn remote_command(path: &[u8]) -> Vec<u8> {
    let mut command = b"git-upload-pack '".to_vec();
    for &byte in path {
        match byte {
            // As Git quotes (`sq_quote_buf`): an exclamation mark means something to csh.
            b'\'' | b'!' => command.extend_from_slice(&[b'\'', b'\\', byte, b'\'']),
            byte => command.push(byte),
        }
    }
    command.push(b'\'');
    command
}

/// `name="file"` for `-o`, in which quotes hold spaces together and a percent sign begins a token.
fn file_setting(name: &str, file: &Path) -> Result<OsString, SshError> {
    let bytes = file.as_os_str().as_encoded_bytes();
    if bytes.iter().any(|&byte| byte == b'"' || byte < b' ') || bytes.is_empty() {
        return Err(invalid("a file name with a quote or a control character"));
    }
    let mut setting = format!("{name}=\"").into_bytes();
    // OpenSSH takes a tilde for a home directory, and `${…}` for a variable.
    if bytes.starts_with(b"~") {
        setting.extend_from_slice(b"./");
    }
    if memchr::memmem::find(bytes, b"${").is_some() {
        return Err(invalid("a file name with \"${\""));
    }
    for &byte in bytes {
        if byte == b'%' {
            setting.push(b'%');
        }
        setting.push(byte);
    }
    setting.push(b'"');
    to_os(&setting)
}

#[cfg(unix)]
fn to_os(bytes: &[u8]) -> Result<OsString, SshError> {
    use std::os::unix::ffi::OsStrExt as _;
    Ok(OsStr::from_bytes(bytes).to_owned())
}

#[cfg(not(unix))]
fn to_os(bytes: &[u8]) -> Result<OsString, SshError> {
    std::str::from_utf8(bytes)
        .map(OsString::from)
        .map_err(|_| invalid("a path that is not UTF-8"))
}

fn invalid(what: &'static str) -> SshError {
    SshError::Invalid { what }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::Scheme;

    fn endpoint(host: &str, port: u16) -> Endpoint {
        Endpoint {
            scheme: Scheme::Ssh,
            host: Host::parse(host).expect("because the test's hosts are valid"),
            port,
        }
    }

    fn arguments(options: &SshOptions, endpoint: &Endpoint, path: &[u8]) -> Vec<String> {
        let address = Some("192.0.2.7".parse().expect("because it is an address"));
        let timeout = Duration::from_secs(30);
        let command = command(options, endpoint, address, Some("git"), path, timeout);
        command
            .expect("because the options are valid")
            .get_args()
            .map(|argument| argument.to_string_lossy().into_owned())
            .collect()
    }

    #[test]
    fn hosts_and_paths_stand_where_they_are_no_options() {
        let all = arguments(
            &SshOptions::default(),
            &endpoint("example.com", 22),
            b"/a/b.git",
        );
        let end = &all[all.len() - 7..];
        assert_eq!(
            end,
            [
                "-p",
                "22",
                "-l",
                "git",
                "--",
                "example.com",
                "git-upload-pack '/a/b.git'"
            ]
        );
        assert_eq!(&all[..2], ["-F", "none"]);
    }

    #[test]
    fn the_checked_address_is_dialled_under_the_known_name() {
        let all = arguments(
            &SshOptions::default(),
            &endpoint("example.com", 2222),
            b"/x",
        );
        for setting in [
            "HostName=192.0.2.7",
            "HostKeyAlias=[example.com]:2222",
            "ProxyCommand=none",
            "BatchMode=yes",
            "StrictHostKeyChecking=yes",
        ] {
            assert!(all.iter().any(|argument| argument == setting), "{setting}");
        }
    }

    #[test]
    fn files_are_quoted_for_sshs_own_syntax() {
        let options = SshOptions::default()
            .key("/a key/100%")
            .known_hosts("~odd")
            .host_keys(HostKeys::AcceptNew);
        let all = arguments(&options, &endpoint("example.com", 22), b"/x");
        for setting in [
            "IdentityFile=\"/a key/100%%\"",
            "UserKnownHostsFile=\"./~odd\"",
            "IdentitiesOnly=yes",
            "StrictHostKeyChecking=accept-new",
        ] {
            assert!(all.iter().any(|argument| argument == setting), "{setting}");
        }
        for file in ["a\"b", "a\nb", "${HOME}/key", ""] {
            assert!(
                file_setting("IdentityFile", Path::new(file)).is_err(),
                "{file:?}"
            );
        }
    }

    /// What a shell makes of the words is what was meant: asked of the shell itself.
    #[test]
    fn the_other_sides_shell_sees_one_word() {
        for path in [
            "/a b",
            "/it's",
            "/!x",
            "/$(touch pwned)",
            "/`id`",
            "/a\\b",
            "/-x",
        ] {
            let quoted = remote_command(path.as_bytes());
            let quoted = String::from_utf8(quoted).expect("because the paths are UTF-8");
            let script = quoted.replacen("git-upload-pack", "printf %s", 1);
            let output = Command::new("sh")
                .args(["-c", &script])
                .output()
                .expect("because there is a shell");
            assert_eq!(String::from_utf8_lossy(&output.stdout), path);
        }
    }

    #[test]
    fn users_that_look_like_options_are_refused() {
        for user in ["-oProxyCommand=x", ""] {
            let endpoint = endpoint("example.com", 22);
            let timeout = Duration::from_secs(1);
            let built = command(
                &SshOptions::default(),
                &endpoint,
                None,
                Some(user),
                b"/x",
                timeout,
            );
            assert!(built.is_err(), "{user:?}");
        }
    }
}
