//! Asking a server what is at a URL.

use crate::detect::detection::Detected;
use crate::error::Error;
use crate::import::Options;
use crate::progress::Step;
use crate::remote::{
    FetchError, Greeting, NotGit, Probe, Prober, Remote, RemoteError, RemoteRef, ServerText, Watch,
    greet,
};
use crate::source::{OtherSystem, RemoteUrl};

/// What is at `url`, with `HEAD` and the refs that begin with one of `prefixes` if it is Git.
pub(super) fn ask(
    url: &RemoteUrl,
    prefixes: &[Vec<u8>],
    options: &Options,
    watch: &Watch,
) -> Result<(Detected, Vec<RemoteRef>), Error> {
    let Options { remote, limits, .. } = options;
    watch.progress().enter(Step::Detecting, 0, 0);
    let remote = Remote::watched(url, remote, limits, watch);
    let locate = |error: RemoteError| remote.locate(error.into());
    if url.path() == "/" {
        let found = something(&mut remote.prober().map_err(locate)?);
        let unknown = Detected::Unknown {
            status: None,
            content_type: None,
        };
        return Ok((found.map_err(locate)?.unwrap_or(unknown), Vec::new()));
    }
    let failure = match greet(&remote, prefixes) {
        Ok(greeting) => return Ok((git(&greeting, watch), greeting.refs)),
        Err(failure) => failure,
    };
    let Options { remote: given, .. } = options;
    let has_credentials = given.credentials.is_some() || given.provider.is_some();
    let look: fn(&mut Prober) -> Found = match &failure {
        FetchError::Remote(RemoteError::NotAGitServer(NotGit::DumbHttp)) => dumb,
        FetchError::Remote(RemoteError::AuthenticationRequired { .. }) => closed,
        FetchError::Remote(RemoteError::AccessDenied { .. }) if !has_credentials => closed,
        failure if failure.may_be_other_system() => something,
        _ => return Err(remote.locate(failure)),
    };
    let mut prober = remote.prober().map_err(locate)?;
    match look(&mut prober).map_err(locate)? {
        Some(found) => Ok((found, Vec::new())),
        // There is no more to ask by ssh and git.
        None => Err(remote.locate(failure)),
    }
}

type Found = Result<Option<Detected>, RemoteError>;

fn git(greeting: &Greeting, watch: &Watch) -> Detected {
    let head = greeting.refs.iter().find(|found| found.name == b"HEAD");
    let target = head.and_then(|head| head.symref_target.as_deref());
    let branch = target.and_then(|target| target.strip_prefix(b"refs/heads/"));
    Detected::GitSmart {
        protocol: greeting.protocol,
        object_format: greeting.object_format,
        default_branch: branch.map(|name| {
            let name = ServerText::new(name).redacted(watch.redactor());
            name.to_text()
        }),
        unborn: head.is_none_or(|head| head.id.is_none()),
    }
}

/// A Git repository that is served as static files.
fn dumb(prober: &mut Prober) -> Found {
    let head = prober.static_head()?;
    Ok(Some(Detected::GitDumb {
        default_branch: head.and_then(|head| head.branch),
    }))
}

/// A server that lets nobody in who is not known, and may say how one becomes so.
fn closed(prober: &mut Prober) -> Found {
    let answer = prober.refs()?;
    Ok(answer.map(|answer| needs_authentication(&answer)))
}

fn needs_authentication(answer: &Probe) -> Detected {
    Detected::NeedsAuthentication {
        schemes: answer.schemes(),
        realm: answer.realm.clone(),
    }
}

/// Something that is no Git server.
fn something(prober: &mut Prober) -> Found {
    if let Some(system) = prober.other_system()? {
        return Ok(Some(system.into()));
    }
    if let Some(head) = prober.static_head()? {
        return Ok(Some(Detected::GitDumb {
            default_branch: head.branch,
        }));
    }
    let Some(page) = prober.page()? else {
        return Ok(None);
    };
    let is_microsofts = page.has_header("x-tfs-processid");
    if is_microsofts && prober.path_is_tfvc() {
        return Ok(Some(OtherSystem::Tfvc.into()));
    }
    Ok(Some(match page.status {
        _ if page.is_login => needs_authentication(&page),
        401 | 403 | 407 => needs_authentication(&page),
        // A form in place of the page, which Azure sends.
        203 if is_microsofts => needs_authentication(&page),
        status @ (404 | 410) => Detected::Nothing {
            status: Some(status),
        },
        200..=299 if page.is_page() => Detected::WebPage {
            title: prober.title(&page),
        },
        status => Detected::Unknown {
            status: Some(status),
            content_type: page
                .content_type()
                .map(|text| prober.clean(text.as_bytes())),
        },
    }))
}
