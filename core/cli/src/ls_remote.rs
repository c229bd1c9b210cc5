//! `gitlade ls-remote`

use std::ffi::OsStr;
use std::io::{self, IsTerminal, Write};

use gitlade::{ErrorKind, Printable, RemoteRef, Source};

use crate::args::LsRemoteArgs;
use crate::failure::Failure;
use crate::interrupt::Interrupt;
use crate::output::Output;
use crate::progress::Display;
use crate::source;

pub(crate) fn run(args: &LsRemoteArgs, interrupt: &Interrupt) -> Result<(), Failure> {
    let url = match source::parse(OsStr::new(&args.url))? {
        Source::Remote(url) => url,
        _ => {
            let text = "it is a path of this machine, not a URL";
            return Err(Failure::new(ErrorKind::InvalidSource, text)
                .hint("write https://HOST/PATH, ssh://HOST/PATH or user@HOST:PATH"));
        }
    };
    let options = args.remote.options()?;
    let control = interrupt.control();
    let display = Display::start(args.progress, &control.progress);
    let limits = &args.limits.limits();
    let refs = gitlade::ls_remote(&url, &options, limits, &control.cancel, &control.progress)?;
    drop(display);
    Output::stdout()?.write_bytes(&listing(&refs, args.symref, io::stdout().is_terminal()))
}

/// What `git ls-remote` prints: an id, a tab and a name a line, and `^{}` after the name of a tag
/// for what it is about. On a terminal the names are made fit for it.
fn listing(refs: &[RemoteRef], with_symrefs: bool, for_people: bool) -> Vec<u8> {
    let mut text = Vec::new();
    let mut line = |before: &dyn std::fmt::Display, name: &[u8], after: &str| {
        let mut write = || -> io::Result<()> {
            write!(text, "{before}\t")?;
            if for_people {
                write!(text, "{}", Printable(name))?;
            } else {
                text.write_all(name)?;
            }
            writeln!(text, "{after}")
        };
        write().expect("because writing to memory does not fail");
    };
    for found in refs {
        if let Some(target) = found.symref_target.as_deref().filter(|_| with_symrefs) {
            line(&format_args!("ref: {}", Printable(target)), &found.name, "");
        }
        if let Some(id) = found.id {
            line(&id, &found.name, "");
        }
        if let Some(peeled) = found.peeled {
            line(&peeled, &found.name, "^{}");
        }
    }
    text
}
