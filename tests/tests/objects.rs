//! Blobs in object stores: in memory, in a folder, and in a server that speaks like S3.
#![cfg(feature = "object-store")]

use std::io::Read;
use std::net::TcpListener;
use std::process::Command;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use gitlade::{BlobStore, Error, ErrorKind, ObjectBlobs, ObjectOptions, Put};
use gitlade_tests::conformance::{Conformance, digest, list, vector};
use gitlade_tests::patience::assert_within;
use gitlade_tests::random::Random;
use gitlade_tests::scratch;
use gitlade_tests::server::Moto;

const SECRET: &str = "canary-4711-secret/key+";

/// A store below `path` of a bucket at `endpoint`.
fn s3(endpoint: &str, path: &str, options: &ObjectOptions) -> Result<ObjectBlobs, Error> {
    let settings = [
        ("aws_endpoint", endpoint),
        ("AWS_REGION", "us-east-1"),
        ("aws_access_key_id", "AKIAIOSFODNN7EXAMPLE"),
        ("aws_secret_access_key", SECRET),
        ("allow_http", "true"),
    ];
    ObjectBlobs::open_with(&format!("s3://{path}"), &settings, options)
}

/// What is told of an error: of all of it.
fn told(error: &Error) -> String {
    let mut text = format!("{error}\n{error:?}\n");
    let mut cause = std::error::Error::source(error);
    while let Some(error) = cause {
        text.push_str(&format!("{error}\n{error:?}\n"));
        cause = error.source();
    }
    text
}

#[test]
fn objects_in_memory_conform() {
    let open = || ObjectBlobs::open("memory:///", &[]).expect("because nothing is needed");
    Conformance::new(|| Box::new(open())).run();
}

#[test]
fn objects_in_folders_conform() {
    let folder = scratch();
    let number = AtomicUsize::new(0);
    Conformance::new(|| {
        let number = number.fetch_add(1, Ordering::Relaxed);
        let url = format!("file://{}/{number}", folder.path().display());
        Box::new(ObjectBlobs::open(&url, &[]).expect("because there is room"))
    })
    .many(300, 40)
    .largest(20 << 20)
    .run();
}

#[test]
fn a_server_of_s3_conforms() {
    let moto = Moto::start();
    let number = AtomicUsize::new(0);
    Conformance::new(|| {
        // Some in a bucket of their own, some below a path.
        let number = number.fetch_add(1, Ordering::Relaxed);
        let bucket = format!("bucket-{number}");
        moto.make_bucket(&bucket);
        let path = ["", "/blobs", "/a/b c/%41"][number % 3];
        let store = s3(
            &moto.endpoint(),
            &format!("{bucket}{path}"),
            &ObjectOptions::default(),
        );
        Box::new(store.expect("because the settings suffice"))
    })
    .many(1_100, 12)
    .run();
}

#[test]
fn large_blobs_are_sent_in_parts_and_small_ones_on_a_condition() {
    let moto = Moto::start();
    moto.make_bucket("parts");
    let options = ObjectOptions::default().part_size(5 << 20).concurrency(3);
    let store = s3(&moto.endpoint(), "parts/here", &options).expect("because the settings suffice");
    let bytes = Random::new(1).bytes((12 << 20) + 1);
    let name = digest(&bytes);
    assert_eq!(store.put(&name, &bytes).expect("it is there"), Put::New);
    // The ETag of what was put in three parts ends so; that of one piece has no such end.
    let hex = name.to_string();
    let answer = moto.ask("HEAD", &format!("/parts/here/{}/{}", &hex[..2], &hex[2..]));
    let length = format!("content-length: {}", bytes.len());
    let answer = answer.to_ascii_lowercase();
    assert!(
        answer.contains(&length) && answer.contains("-3\""),
        "{answer}"
    );
    let mut reader = store
        .reader(&name)
        .expect("it is there")
        .expect("it is there");
    let mut read = Vec::new();
    reader.read_to_end(&mut read).expect("it is whole");
    assert!(read == bytes);

    let small = vector(10);
    let other = s3(&moto.endpoint(), "parts/here", &options).expect("because the settings suffice");
    assert_eq!(
        store.put(&digest(&small), &small).expect("it is there"),
        Put::New
    );
    assert_eq!(
        other.put(&digest(&small), &small).expect("it is there"),
        Put::Present
    );

    // What is not a blob is not listed.
    moto.ask("PUT", "/parts/here/README");
    moto.ask("PUT", &format!("/parts/here/{hex}"));
    moto.ask(
        "PUT",
        &format!("/parts/here/{}/{}.tmp", &hex[..2], &hex[2..]),
    );
    moto.ask("PUT", &format!("/parts/{}/{}", &hex[..2], &hex[2..]));
    assert_eq!(list(&store).len(), 2);
}

#[test]
fn what_goes_wrong_has_a_kind_and_tells_no_secret() {
    let moto = Moto::start();
    let once = ObjectOptions::default().retries(0);
    let (name, bytes) = (digest(b"x"), b"x");
    let missing = s3(&moto.endpoint(), "no-such-bucket", &once).expect("nothing was asked yet");
    let closed = {
        let listener = TcpListener::bind("127.0.0.1:0").expect("because there are ports");
        listener.local_addr().expect("because it is bound")
    };
    let closed = s3(&format!("http://{closed}"), "b", &once).expect("nothing was asked yet");
    let mut errors = vec![
        missing.put(&name, bytes).expect_err("there is no bucket"),
        missing
            .put(&name, &vector(9 << 20))
            .expect_err("there is no bucket"),
        closed.put(&name, bytes).expect_err("nobody listens"),
        closed.get(&name).expect_err("nobody listens"),
        closed.remove(&name).expect_err("nobody listens"),
    ];
    for error in &errors[2..] {
        assert_eq!(error.kind(), ErrorKind::ConnectionFailed, "{}", told(error));
        assert_eq!(error.digest(), Some(name));
        assert_eq!(error.url(), Some("s3://b"));
        assert!(error.advice().is_some());
    }
    let listed = missing.iter().expect("nothing was asked yet").next();
    errors.push(listed.expect("it fails").expect_err("there is no bucket"));
    for error in [
        ObjectBlobs::open("s3://b", &[("aws_secret_acess_key", SECRET)]),
        ObjectBlobs::open("gs://b", &[("google_bearer_token", SECRET)]),
        ObjectBlobs::open("gs://b", &[("google_service_account_key", SECRET)]),
        ObjectBlobs::open("az://b", &[("azure_storage_account_key", SECRET)]),
        ObjectBlobs::open("file:///tmp/x", &[("a", SECRET)]),
        ObjectBlobs::open_with("memory:///", &[], &ObjectOptions::default().part_size(0)),
    ] {
        let error = error.expect_err("the settings are wrong");
        assert_eq!(error.kind(), ErrorKind::InvalidOptions, "{}", told(&error));
        errors.push(error);
    }
    for url in [
        "",
        "x",
        "ftp://a/b",
        &format!("ssh://user:{SECRET}@host/x")[..],
        "http://a/b",
    ] {
        let error = ObjectBlobs::open(url, &[]).expect_err("it is none");
        assert_eq!(error.kind(), ErrorKind::InvalidSource, "{}", told(&error));
        errors.push(error);
    }
    let encoded = SECRET.replace('/', "%2F").replace('+', "%2B");
    for error in &errors {
        let told = told(error);
        assert!(!told.contains(SECRET) && !told.contains(&encoded), "{told}");
        assert!(!told.chars().any(|c| c.is_control() && c != '\n'), "{told}");
    }
    assert!(!format!("{closed:?}").contains("canary"));
}

#[test]
fn a_silent_server_is_not_waited_for() {
    let listener = TcpListener::bind("127.0.0.1:0").expect("because there are ports");
    let address = listener.local_addr().expect("because it is bound");
    let options = ObjectOptions::default()
        .retries(0)
        .stall_timeout(Duration::from_millis(300));
    let store = s3(&format!("http://{address}"), "b", &options).expect("nothing was asked yet");
    let start = Instant::now();
    let error = store.size(&digest(b"x")).expect_err("nobody answers");
    assert_eq!(error.kind(), ErrorKind::Timeout, "{}", told(&error));
    assert_within(Duration::from_secs(20), start.elapsed(), "asking");
}

#[test]
fn the_client_is_built_with_its_feature_only() {
    let tree = |features: &[&str]| {
        let output = Command::new(env!("CARGO"))
            .args([
                "tree",
                "--locked",
                "--offline",
                "--prefix",
                "none",
                "-e",
                "normal",
            ])
            .args(["-p", "gitlade"])
            .args(features)
            .current_dir(env!("CARGO_MANIFEST_DIR"))
            .output()
            .expect("because cargo runs this");
        assert!(output.status.success());
        let text = String::from_utf8(output.stdout).expect("because it is ASCII");
        let name = |line: &str| line.split(' ').next().map(str::to_owned);
        text.lines().filter_map(name).collect::<Vec<_>>()
    };
    let (without, with) = (tree(&[]), tree(&["--features", "object-store"]));
    for name in ["tokio", "reqwest", "hyper", "object_store"] {
        assert!(!without.iter().any(|other| other == name), "{name}");
        assert!(with.iter().any(|other| other == name), "{name}");
    }
    for name in [
        "aws-lc-rs",
        "aws-lc-sys",
        "native-tls",
        "openssl",
        "openssl-sys",
    ] {
        assert!(!with.iter().any(|other| other == name), "{name}");
    }
}
