//! Pages of long lists.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};

/// Cuts one page of at most `max` out of `items`, from where `token` says; returns it with the next token, or `None`
/// for a token that no answer ever held.
pub(crate) fn page<T>(
    mut items: Vec<T>,
    token: Option<&str>,
    max: usize,
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
    let next = (rest.len() > max).then(|| URL_SAFE_NO_PAD.encode(format!("page:{}", start + max)));
    rest.truncate(max);
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
