//! What the account holds, service by service, and what each service contributes to it.

mod index;
pub(crate) mod part;
pub(crate) mod share;
pub(crate) mod table;
pub(crate) mod world;
