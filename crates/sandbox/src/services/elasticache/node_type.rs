//! Cache node types and the memory that AWS documents for each.

/// Type and `maxmemory` in bytes, from AWS's table of node-type specific parameters.
const TYPES: &[(&str, u64)] = &[
    ("cache.t2.micro", 581_959_680),
    ("cache.t2.small", 1_665_138_688),
    ("cache.t2.medium", 3_461_349_376),
    ("cache.t3.micro", 536_870_912),
    ("cache.t3.small", 1_471_026_299),
    ("cache.t3.medium", 3_317_862_236),
    ("cache.t4g.micro", 536_870_912),
    ("cache.t4g.small", 1_471_026_299),
    ("cache.t4g.medium", 3_317_862_236),
    ("cache.m5.large", 6_854_542_746),
    ("cache.m5.xlarge", 13_891_921_715),
    ("cache.m6g.large", 6_854_542_746),
    ("cache.m6g.xlarge", 13_891_921_715),
    ("cache.m7g.large", 6_854_542_746),
    ("cache.m7g.xlarge", 13_891_921_715),
    ("cache.r5.large", 14_037_181_030),
    ("cache.r6g.large", 14_037_181_030),
    ("cache.r7g.large", 14_037_181_030),
];

/// Whether a zone has a type. On AWS some zone always lacks some type; here it is this one, so that the refusal can be met.
pub(super) fn offered(node_type: &str, zone: &str) -> bool {
    !(node_type == "cache.m7g.xlarge" && zone.ends_with('c'))
}

/// A type's memory; `None` for a type that does not exist.
pub(super) fn memory(node_type: &str) -> Option<u64> {
    TYPES.iter().find(|(name, _)| *name == node_type).map(|(_, bytes)| *bytes)
}
