//! A Python that decodes, asked over a pipe.

use std::io::{Read, Write};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

/// Answers one question after the other: a codec and bytes in, text or nothing out.
const SCRIPT: &str = r#"
import struct, sys
questions, answers = sys.stdin.buffer, sys.stdout.buffer
def number():
    return struct.unpack("<I", questions.read(4))[0]
while True:
    head = questions.read(4)
    if not head:
        break
    codec = questions.read(struct.unpack("<I", head)[0]).decode()
    for _ in range(number()):
        content = questions.read(number())
        try:
            text = content.decode(codec).encode()
            answers.write(struct.pack("<i", len(text)) + text)
        except UnicodeError:
            answers.write(struct.pack("<i", -1))
    answers.flush()
"#;

/// A Python that decodes.
pub(crate) struct Python {
    child: Child,
    questions: ChildStdin,
    answers: ChildStdout,
}

impl Python {
    pub(crate) fn start() -> Self {
        let mut child = Command::new("python3")
            .args(["-I", "-c", SCRIPT])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("because the tests need Python: install the package python3");
        Python {
            questions: child.stdin.take().expect("because it is piped"),
            answers: child.stdout.take().expect("because it is piped"),
            child,
        }
    }

    /// The texts of many contents; `None` for what is malformed.
    pub(crate) fn decode(&mut self, codec: &str, contents: &[Vec<u8>]) -> Vec<Option<String>> {
        let Python {
            questions, answers, ..
        } = self;
        let mut asked = Vec::new();
        let count = |number: usize, asked: &mut Vec<u8>| {
            let number = u32::try_from(number).expect("because there is not so much of it");
            asked.extend_from_slice(&number.to_le_bytes());
        };
        count(codec.len(), &mut asked);
        asked.extend_from_slice(codec.as_bytes());
        count(contents.len(), &mut asked);
        for content in contents {
            count(content.len(), &mut asked);
            asked.extend_from_slice(content);
        }
        std::thread::scope(|scope| {
            scope.spawn(|| {
                questions.write_all(&asked).expect("because it reads");
                questions.flush().expect("because it reads");
            });
            contents.iter().map(|_| answer(answers)).collect()
        })
    }
}

fn answer(answers: &mut ChildStdout) -> Option<String> {
    let mut length = [0; 4];
    answers
        .read_exact(&mut length)
        .expect("because it answers each question");
    let length = usize::try_from(i32::from_le_bytes(length)).ok()?;
    let mut text = vec![0; length];
    answers
        .read_exact(&mut text)
        .expect("because it answers each question");
    Some(String::from_utf8(text).expect("because Python says so"))
}

impl Drop for Python {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
