//! Our TOML in the user's, whose comments and order stay.

use toml_edit::{DocumentMut, Item, Table, TableLike};

use super::cant_merge::CantMerge;

pub(super) fn merged(existing: &str, ours: &str) -> Result<String, CantMerge> {
    let mut there = read(existing)?;
    let ours = read(ours)?;
    merge_table(there.as_table_mut(), ours.as_table())?;
    Ok(there.to_string())
}

/// What is left when the table or value at the end of this path is taken out; none where it is not
/// there.
pub(super) fn without(existing: &str, path: &[&str]) -> Result<Option<String>, CantMerge> {
    let mut document = read(existing)?;
    let Some((name, above)) = path.split_last() else {
        return Ok(None);
    };
    let mut holder: Option<&mut dyn TableLike> = Some(document.as_table_mut());
    for name in above {
        holder = holder
            .and_then(|table| table.get_mut(name))
            .and_then(Item::as_table_like_mut);
    }
    let gone = holder.and_then(|table| table.remove(name));
    Ok(gone.map(|_| document.to_string()))
}

fn read(text: &str) -> Result<DocumentMut, CantMerge> {
    text.parse().map_err(|error: toml_edit::TomlError| {
        let words = error.message().trim().replace('\n', " ");
        CantMerge(format!("it can't be read: {words}"))
    })
}

fn merge_table(there: &mut Table, ours: &Table) -> Result<(), CantMerge> {
    for (name, item) in ours {
        match (there.get_mut(name), item) {
            (Some(Item::Table(below)), Item::Table(more)) => merge_table(below, more)?,
            // A table is never replaced by a value, nor the other way round.
            (Some(Item::Value(value)), Item::Value(new)) => {
                let decor = value.decor().clone();
                *value = new.clone();
                *value.decor_mut() = decor;
            }
            (Some(_), _) => return Err(CantMerge(format!("its `{name}` is of another kind"))),
            (None, Item::Table(more)) => {
                let mut new = more.clone();
                // Where it stands follows from what is there.
                new.set_position(None);
                there.insert(name, Item::Table(new));
            }
            (None, new) => {
                there.insert(name, new.clone());
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_and_what_is_not_ours_stay() {
        let existing = "# mine\nmodel = \"old\" # which\n\n[model_providers.other]\nname = \"x\"\n";
        let ours = "# ours\nmodel = \"new\"\nmodel_provider = \"p\"\n\n[model_providers.p]\nname = \"P\"\n";
        let text = merged(existing, ours).unwrap();
        for kept in [
            "# mine",
            "# which",
            "[model_providers.other]",
            "model = \"new\"",
            "[model_providers.p]",
        ] {
            assert!(text.contains(kept), "{kept}: {text}");
        }
        let read: ::toml::Table = ::toml::from_str(&text).unwrap();
        assert_eq!(read["model_provider"].as_str(), Some("p"));
        assert_eq!(merged(&text, ours).unwrap(), text);
        assert!(merged("model = [", ours).is_err());
        assert!(merged("[model]\nx = 1\n", ours).is_err());
    }
}
