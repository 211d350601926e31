//! Pages of long lists.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};

/// What pages are cut from.
pub(crate) trait Pages<T> {
    /// The items from a row on, each with the number of its row; several may have the same.
    fn from(self, row: u64) -> impl Iterator<Item = (u64, T)>;
}

/// A list is one row: what lies before a page is passed over.
impl<T, I: IntoIterator<Item = T>> Pages<T> for I {
    fn from(self, _row: u64) -> impl Iterator<Item = (u64, T)> {
        self.into_iter().map(|item| (0, item))
    }
}

/// Rows of a table, given the number to begin at: a page costs the same wherever it lies.
pub(crate) struct Rows<F>(pub(crate) F);

impl<T, I: Iterator<Item = (u64, T)>, F: FnOnce(u64) -> I> Pages<T> for Rows<F> {
    fn from(self, row: u64) -> impl Iterator<Item = (u64, T)> {
        (self.0)(row)
    }
}

/// Cuts one page of at most `max` out of `items`, from where `token` says; returns it with the next token, or `None`
/// for a token that no answer ever held. What lies behind the page is not looked at.
pub(crate) fn page<T>(
    items: impl Pages<T>,
    token: Option<&str>,
    max: usize,
) -> Option<(Vec<T>, Option<String>)> {
    page_while(items, token, |page| page.len() <= max)
}

/// The same of as many as fit, but of one at least: nothing else would ever end.
pub(crate) fn page_while<T>(
    items: impl Pages<T>,
    token: Option<&str>,
    fits: impl Fn(&[T]) -> bool,
) -> Option<(Vec<T>, Option<String>)> {
    let (first, told) = token.filter(|token| !token.is_empty()).map_or(Some((0, 0)), read)?;
    let (mut row, mut place) = (first, 0);
    let mut page = Vec::new();
    for (number, item) in items.from(first) {
        place = if number == row { place + 1 } else { 1 };
        row = number;
        if row == first && place <= told {
            continue;
        }
        page.push(item);
        if page.len() > 1 && !fits(&page) {
            page.pop();
            return Some((page, Some(URL_SAFE_NO_PAD.encode(format!("page:{row}:{}", place - 1)))));
        }
    }
    Some((page, None))
}

/// The row that a page begins in, and how many of its items came before.
fn read(token: &str) -> Option<(u64, u64)> {
    let bytes = URL_SAFE_NO_PAD.decode(token).ok()?;
    let (row, told) = std::str::from_utf8(&bytes).ok()?.strip_prefix("page:")?.split_once(':')?;
    Some((row.parse().ok()?, told.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_make_the_whole_list() {
        let (first, token) = page(vec![1, 2, 3], None, 2).unwrap();
        assert_eq!(first, [1, 2]);
        let (second, end) = page(vec![1, 2, 3], token.as_deref(), 2).unwrap();
        assert_eq!((second, end), (vec![3], None));
        assert!(page(vec![1], Some("nonsense"), 2).is_none());
        assert_eq!(page(Vec::<u8>::new(), token.as_deref(), 2), Some((vec![], None)));
    }

    #[test]
    fn pages_of_rows_begin_where_the_last_ended() {
        // The second row has three items, and the third goes before its page is asked for.
        let all = [(1, "a"), (2, "b"), (2, "c"), (2, "d"), (3, "e"), (4, "f")];
        let ask = |token: Option<&str>, gone: u64| {
            let left = move |from| all.into_iter().filter(move |(row, _)| *row >= from && *row != gone);
            page(Rows(left), token, 2).unwrap()
        };
        let (first, token) = ask(None, 0);
        let (second, token) = ask(token.as_deref(), 0);
        let (third, end) = ask(token.as_deref(), 3);
        assert_eq!((first, second, third, end), (vec!["a", "b"], vec!["c", "d"], vec!["f"], None));
    }
}
