//! The kinds of IAM. A sweep lists all roles and profiles of the account and takes those that have a name of the session's:
//! IAM can be asked neither by tag nor by the beginning of a name, and which names a recipe gave is on record in the
//! journal alone, which a sweep must not trust. Listing takes two permissions more, both of which only read.

mod instance_profile;
mod profile_role;
mod role;
mod role_policy;

/// The most that IAM tells at once.
const PAGE: i32 = 1000;
