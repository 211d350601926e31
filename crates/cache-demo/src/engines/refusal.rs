//! What a server of Redis's kind says that cannot be this demo's cache, in words for a person.

use crate::error::Failure;

const ONE_NODE: &str = "Use a cache with cluster mode disabled, on ElastiCache by its primary endpoint. A cluster whose \
                        keys are all on one node serves as well.";

/// What the code of an error says about the kind of server; none where it says nothing about that.
pub(crate) fn explain(code: &str, place: &str) -> Option<Failure> {
    match code {
        "MOVED" | "ASK" | "CROSSSLOT" | "TRYAGAIN" => Some(moved(code, place)),
        "CLUSTERDOWN" => Some(cluster_down(place)),
        _ => None,
    }
}

/// A node of a cluster that another one's key was asked of.
pub(crate) fn moved(code: &str, place: &str) -> Failure {
    Failure::measurement(
        format!("Redis at {place} answers with {code}: cluster mode is on, and the keys are another node's."),
        "A node of a cluster serves a part of the keys, a replica none; the demo measures one node with all of them.",
        ONE_NODE,
    )
}

/// A cluster whose keys are on several nodes.
pub(crate) fn cluster(place: &str, nodes: &str) -> Failure {
    Failure::measurement(
        format!("Redis at {place} is one of {nodes} nodes of a cluster (cluster_enabled:1)."),
        "It answers for its own keys, and for all others with MOVED; the demo measures one node with all of them.",
        ONE_NODE,
    )
}

/// A cluster that is not whole.
pub(crate) fn cluster_down(place: &str) -> Failure {
    Failure::measurement(
        format!("Redis at {place} is in a cluster that is down (CLUSTERDOWN, cluster_state:fail)."),
        "Some of the 16384 slots of keys have no node, or too few nodes reach each other.",
        format!("See `CLUSTER INFO` and mend it (redis-cli --cluster fix {place}), or wait. {ONE_NODE}"),
    )
}

/// A Sentinel.
pub(crate) fn sentinel(place: &str) -> Failure {
    Failure::measurement(
        format!("Redis at {place} is a Sentinel, which holds no data."),
        "It watches a primary and its replicas, and tells where the primary is.",
        "Ask it with SENTINEL get-master-addr-by-name NAME, and give that address, usually with port 6379.",
    )
}
