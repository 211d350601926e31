//! The one list of kinds. Whatever dispatches over kinds is generated from it, here and in the cloud's crate: a kind that
//! one of them does not know is an error of the compiler.

/// Hands the list to a macro: each kind's type, and its name in recipes and journals.
#[macro_export]
macro_rules! kinds {
    ($macro:ident) => {
        $macro! {
            SecurityGroup "security-group",
            IngressRule "ingress-rule",
            CacheSubnetGroup "cache-subnet-group",
            CacheParameterGroup "cache-parameter-group",
            CacheParameters "cache-parameters",
            TemporaryCacheParameters "temporary-cache-parameters",
            Secret "secret",
            Note "note",
            NoteKey "note-key",
            ReplicationGroup "replication-group",
            DbSubnetGroup "db-subnet-group",
            DbInstance "db-instance",
            Role "role",
            RolePolicy "role-policy",
            InstanceProfile "instance-profile",
            ProfileRole "profile-role",
            Instance "instance",
        }
    };
}
