//! Requests of several kinds as one enum, each told by the name of its kind.

/// Defines an enum over structs of the same names in a module, with the names of its kinds and the schema of each.
macro_rules! family {
    ($(#[$about:meta])* $family:ident of $module:ident { $($kind:ident $name:literal,)* }) => {
        $(#[$about])*
        #[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
        #[serde(tag = "kind")]
        #[allow(missing_docs, reason = "each kind is described where it is defined")]
        pub enum $family {
            $(#[serde(rename = $name)] $kind($module::$kind),)*
        }

        impl $family {
            /// The names of all kinds.
            pub const KINDS: &[&str] = &[$($name),*];

            /// The JSON schema of a kind's request; none where there is no kind of that name.
            pub fn schema(kind: &str) -> Option<schemars::Schema> {
                match kind {
                    $($name => Some(schemars::schema_for!($module::$kind)),)*
                    _ => None,
                }
            }
        }
    };
}
pub(crate) use family;
