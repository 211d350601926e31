//! What is done with subnet groups, the same for every service but for its words.

use super::name::page;
use super::subnet_group::{SubnetGroup, Subnets};
use crate::model::account::share::Quota;
use crate::model::account::table::Table;
use crate::model::account::world::World;
use crate::model::error::ApiError;
use crate::model::node::Node;
use crate::model::params::Params;
use crate::model::tag::Tag;
use crate::server::ctx::Ctx;
use crate::services::ec2::state::Ec2State;

/// The subnet groups of a service: where they are, and how it words what it refuses.
pub(crate) struct Kind {
    /// The parameter that names one.
    pub(crate) name: &'static str,
    pub(crate) service: &'static str,
    /// Before the name in an ARN.
    pub(crate) prefix: &'static str,
    pub(crate) quota: Quota,
    /// Of the group that is there without being made: the default VPC's subnets.
    pub(crate) default_description: &'static str,
    pub(crate) groups: fn(&World) -> &Table<SubnetGroup>,
    pub(crate) groups_mut: fn(&mut World) -> &mut Table<SubnetGroup>,
    /// The subnets of these ids, as the service takes them.
    pub(crate) subnets: fn(&Ec2State, &[String]) -> Result<Subnets, ApiError>,
    pub(crate) not_found: fn(&str) -> ApiError,
    /// The same where it was to be deleted.
    pub(crate) not_there: fn(&str) -> ApiError,
    pub(crate) exists: fn(&str) -> ApiError,
    pub(crate) exceeded: fn(usize) -> ApiError,
    /// The refusal to delete a group that something uses.
    pub(crate) in_use: fn(&World, &str) -> Option<ApiError>,
}

impl Kind {
    /// The group of this name.
    pub(crate) fn find(&self, ctx: &Ctx, world: &World, name: &str) -> Result<SubnetGroup, ApiError> {
        let name = name.to_ascii_lowercase();
        if let Some(group) = (self.groups)(world).find(&name) {
            return Ok(group.clone());
        }
        if name != "default" {
            return Err((self.not_found)(&name));
        }
        let ids: Vec<String> = world.ec2.subnets.iter().map(|subnet| subnet.id.clone()).collect();
        let (vpc_id, subnets) = (self.subnets)(&world.ec2, &ids)?;
        let arn = ctx.arn(self.service, &format!("{}:default", self.prefix));
        let description = self.default_description.to_owned();
        Ok(SubnetGroup { name, arn, description, vpc_id, subnets, tags: Vec::new() })
    }

    /// Makes a group whose name, description and tags are checked.
    pub(crate) fn create(
        &self,
        ctx: &Ctx,
        p: &Params,
        name: String,
        description: String,
        tags: Vec<Tag>,
    ) -> Result<SubnetGroup, ApiError> {
        let arn = ctx.arn(self.service, &format!("{}:{name}", self.prefix));
        ctx.change(|world| {
            let (vpc_id, subnets) = (self.subnets)(&world.ec2, &p.list("SubnetIds"))?;
            let groups = (self.groups_mut)(world);
            if groups.contains(&name) {
                return Err((self.exists)(&name));
            }
            let most = ctx.limit(&self.quota);
            if groups.len() >= most {
                return Err((self.exceeded)(most));
            }
            let group = SubnetGroup { name, arn, description, vpc_id, subnets, tags };
            groups.push(group.clone());
            Ok(group)
        })
    }

    /// The page of groups that a request asks for, as the service shows each.
    pub(crate) fn describe(
        &self,
        ctx: &Ctx,
        p: &Params,
        element: fn(&SubnetGroup) -> Node,
    ) -> Result<(Vec<Node>, Option<String>), ApiError> {
        let world = ctx.world();
        let groups: Vec<SubnetGroup> = match p.get(self.name).filter(|name| !name.is_empty()) {
            Some(name) => vec![self.find(ctx, &world, name)?],
            None => (self.groups)(&world).iter().cloned().collect(),
        };
        page(p, groups.iter().map(element))
    }

    pub(crate) fn delete(&self, ctx: &Ctx, name: &str) -> Result<Node, ApiError> {
        ctx.change(|world| {
            if !(self.groups)(world).contains(name) {
                return Err((self.not_there)(name));
            }
            if let Some(refusal) = (self.in_use)(world, name) {
                return Err(refusal);
            }
            (self.groups_mut)(world).remove(name);
            Ok(Node::result())
        })
    }
}
