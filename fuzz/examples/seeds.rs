//! Writes the seeds of a fuzz target into a folder: `cargo run --example seeds -- TARGET FOLDER`.

use std::error::Error;
use std::path::PathBuf;

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let target = arguments.next().ok_or("which target?")?;
    let folder = PathBuf::from(arguments.next().ok_or("into which folder?")?);
    std::fs::create_dir_all(&folder)?;
    for (number, seed) in gitlade_tests::seeds::seeds(&target).iter().enumerate() {
        std::fs::write(folder.join(format!("seed-{number}")), seed)?;
    }
    Ok(())
}
