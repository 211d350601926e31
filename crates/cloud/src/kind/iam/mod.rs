//! The kinds of IAM. A sweep lists all roles and profiles of the account, for IAM can be asked neither by tag nor by the
//! beginning of a name, and which names a recipe gave is on record in the journal alone, which a sweep must not trust.
//! The tags of those with another name are looked at one by one where they are younger than the session: what is older is
//! none of its own. All of that only reads.

mod instance_profile;
mod profile_role;
mod role;
mod role_policy;

/// The path of roles that belong to services: nobody else makes one there.
const SERVICES: &str = "/aws-service-role/";
/// The most that IAM tells at once.
const PAGE: i32 = 1000;
