//! Names that someone may have meant who wrote one that is not there.

/// How many names are offered.
const MOST: usize = 3;

/// The names nearest to `wanted`, the nearest first; none where none resembles it.
pub fn nearest<'a>(wanted: &str, names: impl IntoIterator<Item = &'a str>) -> Vec<&'a str> {
    let mut near: Vec<(usize, &str)> = names
        .into_iter()
        .map(|name| (distance(wanted, name), name))
        .filter(|(distance, _)| *distance <= wanted.len().max(4) / 2)
        .collect();
    near.sort_unstable();
    near.dedup();
    near.into_iter().take(MOST).map(|(_, name)| name).collect()
}

/// Typing mistakes count singly; a name that holds the other whole is near, however long.
fn distance(wanted: &str, name: &str) -> usize {
    if name.contains(wanted) || wanted.contains(name) {
        return 1;
    }
    strsim::osa_distance(wanted, name)
}

/// `did you mean a, b, c?`, or what there is where nothing resembles it and there is little, or nothing.
pub fn offer<'a>(wanted: &str, names: impl IntoIterator<Item = &'a str> + Clone) -> String {
    let near = nearest(wanted, names.clone());
    if !near.is_empty() {
        return format!("did you mean {}?", near.join(", "));
    }
    let mut all: Vec<&str> = names.into_iter().collect();
    all.sort_unstable();
    all.dedup();
    match all.len() {
        0 => String::new(),
        1..=10 => format!("there are {}", all.join(", ")),
        _ => format!(
            "there are {} and {} more",
            all.get(..10).unwrap_or(&all).join(", "),
            all.len() - 10
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_typing_mistake_finds_its_name() {
        assert_eq!(nearest("terranets", ["default", "kube-system", "terranetes"]), ["terranetes"]);
    }

    #[test]
    fn a_part_of_a_name_finds_it() {
        assert_eq!(nearest("shop", ["production-shop-eu", "default"]), ["production-shop-eu"]);
    }

    #[test]
    fn where_nothing_resembles_it_what_there_is_is_said() {
        assert_eq!(offer("zzzzzz", ["default", "blog"]), "there are blog, default");
    }
}
