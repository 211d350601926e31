//! Pages of long lists.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};

/// Cuts one page of at most `max` out of `items`, from where `token` says; returns it with the next token, or `None`
/// for a token that no answer ever held.
pub(crate) fn page<T>(items: Vec<T>, token: Option<&str>, max: usize) -> Option<(Vec<T>, Option<String>)> {
    page_while(items, token, |page| page.len() <= max)
}

/// The same of as many as fit, but of one at least: nothing else would ever end.
pub(crate) fn page_while<T>(
    mut items: Vec<T>,
    token: Option<&str>,
    fits: impl Fn(&[T]) -> bool,
) -> Option<(Vec<T>, Option<String>)> {
    let start: usize = match token {
        None | Some("") => 0,
        Some(token) => {
            let bytes = URL_SAFE_NO_PAD.decode(token).ok()?;
            std::str::from_utf8(&bytes).ok()?.strip_prefix("page:")?.parse().ok()?
        }
    };
    if start > items.len() {
        return Some((Vec::new(), None));
    }
    let mut rest = items.split_off(start);
    let full = (1..rest.len()).find(|length| !fits(&rest[..=*length]));
    let next = full.map(|length| URL_SAFE_NO_PAD.encode(format!("page:{}", start + length)));
    rest.truncate(full.unwrap_or(rest.len()));
    Some((rest, next))
}

#[cfg(test)]
mod tests {
    use super::page;

    #[test]
    fn pages_make_the_whole_list() {
        let (first, token) = page(vec![1, 2, 3], None, 2).unwrap();
        assert_eq!(first, [1, 2]);
        let (second, end) = page(vec![1, 2, 3], token.as_deref(), 2).unwrap();
        assert_eq!((second, end), (vec![3], None));
        assert!(page(vec![1], Some("nonsense"), 2).is_none());
        assert_eq!(page(Vec::<u8>::new(), token.as_deref(), 2), Some((vec![], None)));
    }
}
