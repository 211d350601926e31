//! The sandbox's own commands, and who may call it.

use crate::support::{Home, run, until};

#[test]
fn sandbox_starts_tells_its_endpoint_stops_and_resets() {
    let home = Home::new();
    home.run(&["sandbox", "env"]).expect(14);
    home.run(&["sandbox", "status"]).expect(14);
    home.serve(&["--no-engines"]);
    let env = home.sandbox_env();
    let names: Vec<&str> = env.iter().map(|(k, _)| k.as_str()).collect();
    for name in ["AWS_ENDPOINT_URL", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_REGION"] {
        assert!(names.contains(&name), "{names:?}");
    }
    home.run(&["sandbox", "stop"]).expect(0);
    until("nothing runs any more", || home.processes().is_empty());
    // The same endpoint and keys after a restart, new ones after a reset.
    home.serve(&["--no-engines"]);
    assert_eq!(home.sandbox_env(), env);
    home.run(&["sandbox", "reset"]).expect(0);
    home.serve(&["--no-engines"]);
    assert_ne!(home.sandbox_env(), env);
}

#[test]
fn a_second_server_on_the_same_state_is_refused() {
    let home = Home::new().without_engines();
    let said = home.run(&["sandbox", "serve", "--no-engines"]).expect(14);
    assert!(said.err.contains("already"), "{}", said.err);
}

#[test]
fn requests_without_the_key_are_refused_and_files_are_private() {
    use std::os::unix::fs::PermissionsExt as _;
    let home = Home::new().without_engines();
    for file in ["access.json", "world.jsonl"] {
        let mode =
            std::fs::metadata(home.state().join("sandbox").join(file)).expect(file).permissions().mode();
        assert_eq!(mode & 0o077, 0, "{file} has mode {mode:o}");
    }
    let mut env = home.sandbox_env();
    let endpoint = env[0].1.clone();
    for (name, value) in &mut env {
        if name == "AWS_SECRET_ACCESS_KEY" {
            value.push('x');
        }
    }
    let program = std::env::var("RECIPE_WALK_AWS").unwrap_or_else(|_| "aws".to_owned());
    for (service, action, code) in [
        ("sts", "get-caller-identity", "SignatureDoesNotMatch"),
        ("ec2", "describe-vpcs", "AuthFailure"),
        ("ssm", "describe-parameters", "InvalidSignatureException"),
    ] {
        let mut command = home.command(&program);
        command.envs(env.clone()).args([service, action, "--endpoint-url", &endpoint]);
        let said = run(&mut command);
        assert!(said.err.contains(code), "{service}: {said:?}");
    }
}

#[test]
fn bundled_demo_runs_alone_and_explains_a_wrong_url() {
    let home = Home::new();
    home.run(&["demo", "--help"]).expect(0);
    let said = home.run(&[
        "demo",
        "check",
        "--redis-url",
        "redis://127.0.0.1:1",
        "--mysql-url",
        "mysql://u@127.0.0.1:1/d",
    ]);
    assert_eq!(said.code, Some(3), "{said:?}");
}
