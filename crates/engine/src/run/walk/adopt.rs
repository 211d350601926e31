//! A step that the person does in another terminal: what is there is looked at, compared with the plan, and adopted.

use super::Walk;
use crate::action::Planned;
use crate::cloud::Found;
use crate::difference::Difference;
use crate::failure::Kind;
use crate::guide::{Choice, Inspected, Inspection, StepView};
use crate::plan::PlanError;
use crate::recipe::Step;
use crate::record::Record;
use crate::state::State;
use crate::stop::Stop;
use crate::tags;
use crate::take_away::{Insist, undo};
use crate::transition::Status;

impl Walk<'_> {
    /// Looks, tells and adopts until everything is there as planned, or the person wants something else.
    pub(super) async fn adopt(
        &self,
        step: &Step,
        plan: &dyn Fn(&State) -> Result<Vec<Planned>, PlanError>,
        lab: bool,
    ) -> Result<Option<Choice>, Stop> {
        let number = self.recipe.steps.iter().position(|s| s.id == step.id).map_or(0, |index| index + 1);
        loop {
            let found = self.inspect(plan).await?;
            if found.iter().all(|i| matches!(i.result, Inspected::Adopted(_))) {
                self.tools.guide.inspected(&found);
                return Ok(None);
            }
            self.tools.guide.inspected(&found);
            let state = self.tools.session.state();
            let planned = plan(&state)?;
            let total = self.recipe.steps.len();
            let view = StepView { step, number, total, state: &state, planned: &planned, lab };
            match self.tools.guide.mend(&view, &found) {
                Choice::Adopt => self.tools.check()?,
                other => return Ok(Some(other)),
            }
        }
    }

    /// Looks at everything the step makes. What is as planned is adopted at once.
    async fn inspect(
        &self,
        plan: &dyn Fn(&State) -> Result<Vec<Planned>, PlanError>,
    ) -> Result<Vec<Inspection>, Stop> {
        let mut found = Vec::new();
        loop {
            // Planned again after each, because ids become known on the way.
            let planned = plan(&self.tools.session.state())?;
            let Some(next) = planned.into_iter().nth(found.len()) else { return Ok(found) };
            let result = self.inspect_one(&next).await?;
            found.push(Inspection { planned: next, result });
        }
    }

    async fn inspect_one(&self, planned: &Planned) -> Result<Inspected, Stop> {
        let name = &planned.name;
        match self.tools.session.with(|s| (s.status(name), s.resource(name).cloned())) {
            (Status::Present, _) => return Ok(Inspected::Adopted(Vec::new())),
            // A deletion of it that died is taken to its end first, as the walk itself would do it.
            (Status::Undoing | Status::UndoFailed, Some(resource)) => {
                undo(&self.tools, &resource, Insist::Always).await?;
            }
            (Status::Undoing | Status::UndoFailed, None)
            | (Status::Untouched | Status::Intended | Status::Refused | Status::Unclear | Status::Gone, _) => {
            }
        }
        if planned.action.is_incomplete() {
            // What it refers to is not there yet.
            return Ok(Inspected::Missing(Vec::new()));
        }
        let found = match self.tools.read(|| self.tools.cloud.find(planned)).await {
            // What it is a setting of is not there yet.
            Err(Stop::Failed(f)) if f.kind() == Some(Kind::NotFound) => Found::Absent,
            other => other?,
        };
        let differences = match self.tools.read(|| self.tools.cloud.differences(planned)).await {
            Err(Stop::Failed(f)) if f.kind() == Some(Kind::NotFound) => Vec::new(),
            other => other?,
        };
        let output = match found {
            Found::Absent => return Ok(Inspected::Missing(differences)),
            Found::Foreign(whose) => {
                // Under our own random name without our tag, it is most likely the person's, who left the tags out.
                let line = self.tools.session.with(|s| {
                    let (_, opening) = s.opening.as_ref()?;
                    planned.tag_line(&opening.place)
                });
                let mut all = vec![untagged(planned, &whose, line)];
                all.extend(differences);
                return Ok(Inspected::Differs(all));
            }
            Found::Ours(_) if differences.iter().any(Difference::blocks) => {
                return Ok(Inspected::Differs(differences));
            }
            Found::Ours(output) => output,
        };
        // What it belongs to may be another than was planned still, and is then not the session's own.
        if self.tools.own(|| planned.action.describe(), &planned.action.refers_to()).is_err() {
            return Ok(Inspected::Missing(differences));
        }
        self.tools.session.record(Record::Intended(Box::new(planned.clone())))?;
        self.tools.session.record(Record::Adopted { name: name.clone(), output })?;
        Ok(Inspected::Adopted(differences))
    }
}

fn untagged(planned: &Planned, whose: &str, line: Option<String>) -> Difference {
    let session = planned.tags.session.as_str();
    Difference::harmless(&format!("tag {}", tags::SESSION), session, &format!("it belongs to {whose}")).must(
        "Without the tag nobody can tell that it is this session's, so clean-up would leave it, and it would go on costing.",
        format!("Add the session's tags:\n{}", line.unwrap_or_default()),
    )
}
