//! What is sent and received, as `gix_transport` wants to hold it.

use std::io::{self, BufRead, BufReader, Cursor, Read, Write};
use std::sync::{Arc, Mutex, PoisonError};

use ureq::BodyReader;
use ureq::http::{HeaderMap, Method};

use crate::remote::error::RemoteError;
use crate::remote::http::exchange::Session;
use crate::remote::http::url::HttpUrl;

/// Bytes of a request's body. Ours has a handful of lines.
const MAX_REQUEST: usize = 16 << 20;
/// Bytes of an answer that are buffered for who looks at its begin; larger reads go past the buffer,
/// since ureq has one of its own.
const BUFFER: usize = 4 << 10;

/// An answer that has begun: its headers as lines, and its body.
pub(super) struct Answer {
    pub(super) headers: Vec<u8>,
    pub(super) body: BufReader<AnswerReader>,
}

/// The body of an answer, with errors of ours.
pub(crate) struct AnswerReader {
    inner: BodyReader<'static>,
    session: Arc<Session>,
    url: HttpUrl,
}

impl AnswerReader {
    pub(super) fn buffered(
        body: ureq::Body,
        session: Arc<Session>,
        url: HttpUrl,
    ) -> BufReader<Self> {
        let inner = body.into_reader();
        BufReader::with_capacity(
            BUFFER,
            AnswerReader {
                inner,
                session,
                url,
            },
        )
    }
}

impl Read for AnswerReader {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        self.inner.read(buf).map_err(|error| {
            let error = self.session.explain(error.into(), &self.url);
            self.session.watch().failure().set(&error);
            error.into_io()
        })
    }
}

/// A request that is sent when its answer is first looked at: only then is its body complete.
pub(crate) struct Posting {
    pub(super) session: Arc<Session>,
    pub(super) url: HttpUrl,
    pub(super) headers: HeaderMap,
    pub(super) body: Vec<u8>,
    pub(super) state: PostState,
}

pub(super) enum PostState {
    Waiting,
    Answered(Parts),
    Failed(RemoteError),
}

/// What is left of an answer to be taken.
pub(super) struct Parts {
    headers: Option<Vec<u8>>,
    body: Option<BufReader<AnswerReader>>,
}

type SharedPosting = Arc<Mutex<Posting>>;

impl Posting {
    /// Sends the request, unless that was done.
    fn perform(&mut self) -> io::Result<&mut Parts> {
        if matches!(self.state, PostState::Waiting) {
            self.state = match self.answer() {
                Ok(Answer { headers, body }) => PostState::Answered(Parts {
                    headers: Some(headers),
                    body: Some(body),
                }),
                Err(error) => {
                    self.session.watch().failure().set(&error);
                    PostState::Failed(error)
                }
            };
        }
        match &mut self.state {
            PostState::Answered(parts) => Ok(parts),
            PostState::Failed(error) => Err(error.clone().into_io()),
            PostState::Waiting => unreachable!("because it was replaced above"),
        }
    }

    fn answer(&mut self) -> Result<Answer, RemoteError> {
        let body = std::mem::take(&mut self.body);
        let answer = self
            .session
            .exchange(&Method::POST, &self.url, &self.headers, &body)?;
        super::accept(
            answer,
            &self.session,
            &self.url,
            "application/x-git-upload-pack-result",
        )
    }
}

/// Where the body of a `POST` is written to.
pub(crate) struct PostBody(pub(super) SharedPosting);

impl Write for PostBody {
    fn write(&mut self, buf: &[u8]) -> io::Result<usize> {
        let mut posting = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if !matches!(posting.state, PostState::Waiting) {
            return Err(io::Error::other("the request was sent already"));
        }
        if posting.body.len() + buf.len() > MAX_REQUEST {
            return Err(io::Error::other("the request is too large"));
        }
        posting.body.extend_from_slice(buf);
        Ok(buf.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// The headers of an answer, line by line; those of a `POST` come with the first read.
pub(crate) enum Headers {
    Ready(Cursor<Vec<u8>>),
    Waiting(SharedPosting),
}

/// The body of an answer; that of a `POST` comes with the first read.
pub(crate) enum ResponseBody {
    Ready(Box<BufReader<AnswerReader>>),
    Waiting(SharedPosting),
}

impl Headers {
    fn ready(&mut self) -> io::Result<&mut Cursor<Vec<u8>>> {
        if let Headers::Waiting(posting) = self {
            let headers = {
                let mut posting = posting.lock().unwrap_or_else(PoisonError::into_inner);
                posting.perform()?.headers.take().unwrap_or_default()
            };
            *self = Headers::Ready(Cursor::new(headers));
        }
        match self {
            Headers::Ready(cursor) => Ok(cursor),
            Headers::Waiting(_) => unreachable!("because it was replaced above"),
        }
    }
}

impl ResponseBody {
    fn ready(&mut self) -> io::Result<&mut BufReader<AnswerReader>> {
        if let ResponseBody::Waiting(posting) = self {
            let body = {
                let mut posting = posting.lock().unwrap_or_else(PoisonError::into_inner);
                posting.perform()?.body.take()
            };
            let body = body.ok_or_else(|| io::Error::other("the answer was taken already"))?;
            *self = ResponseBody::Ready(Box::new(body));
        }
        match self {
            ResponseBody::Ready(body) => Ok(body),
            ResponseBody::Waiting(_) => unreachable!("because it was replaced above"),
        }
    }
}

impl Read for Headers {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        self.ready()?.read(buf)
    }
}

impl BufRead for Headers {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        self.ready()?.fill_buf()
    }

    fn consume(&mut self, amount: usize) {
        if let Headers::Ready(cursor) = self {
            cursor.consume(amount);
        }
    }
}

impl Read for ResponseBody {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        self.ready()?.read(buf)
    }
}

impl BufRead for ResponseBody {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        self.ready()?.fill_buf()
    }

    fn consume(&mut self, amount: usize) {
        if let ResponseBody::Ready(body) = self {
            body.consume(amount);
        }
    }
}
