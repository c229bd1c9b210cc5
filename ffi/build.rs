//! Names the shared library, so that programs find the version that they were linked with.

#![allow(
    clippy::disallowed_methods,
    reason = "Cargo tells a build script everything by the environment"
)]

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    let var = |name: &str| std::env::var(name).unwrap_or_default();
    // cargo-c passes its own, which is the same.
    let elf = var("CARGO_CFG_TARGET_FAMILY") == "unix" && var("CARGO_CFG_TARGET_VENDOR") != "apple";
    if elf {
        // As cargo-c does, and as semantic versions ask for: before 1.0 a minor version may break.
        let major = var("CARGO_PKG_VERSION_MAJOR");
        let version = match major.as_str() {
            "0" => format!("0.{}", var("CARGO_PKG_VERSION_MINOR")),
            _ => major,
        };
        println!("cargo:rustc-cdylib-link-arg=-Wl,-soname,libgitlade.so.{version}");
    }
}
