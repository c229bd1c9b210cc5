#![no_main]
#![allow(missing_docs, reason = "libFuzzer's macro makes the only item")]

libfuzzer_sys::fuzz_target!(|input: &[u8]| gitlade_fuzz::rows(input));
