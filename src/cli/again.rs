//! The command that was given, with what advice says in place of what it said.

use super::context::ANY;
use crate::plan::document::Advice;

/// What is said of one machine, and not of another that takes its place. A reserve is the user's.
const OF_A_MACHINE: [&str; 3] = ["--memory", "--macos", "--wired-limit"];

/// Whether a flag says what another command is to be asked for too: which machine, how much of it, and
/// which tasks.
fn is_shared(name: &str) -> bool {
    ["--machine", "--reserve", "--task", "--for"].contains(&name) || OF_A_MACHINE.contains(&name)
}

/// Gives advice that has flags the whole command that carries it out.
pub(super) fn complete(advice: &mut [Advice]) {
    let given = given();
    for one in advice {
        if one.command.is_none() && !one.flags.is_empty() {
            one.command = command(&given, &one.flags, &[]);
        }
    }
}

/// The command that asks one machine what was asked of all.
pub(super) fn on_machine(id: &str) -> String {
    of_one(&given(), id)
}

/// Another command, of the machine and the tasks that this one was told of.
pub(super) fn on_this_machine(words: &[&str]) -> Option<String> {
    of_machine(&given(), words)
}

fn of_machine(given: &[String], words: &[&str]) -> Option<String> {
    let mut command: Vec<&str> = [&["planner"], words].concat();
    let mut rest = given.iter().map(String::as_str).peekable();
    while let Some(word) = rest.next() {
        let name = word.split('=').next().unwrap_or(word);
        if is_shared(name) {
            command.push(word);
            command.extend(rest.next_if(|_| name == word));
        }
    }
    shlex::try_join(command).ok()
}

/// The command that was given, with some flags and without others; none where no other comes of it.
pub(super) fn changed(with: &[String], without: &[String]) -> Option<String> {
    let any = !with.is_empty() || !without.is_empty();
    // Left out, a default of the user's would hold.
    let overruled = without.iter().any(|flag| flag == "--engine");
    let overruled = overruled.then(|| ["--engine", ANY].map(str::to_owned));
    let with = [with, overruled.as_ref().map_or(&[], |flags| &flags[..])].concat();
    any.then(|| command(&given(), &with, without)).flatten()
}

fn given() -> Vec<String> {
    std::env::args().skip(1).collect()
}

fn of_one(given: &[String], id: &str) -> String {
    let of_all = [Gone::flag("--machines"), Gone::with_value("--price")];
    let words = less(given, &of_all);
    let flags = ["--machine".to_owned(), id.to_owned()];
    // What a shell can't be given did not come from one.
    command(&words, &flags, &[]).unwrap_or_else(|| format!("planner recommend --machine {id}"))
}

/// `planner` with the words given, less the flags that others replace and those that are to go; none
/// where a word can't be quoted for a shell.
fn command(given: &[String], flags: &[String], without: &[String]) -> Option<String> {
    let named = |word: &String, name: &str| word.split('=').next() == Some(name);
    let one_of_several = pairs(without).map(|(name, value)| {
        let several = given.iter().filter(|word| named(word, name)).count() > 1;
        Gone {
            only: value.filter(|_| several),
            ..Gone::of(name, value)
        }
    });
    let replaced = pairs(flags).map(|(name, value)| Gone::of(name, value));
    let elsewhere = flags.iter().any(|flag| flag == "--machine");
    let of_the_first = OF_A_MACHINE.into_iter().filter(|_| elsewhere);
    let of_the_first = of_the_first.map(Gone::with_value);
    let gone: Vec<Gone<'_>> = one_of_several.chain(replaced).chain(of_the_first).collect();
    let kept = less(given, &gone);
    let words = ["planner"].into_iter();
    let words = words.chain(kept.iter().chain(flags).map(String::as_str));
    shlex::try_join(words).ok()
}

/// A flag that is to go, wherever it stands.
#[derive(Clone, Copy)]
struct Gone<'f> {
    name: &'f str,
    takes_value: bool,
    /// Only where this is its value.
    only: Option<&'f str>,
}

impl<'f> Gone<'f> {
    const fn flag(name: &'f str) -> Self {
        Self {
            name,
            takes_value: false,
            only: None,
        }
    }

    const fn with_value(name: &'f str) -> Self {
        Self {
            takes_value: true,
            ..Self::flag(name)
        }
    }

    /// One that takes a value where it has one here.
    const fn of(name: &'f str, value: Option<&str>) -> Self {
        match value {
            Some(_) => Self::with_value(name),
            None => Self::flag(name),
        }
    }
}

/// Flags, each with its value where it has one.
fn pairs(flags: &[String]) -> impl Iterator<Item = (&str, Option<&str>)> {
    let mut rest = flags.iter().map(String::as_str).peekable();
    std::iter::from_fn(move || {
        let name = rest.next()?;
        Some((name, rest.next_if(|next| !next.starts_with("--"))))
    })
}

/// Words without some flags and what they are given, behind `=` or as the next word.
fn less(given: &[String], gone: &[Gone<'_>]) -> Vec<String> {
    let mut kept = Vec::new();
    let mut rest = given.iter().peekable();
    while let Some(word) = rest.next() {
        let (name, assigned) = match word.split_once('=') {
            Some((name, value)) => (name, Some(value)),
            None => (word.as_str(), None),
        };
        let value = assigned.or_else(|| rest.peek().map(|next| next.as_str()));
        let goes = |g: &&Gone<'_>| g.name == name && g.only.is_none_or(|only| value == Some(only));
        match gone.iter().find(goes) {
            Some(flag) if flag.takes_value && assigned.is_none() => drop(rest.next()),
            Some(_) => {}
            None => kept.push(word.clone()),
        }
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(line: &str) -> Vec<String> {
        shlex::split(line).unwrap()
    }

    fn made(given: &str, flags: &str) -> String {
        command(&words(given), &words(flags), &[]).unwrap()
    }

    #[test]
    fn flags_take_the_place_of_the_same_and_stand_beside_others() {
        assert_eq!(
            made("recommend --task code --slots 4", "--fill"),
            "planner recommend --task code --slots 4 --fill"
        );
        assert_eq!(
            made(
                "fit a --slots=8 --kv split --context 9",
                "--kv unified --slots 1"
            ),
            "planner fit a --context 9 --kv unified --slots 1"
        );
        assert_eq!(
            made("fit './my model.gguf'", "--context 4096"),
            "planner fit './my model.gguf' --context 4096"
        );
    }

    #[test]
    fn another_command_is_of_the_same_machine() {
        let made = |given: &str| of_machine(&words(given), &["fit", "a b"]).unwrap();
        assert_eq!(
            made("fit x/y --machine m1 --context 9 --memory 8GiB"),
            "planner fit 'a b' --machine m1 --memory 8GiB"
        );
        assert_eq!(made("fit --reserve"), "planner fit 'a b' --reserve");
        assert_eq!(
            made("fit x --task code=2 --depth 60k --for=office"),
            "planner fit 'a b' --task 'code=2' '--for=office'"
        );
    }

    #[test]
    fn flags_that_are_to_go_are_gone_and_others_of_their_name_stay() {
        let given = "recommend --pin a --min-tps 200 --pin=b --measured-only --pin c";
        let made = |without: &str| command(&words(given), &[], &words(without)).unwrap();
        assert_eq!(
            made("--pin b --min-tps 200.0"),
            "planner recommend --pin a --measured-only --pin c"
        );
        assert_eq!(
            made("--measured-only --pin c"),
            "planner recommend --pin a --min-tps 200 '--pin=b'"
        );
    }

    #[test]
    fn figures_of_a_machine_do_not_go_with_another() {
        let given =
            "recommend --machine a --memory 2GiB --reserve 1GiB --wired-limit=1GiB --macos 15";
        assert_eq!(
            made(given, "--machine b"),
            "planner recommend --reserve 1GiB --machine b"
        );
        assert_eq!(
            made(given, "--memory 4GiB"),
            "planner recommend --machine a --reserve 1GiB '--wired-limit=1GiB' --macos 15 --memory 4GiB"
        );
    }

    #[test]
    fn one_machine_is_asked_all_that_all_were() {
        let given = "recommend --for research --machines --agents 3 --price a=1 --machine b --price=c=2 --max-turn 60s";
        assert_eq!(
            of_one(&words(given), "m3-max-64gb"),
            "planner recommend --for research --agents 3 --max-turn 60s --machine m3-max-64gb"
        );
    }
}
