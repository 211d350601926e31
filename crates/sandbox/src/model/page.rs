//! Pages of long lists.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};

/// Cuts one page of at most `max` out of `items`, from where `token` says; returns it with the next token, or `None`
/// for a token that no answer ever held. What lies behind the page is not looked at.
pub(crate) fn page<T>(
    items: impl IntoIterator<Item = T>,
    token: Option<&str>,
    max: usize,
) -> Option<(Vec<T>, Option<String>)> {
    page_while(items, token, |page| page.len() <= max)
}

/// The same of as many as fit, but of one at least: nothing else would ever end.
pub(crate) fn page_while<T>(
    items: impl IntoIterator<Item = T>,
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
    let mut page = Vec::new();
    for item in items.into_iter().skip(start) {
        page.push(item);
        if page.len() > 1 && !fits(&page) {
            page.pop();
            let next = URL_SAFE_NO_PAD.encode(format!("page:{}", start + page.len()));
            return Some((page, Some(next)));
        }
    }
    Some((page, None))
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
