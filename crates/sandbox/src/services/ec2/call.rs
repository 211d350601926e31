//! One call, and what every operation here does with one.

use crate::model::{
    account::world::World,
    error::ApiError,
    node::Node,
    page::{self, Pages},
    params::Params,
};

/// Ids that one request may have ("Constraints: Up to 1000", service model).
pub(crate) const MOST: usize = 1000;

pub(crate) use crate::services::operation::{Call, dry_run};

impl Call<'_> {
    /// Changes the world, unless this is a dry run: then everything is checked and nothing kept.
    pub(crate) fn change<T>(&self, f: impl FnOnce(&mut World) -> Result<T, ApiError>) -> Result<T, ApiError> {
        self.ctx.change(|world| {
            let out = f(world)?;
            if self.dry { Err(dry_run()) } else { Ok(out) }
        })
    }
}

pub(crate) fn iso(time: jiff::Timestamp) -> String {
    time.strftime("%Y-%m-%dT%H:%M:%S.000Z").to_string()
}

/// Refuses a request that names too much. AWS's words are not known.
pub(crate) fn check_count(ids: &[String]) -> Result<(), ApiError> {
    if ids.len() <= MOST {
        return Ok(());
    }
    Err(ApiError::bad("InvalidParameterValue", format!("At most {MOST} ids may be given in one request.")))
}

/// A page of a described list, with its `nextToken`.
pub(crate) fn paged(p: &Params, items: impl Pages<Node>, list: &'static str) -> Result<Node, ApiError> {
    let max = match p.int("MaxResults")? {
        None => usize::MAX / 2,
        Some(n @ 5..=1000) => n as usize,
        Some(n) => {
            let text = format!(
                "Value ( {n} ) for parameter maxResults is invalid. Expecting a value between 5 and 1000."
            );
            return Err(ApiError::bad("InvalidParameterValue", text));
        }
    };
    let (items, next) = page::page(items, p.get("NextToken"), max)
        .ok_or_else(|| ApiError::bad("InvalidNextToken", "The specified NextToken is not valid."))?;
    Ok(Node::result().list(list, "item", items).opt("nextToken", next))
}

/// Whether an id has AWS's form: the prefix and 8 or 17 hexadecimal digits.
/// AWS's ids carry a checksum, so that invented ones are malformed; those that its documentation invents are known.
pub(crate) fn well_formed(id: &str, prefix: &str) -> bool {
    const INVENTED: [&str; 2] = ["-0abcdef1234567890", "-1234567890abcdef0"];
    !INVENTED.iter().any(|invented| id.ends_with(invented))
        && id.strip_prefix(prefix).and_then(|r| r.strip_prefix('-')).is_some_and(|hex| {
            matches!(hex.len(), 8 | 17)
                && hex.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b))
        })
}

/// A parameter with a value that EC2 does not take.
pub(crate) fn invalid(text: impl Into<String>) -> ApiError {
    ApiError::bad("InvalidParameterValue", text)
}

/// `use1-az1` for `us-east-1a`, in the order of the letters.
pub(crate) fn zone_id(zone: &str) -> String {
    let letter = zone.bytes().last().unwrap_or(b'a');
    format!("use1-az{}", letter.saturating_sub(b'a') + 1)
}
