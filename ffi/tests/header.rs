//! The committed header is the one that cbindgen makes.

use std::path::Path;

const CRATE: &str = env!("CARGO_MANIFEST_DIR");

/// Makes the header from the sources.
fn generated() -> String {
    let mut config = cbindgen::Config::from_file(Path::new(CRATE).join("cbindgen.toml"))
        .expect("because the file is beside this one");
    let read = |name: &str| {
        std::fs::read_to_string(Path::new(CRATE).join("src").join(name))
            .expect("because the file is among the sources")
    };
    config.header = Some(read("header.txt").trim_end().to_owned());
    config.after_includes = Some(read("header-types.txt").trim_end().to_owned());
    config.trailer = Some(read("header-trailer.txt").trim_end().to_owned());
    let bindings = cbindgen::Builder::new()
        .with_crate(CRATE)
        .with_config(config)
        .generate()
        .expect("because the sources compile");
    let mut header = Vec::new();
    bindings.write(&mut header);
    String::from_utf8(header).expect("because the sources are UTF-8")
}

/// Set `GITLADE_BLESS=1` to write the header, after a change of what is exported.
#[test]
#[expect(
    clippy::disallowed_methods,
    reason = "whoever changed the exports says by a variable that the header may follow"
)]
fn header_is_up_to_date() {
    let file = Path::new(CRATE).join("include/gitlade.h");
    let generated = generated();
    if std::env::var_os("GITLADE_BLESS").is_some() {
        std::fs::write(&file, &generated).expect("because the tree can be written");
    }
    let committed = std::fs::read_to_string(&file).expect("because it is committed");
    assert!(
        committed == generated,
        "include/gitlade.h is not what the sources say: GITLADE_BLESS=1 cargo test -p gitlade-ffi header"
    );
}
