//! Contenders taking turns.

use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use serde::Serialize;

use crate::git::Result;
use crate::measure::{self, Run};
use crate::stats::Summary;
use crate::table;

/// Makes the command of one run, which may write into the empty folder that it is given.
pub type Start = dyn Fn(&Path) -> Command;

/// Looks at what a run left, and fails unless the answer is right. What it returns is the run's
/// [`tail`](Sample::tail).
pub type Check = dyn Fn(&Run, &Path) -> Result<Option<Duration>>;

/// One way to do the work.
pub struct Contender {
    /// What it is called in the table.
    pub name: &'static str,
    /// See [`Start`].
    pub start: Box<Start>,
    /// See [`Check`]. Its time does not count.
    pub check: Box<Check>,
    /// Whether it is somebody else's, and may fail or take too long without ending everything.
    pub is_peer: bool,
}

/// The figures of one run.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Sample {
    /// Seconds from start to end.
    pub wall: f64,
    /// Seconds of user and system time of all its processes.
    pub cpu: f64,
    /// Bytes of anonymous memory at the peak, see [`Run::peak_anonymous`].
    pub anonymous: u64,
    /// Bytes of the largest resident set, see [`Run::peak_resident`].
    pub resident: u64,
    /// Seconds from the server's last byte to the end.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tail: Option<f64>,
}

/// All runs of one contender, in the order of the rounds.
#[derive(Clone, Debug, Serialize)]
pub struct Measured {
    /// The contender's name.
    pub name: &'static str,
    /// One for each round.
    pub samples: Vec<Sample>,
}

impl Measured {
    /// Sums up one figure.
    pub fn summary(&self, figure: impl Fn(&Sample) -> f64) -> Summary {
        Summary::of(self.samples.iter().map(figure)).expect("because there is at least one round")
    }

    /// Sums up the ratios of this contender's figure to that of `other`, round by round: what slows
    /// down the machine for a while slows down both.
    pub fn ratio(&self, other: &Measured, figure: impl Fn(&Sample) -> f64) -> Summary {
        let pairs = self.samples.iter().zip(&other.samples);
        Summary::of(pairs.map(|(this, other)| figure(this) / figure(other)))
            .expect("because there is at least one round")
    }

    /// The most anonymous memory of all rounds.
    pub fn peak_anonymous(&self) -> u64 {
        let peaks = self.samples.iter().map(|sample| sample.anonymous);
        peaks.max().unwrap_or(0)
    }
}

/// How long contenders take turns.
#[derive(Clone, Copy, Debug)]
pub struct Rounds {
    /// So often; once is the least.
    pub most: usize,
    /// After this no further round begins, and no peer in the first.
    pub until: Option<Instant>,
    /// What a peer may take for one run.
    pub patience: Duration,
}

impl From<usize> for Rounds {
    fn from(most: usize) -> Self {
        Rounds {
            most,
            until: None,
            patience: PATIENCE,
        }
    }
}

/// What a peer may take for one run, unless something else is said.
pub const PATIENCE: Duration = Duration::from_secs(150);

/// How often a peer runs at most that takes so many seconds: the spread of what is far away changes little.
const SLOW: [(f64, usize); 2] = [(30.0, 1), (5.0, 3)];

/// Lets all `contenders` run once a round, each in an empty folder inside of `work`. The order
/// rotates, so that none always runs after the same one. Returns the figures, and for each peer that
/// failed or took too long, and is not among them, a line that says so.
///
/// # Errors
///
/// If a contender that is no peer cannot be started, fails, or gives a wrong answer.
pub fn run(
    contenders: &[Contender],
    rounds: Rounds,
    work: &Path,
) -> Result<(Vec<Measured>, Vec<String>)> {
    let mut gone = Vec::new();
    let mut is_done = vec![false; contenders.len()];
    let mut measured: Vec<Measured> = contenders
        .iter()
        .map(|contender| Measured {
            name: contender.name,
            samples: Vec::new(),
        })
        .collect();
    for round in 0..rounds.most.max(1) {
        if round > 0 && rounds.until.is_some_and(|until| Instant::now() >= until) {
            break;
        }
        for turn in 0..contenders.len() {
            let number = (turn + round) % contenders.len();
            if is_done[number] {
                continue;
            }
            let contender = &contenders[number];
            let is_late = rounds.until.is_some_and(|until| Instant::now() >= until);
            if is_late && contender.is_peer && measured[number].samples.is_empty() {
                gone.push(format!("{}: the time is over", contender.name));
                is_done[number] = true;
                continue;
            }
            let sample = match run_once(contender, rounds.patience, work) {
                Ok(sample) => sample,
                Err(error) if contender.is_peer => {
                    eprintln!("  without {error}");
                    gone.push(error.to_string());
                    measured[number].samples.clear();
                    is_done[number] = true;
                    continue;
                }
                Err(error) => return Err(error),
            };
            let enough = SLOW.iter().find(|(seconds, _)| sample.wall > *seconds);
            is_done[number] =
                contender.is_peer && enough.is_some_and(|(_, most)| round + 1 >= *most);
            eprintln!(
                "  round {}: {} {}",
                round + 1,
                contenders[number].name,
                table::seconds(sample.wall)
            );
            measured[number].samples.push(sample);
        }
    }
    measured.retain(|one| !one.samples.is_empty());
    Ok((measured, gone))
}

fn run_once(contender: &Contender, patience: Duration, work: &Path) -> Result<Sample> {
    // What the one before left, if it failed, is nobody's.
    let folder = work.join("run");
    if folder.exists() {
        fs::remove_dir_all(&folder)?;
    }
    fs::create_dir_all(&folder)?;
    // What the one before wrote is not to be written to the disk at this one's expense.
    rustix::fs::sync();
    let patience = contender.is_peer.then_some(patience);
    let run = measure::run(&mut (contender.start)(&folder), patience)
        .map_err(|error| format!("{}: {error}", contender.name))?;
    if run.was_ended {
        let seconds = run.wall().as_secs();
        return Err(format!("{}: ended after {seconds} s", contender.name).into());
    }
    if !run.status.success() {
        return Err(format!("{} ended with {}", contender.name, run.status).into());
    }
    let tail =
        (contender.check)(&run, &folder).map_err(|error| format!("{}: {error}", contender.name))?;
    fs::remove_dir_all(&folder)?;
    Ok(Sample {
        wall: run.wall().as_secs_f64(),
        cpu: run.cpu.as_secs_f64(),
        anonymous: run.peak_anonymous,
        resident: run.peak_resident,
        tail: tail.map(|tail| tail.as_secs_f64()),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::cell::RefCell;
    use std::rc::Rc;

    fn contender(name: &'static str, log: &Rc<RefCell<Vec<&'static str>>>) -> Contender {
        let log = Rc::clone(log);
        Contender {
            name,
            start: Box::new(|folder| {
                let mut command = Command::new("sh");
                command
                    .args(["-c", "ls -A; touch left-over"])
                    .current_dir(folder);
                command
            }),
            check: Box::new(move |run, folder| {
                log.borrow_mut().push(name);
                if !run.output.is_empty() || !folder.join("left-over").exists() {
                    return Err("the folder was not empty".into());
                }
                Ok(Some(Duration::from_secs(2)))
            }),
            is_peer: false,
        }
    }

    #[test]
    fn contenders_take_turns_in_rotating_order_in_empty_folders() {
        let work = tempfile::tempdir().unwrap();
        let log = Rc::default();
        let contenders = [contender("a", &log), contender("b", &log)];
        let (measured, _) = run(&contenders, 3.into(), work.path()).unwrap();
        assert_eq!(*log.borrow(), ["a", "b", "b", "a", "a", "b"]);
        assert_eq!(measured[1].name, "b");
        assert_eq!(measured[1].samples.len(), 3);
        assert!(measured.iter().flat_map(|all| &all.samples).all(|sample| {
            sample.wall > 0.0 && sample.resident > 0 && sample.tail == Some(2.0)
        }));
    }

    #[test]
    fn no_round_begins_when_the_time_is_over() {
        let work = tempfile::tempdir().unwrap();
        let log = Rc::default();
        let rounds = Rounds {
            most: 3,
            until: Some(Instant::now()),
            patience: PATIENCE,
        };
        let (measured, _) = run(&[contender("a", &log)], rounds, work.path()).unwrap();
        assert_eq!(measured[0].samples.len(), 1);
    }

    #[test]
    fn a_contender_that_fails_or_errs_ends_it() {
        let work = tempfile::tempdir().unwrap();
        let failing = Contender {
            name: "failing",
            start: Box::new(|_| Command::new("false")),
            check: Box::new(|_, _| Ok(None)),
            is_peer: false,
        };
        let wrong = Contender {
            name: "wrong",
            start: Box::new(|_| Command::new("true")),
            check: Box::new(|_, _| Err("7 entries instead of 8".into())),
            is_peer: false,
        };
        let message = |one| run(&[one], 1.into(), work.path()).unwrap_err().to_string();
        assert!(message(failing).starts_with("failing ended with"));
        assert_eq!(message(wrong), "wrong: 7 entries instead of 8");
    }

    #[test]
    fn a_peer_that_fails_leaves_the_others_alone() {
        let work = tempfile::tempdir().unwrap();
        let log = Rc::default();
        let peer = |name, start: fn(&Path) -> Command| Contender {
            name,
            start: Box::new(start),
            check: Box::new(|_, _| Ok(None)),
            is_peer: true,
        };
        let endless = |_: &Path| {
            let mut command = Command::new("sleep");
            command.arg("600");
            command
        };
        let contenders = [
            peer("failing", |_| Command::new("false")),
            contender("a", &log),
            peer("endless", endless),
        ];
        let rounds = Rounds {
            patience: Duration::from_millis(50),
            ..2.into()
        };
        let (measured, gone) = run(&contenders, rounds, work.path()).unwrap();
        assert_eq!(measured.len(), 1);
        assert_eq!(measured[0].samples.len(), 2);
        assert!(gone[0].starts_with("failing ended with"), "{gone:?}");
        assert!(gone[1].starts_with("endless: ended after"), "{gone:?}");
    }

    #[test]
    fn ratios_compare_runs_of_the_same_round() {
        let measured = |walls: [f64; 3]| Measured {
            name: "",
            samples: walls
                .map(|wall| Sample {
                    wall,
                    cpu: 0.0,
                    anonymous: 0,
                    resident: 0,
                    tail: None,
                })
                .to_vec(),
        };
        let ratio = measured([1.0, 2.0, 30.0]).ratio(&measured([2.0, 4.0, 10.0]), |s| s.wall);
        assert_eq!((ratio.median, ratio.max), (0.5, 3.0));
    }
}
