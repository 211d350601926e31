//! An operation of a service: what it does, which permissions it needs, and what can happen to it.

use crate::{
    model::{
        account::world::World, caller::Caller, error::ApiError, node::Node, params::Params,
        permission::Permission,
    },
    server::ctx::Ctx,
};
use serde_json::Value;
use std::{pin::Pin, sync::Arc};

/// An operation that is implemented.
pub(crate) struct Operation {
    pub(crate) name: &'static str,
    pub(crate) run: Run,
    pub(crate) needs: Needs,
    /// Whether it makes something that others refer to.
    pub(crate) makes: bool,
    /// The service-linked role that it needs.
    pub(crate) linked: Option<Linked>,
    /// What it is about before that has a name: the end of an ARN.
    pub(crate) about: Option<&'static str>,
}

/// What an operation does with a call.
pub(crate) enum Run {
    Call(fn(&Call<'_>) -> Result<Node, ApiError>),
    Form(fn(&Arc<Ctx>, &Params) -> Result<Node, ApiError>),
    /// The same of what waits for engines.
    Later(fn(Arc<Ctx>, Params) -> Later<Result<Node, ApiError>>),
    Json(fn(&Arc<Ctx>, &Value) -> Result<Value, ApiError>),
}

/// Something that takes a while.
pub(crate) type Later<T> = Pin<Box<dyn Future<Output = T> + Send>>;

/// One call by a form, where more than its parameters counts.
pub(crate) struct Call<'a> {
    pub(crate) ctx: &'a Arc<Ctx>,
    pub(crate) caller: &'a Caller,
    pub(crate) p: &'a Params,
    /// Checks everything and keeps nothing.
    pub(crate) dry: bool,
}

/// The permissions that a call needs, its own action first.
pub(crate) enum Needs {
    /// Whoever is known may ask.
    Nothing,
    /// Its own action, on everything.
    Own,
    Form(fn(&Ctx, &World, &str, &Params) -> Vec<Permission>),
    Json(fn(&Ctx, &World, &str, &Value) -> Vec<Permission>),
}

/// A service-linked role that an operation needs.
#[derive(Clone, Copy)]
pub(crate) struct Linked {
    /// What is said where there is none and the caller may not make one.
    pub(crate) refusal: fn() -> ApiError,
}

impl Operation {
    pub(crate) const fn new(name: &'static str, run: Run, needs: Needs) -> Self {
        Self { name, run, needs, makes: false, linked: None, about: None }
    }

    pub(crate) const fn call(
        name: &'static str,
        run: fn(&Call<'_>) -> Result<Node, ApiError>,
        needs: Needs,
    ) -> Self {
        Self::new(name, Run::Call(run), needs)
    }

    pub(crate) const fn form(
        name: &'static str,
        run: fn(&Arc<Ctx>, &Params) -> Result<Node, ApiError>,
        needs: Needs,
    ) -> Self {
        Self::new(name, Run::Form(run), needs)
    }

    pub(crate) const fn later(
        name: &'static str,
        run: fn(Arc<Ctx>, Params) -> Later<Result<Node, ApiError>>,
        needs: Needs,
    ) -> Self {
        Self::new(name, Run::Later(run), needs)
    }

    pub(crate) const fn json(
        name: &'static str,
        run: fn(&Arc<Ctx>, &Value) -> Result<Value, ApiError>,
        needs: Needs,
    ) -> Self {
        Self::new(name, Run::Json(run), needs)
    }

    /// It makes something that others refer to.
    pub(crate) const fn making(mut self) -> Self {
        self.makes = true;
        self
    }

    pub(crate) const fn linked(mut self, refusal: fn() -> ApiError) -> Self {
        self.linked = Some(Linked { refusal });
        self
    }

    pub(crate) const fn about(mut self, what: &'static str) -> Self {
        self.about = Some(what);
        self
    }
}

/// The answer to an action that AWS has and the sandbox does not.
pub(crate) fn unimplemented_query(action: &str) -> ApiError {
    ApiError::bad(
        "InvalidAction",
        format!("The recipe-walk sandbox does not implement the operation {action}."),
    )
}

/// The same for JSON services.
pub(crate) fn unimplemented_json(operation: &str) -> ApiError {
    ApiError::bad(
        "UnknownOperationException",
        format!("The recipe-walk sandbox does not implement the operation {operation}."),
    )
}

/// The answer to a call that was to check everything and keep nothing, and would have succeeded.
pub(crate) fn dry_run() -> ApiError {
    ApiError::new("DryRunOperation", 412, "Request would have succeeded, but DryRun flag is set.")
}
