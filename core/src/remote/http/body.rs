//! What is received.

use std::io::{self, BufReader, Read};
use std::sync::Arc;

use ureq::BodyReader;

use crate::remote::http::exchange::Session;
use crate::remote::http::url::HttpUrl;

/// Bytes of an answer that are buffered for who looks at its begin; larger reads go past the buffer,
/// since ureq has one of its own.
const BUFFER: usize = 4 << 10;

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
            error.into_io()
        })
    }
}
