//! The command that was given, with what advice says in place of what it said.

use crate::plan::document::Advice;

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

/// The command that was given, with some flags and without others; none where no other comes of it.
pub(super) fn changed(with: &[String], without: &[String]) -> Option<String> {
    let any = !with.is_empty() || !without.is_empty();
    any.then(|| command(&given(), with, without)).flatten()
}

fn given() -> Vec<String> {
    std::env::args().skip(1).collect()
}

fn of_one(given: &[String], id: &str) -> String {
    let mut words = Vec::new();
    let mut rest = given.iter();
    while let Some(word) = rest.next() {
        match word.as_str() {
            "--machines" => {}
            "--price" => drop(rest.next()),
            word if word.starts_with("--price=") => {}
            _ => words.push(word.clone()),
        }
    }
    let flags = ["--machine".to_owned(), id.to_owned()];
    // What a shell can't be given did not come from one.
    command(&words, &flags, &[]).unwrap_or_else(|| format!("planner recommend --machine {id}"))
}

/// `planner` with the words given, less the flags that others replace and those that are to go; none
/// where a word can't be quoted for a shell.
fn command(given: &[String], flags: &[String], without: &[String]) -> Option<String> {
    let given = &less(given, without);
    let mut words = vec!["planner"];
    let mut rest = given.iter().map(String::as_str).peekable();
    while let Some(word) = rest.next() {
        let (name, has_value) = word
            .split_once('=')
            .map_or((word, false), |(n, _)| (n, true));
        let Some(at) = flags.iter().position(|f| f == name) else {
            words.push(word);
            continue;
        };
        let takes_value = flags
            .get(at + 1)
            .is_some_and(|next| !next.starts_with("--"));
        if takes_value && !has_value {
            rest.next();
        }
    }
    words.extend(flags.iter().map(String::as_str));
    shlex::try_join(words).ok()
}

/// Words without some flags. Of a flag that stands several times, only the one of that value goes.
fn less(given: &[String], without: &[String]) -> Vec<String> {
    let mut words = given.to_vec();
    let mut gone = without.iter().peekable();
    while let Some(flag) = gone.next() {
        let value = gone.next_if(|next| !next.starts_with("--"));
        let assigned = |word: &String, value: &str| *word == format!("{flag}={value}");
        let is_flag = |word: &String| word == flag || word.starts_with(&format!("{flag}="));
        let alone = words.iter().filter(|word| is_flag(word)).count() == 1;
        let found = (0..words.len()).find(|&at| {
            let said =
                |value: &String| assigned(&words[at], value) || words.get(at + 1) == Some(value);
            is_flag(&words[at]) && (alone || value.is_none_or(said))
        });
        if let Some(at) = found {
            let apart = value.is_some() && words[at] == *flag;
            words.drain(at..(at + 1 + usize::from(apart)).min(words.len()));
        }
    }
    words
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
    fn one_machine_is_asked_all_that_all_were() {
        let given = "recommend --for research --machines --agents 3 --price a=1 --machine b --price=c=2 --max-turn 60s";
        assert_eq!(
            of_one(&words(given), "m3-max-64gb"),
            "planner recommend --for research --agents 3 --max-turn 60s --machine m3-max-64gb"
        );
    }
}
