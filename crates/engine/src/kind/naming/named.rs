//! The names by which a session finds its things again.

use crate::action::Action;
use crate::kind::{Arn, Kind, SecretUse};

impl Action {
    /// The name of its own, which begins with the session's id or lies below the session's path: a sweep finds it by that.
    /// None for what only belongs to something that has one.
    pub fn own_name(&mut self) -> Option<&mut String> {
        match self {
            Self::SecurityGroup(r) => Some(&mut r.name),
            Self::CacheSubnetGroup(r) => Some(&mut r.name),
            Self::CacheParameterGroup(r) => Some(&mut r.name),
            Self::Secret(r) => Some(&mut r.path),
            Self::Note(r) => Some(&mut r.path),
            Self::NoteKey(r) => Some(&mut r.path),
            Self::ReplicationGroup(r) => Some(&mut r.id),
            Self::DbSubnetGroup(r) => Some(&mut r.name),
            Self::DbInstance(r) => Some(&mut r.id),
            Self::Role(r) => Some(&mut r.name),
            Self::InstanceProfile(r) => Some(&mut r.name),
            Self::Instance(r) => Some(&mut r.name),
            Self::IngressRule(_)
            | Self::CacheParameters(_)
            | Self::TemporaryCacheParameters(_)
            | Self::RolePolicy(_)
            | Self::ProfileRole(_) => None,
        }
    }

    /// The path of the secret that it is.
    pub fn keeps(&self) -> Option<&str> {
        match self.properties().secret {
            SecretUse::Keeps(path) => Some(path),
            SecretUse::None | SecretUse::MadeWith(_) => None,
        }
    }

    /// The facts that are known of it once it was waited for, beside its id.
    pub fn attributes(&self) -> &'static [&'static str] {
        match self {
            Self::ReplicationGroup(_) => &["primary_host", "reader_host", "port"],
            Self::DbInstance(_) => &["host", "port", "version"],
            Self::Instance(_) => &["private_ip"],
            Self::SecurityGroup(_)
            | Self::CacheSubnetGroup(_)
            | Self::CacheParameterGroup(_)
            | Self::Secret(_)
            | Self::Note(_)
            | Self::NoteKey(_)
            | Self::DbSubnetGroup(_)
            | Self::Role(_)
            | Self::InstanceProfile(_)
            | Self::IngressRule(_)
            | Self::CacheParameters(_)
            | Self::TemporaryCacheParameters(_)
            | Self::RolePolicy(_)
            | Self::ProfileRole(_) => &[],
        }
    }
}

macro_rules! arn {
    ($($kind:ident $name:literal,)*) => {
        impl Action {
            /// The type of ARN that it is named by.
            pub fn arn(&self) -> Option<&'static Arn> {
                match self { $(Self::$kind(_) => <crate::kind::$kind as Kind>::arns().first(),)* }
            }
        }
    };
}
crate::kinds!(arn);
