//! An option for each cap of the library.

use std::collections::BTreeMap;

use clap::builder::ValueParser;
use clap::{Arg, ArgMatches, Args, Command, FromArgMatches};
use gitlade::Limits;

use crate::describe::plain;
use crate::size::{parse_bytes, parse_count};

const HEADING: &str = "Limits";

/// The caps that the command line says.
#[derive(Clone, Debug, Default)]
pub(crate) struct LimitArgs {
    given: BTreeMap<&'static str, u64>,
}

impl LimitArgs {
    /// The library's defaults, but for those that were given.
    pub(crate) fn limits(&self) -> Limits {
        self.apply(Limits::default())
    }

    /// Puts those that were given in place of what `limits` has.
    pub(crate) fn apply(&self, mut limits: Limits) -> Limits {
        for (name, value) in &self.given {
            limits
                .set(name, *value)
                .expect("because the name is one of the list");
        }
        limits
    }
}

/// The name of the option for a cap: `max_blob` becomes `max-blob`.
pub(crate) fn option_name(limit: &str) -> String {
    limit.replace('_', "-")
}

impl Args for LimitArgs {
    fn augment_args(command: Command) -> Command {
        command.args(Limits::NAMES.iter().map(|name| argument(name)))
    }

    fn augment_args_for_update(command: Command) -> Command {
        Self::augment_args(command)
    }
}

fn argument(name: &'static str) -> Arg {
    let description = Limits::description(name).unwrap_or_default();
    let (value_name, parser) = if description.starts_with("Bytes") {
        ("SIZE", ValueParser::new(parse_bytes))
    } else {
        ("NUMBER", ValueParser::new(parse_count))
    };
    Arg::new(name)
        .long(option_name(name))
        .value_name(value_name)
        .value_parser(parser)
        .help(plain(description))
        .help_heading(HEADING)
        // The short help has room for the one that is wanted most.
        .hide_short_help(name != "max_blob")
}

impl FromArgMatches for LimitArgs {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, clap::Error> {
        let mut args = LimitArgs::default();
        args.update_from_arg_matches(matches)?;
        Ok(args)
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), clap::Error> {
        for name in Limits::NAMES {
            if let Some(value) = matches.get_one::<u64>(name) {
                self.given.insert(name, *value);
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_cap_has_an_option_that_sets_it_alone() {
        for name in Limits::NAMES {
            let command = LimitArgs::augment_args(Command::new("test"));
            let option = format!("--{}", option_name(name));
            let matches = command
                .try_get_matches_from(["test", &option, "7"])
                .unwrap_or_else(|error| panic!("{name}: {error}"));
            let found = LimitArgs::from_arg_matches(&matches)
                .expect("it parses")
                .limits();
            for other in Limits::NAMES {
                let expected = match other == name {
                    true => Some(7),
                    false => Limits::default().get(other),
                };
                assert_eq!(found.get(other), expected, "{option} changes {other}");
            }
        }
    }
}
