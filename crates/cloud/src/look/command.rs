//! Scripts on the instance, through SSM Run Command.

use crate::AwsCloud;
use crate::connect::failure::{Named as _, missing};
use aws_sdk_ssm::types::CommandInvocationStatus as Status;
use recipe_walk_engine::cloud::Command;
use recipe_walk_engine::failure::Failure;

impl AwsCloud {
    pub(crate) async fn send_command(
        &self,
        instance: &str,
        script: &str,
        timeout_seconds: u32,
    ) -> Result<String, Failure> {
        let operation = "ssm:SendCommand";
        let answer = self
            .ssm
            .send_command()
            .document_name("AWS-RunShellScript")
            .instance_ids(instance)
            // TimeoutSeconds is for the delivery alone; the script's own limit is a parameter of the document.
            .timeout_seconds(60)
            .parameters("commands", vec![script.to_owned()])
            .parameters("executionTimeout", vec![timeout_seconds.to_string()])
            .send()
            .await
            .named(operation)?;
        let id = answer.command.and_then(|c| c.command_id);
        id.ok_or_else(|| missing(operation, "CommandId"))
    }

    pub(crate) async fn look_at_command(&self, instance: &str, command: &str) -> Result<Command, Failure> {
        let call = self.ssm.get_command_invocation().instance_id(instance).command_id(command);
        let answer = call.send().await.named("ssm:GetCommandInvocation")?;
        let said = |text: Option<&str>| text.unwrap_or_default().to_owned();
        Ok(match answer.status() {
            Some(Status::Success | Status::Failed) => Command::Done {
                code: answer.response_code(),
                stdout: said(answer.standard_output_content()),
                stderr: said(answer.standard_error_content()),
            },
            Some(Status::TimedOut | Status::Cancelled) => {
                let details = answer.status_details().unwrap_or("no details");
                Command::Lost(format!("the command on the instance ended as {details}"))
            }
            _ => Command::Running,
        })
    }

    pub(crate) async fn cancel_command(&self, instance: &str, command: &str) -> Result<(), Failure> {
        let call = self.ssm.cancel_command().command_id(command).instance_ids(instance);
        call.send().await.named("ssm:CancelCommand").map(|_| ())
    }
}
