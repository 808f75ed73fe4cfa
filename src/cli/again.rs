//! The command that was given, with what advice says in place of what it said.

use crate::plan::document::Advice;

/// Gives advice that has flags the whole command that carries it out.
pub(super) fn complete(advice: &mut [Advice]) {
    let given: Vec<String> = std::env::args().skip(1).collect();
    for one in advice {
        if one.command.is_none() && !one.flags.is_empty() {
            one.command = command(&given, &one.flags);
        }
    }
}

/// `planner` with the words given, less the flags that others replace; none where a word can't be
/// quoted for a shell.
fn command(given: &[String], flags: &[String]) -> Option<String> {
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

#[cfg(test)]
mod tests {
    use super::*;

    fn made(given: &str, flags: &str) -> String {
        let words = |line: &str| shlex::split(line).unwrap();
        command(&words(given), &words(flags)).unwrap()
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
}
