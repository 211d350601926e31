//! Places, names and directories as people have them, and machines that lack something: each is told before anything is
//! made.

use crate::support::{Home, PROGRAM, only_session, run};
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::{PermissionsExt as _, symlink};

/// A directory's name with everything that a configuration, a shell or a socket could misread.
const ODD: &str = "C# course: it's \"ü\" \\ $HOME; x=1";

fn told(said: &crate::support::Said) -> String {
    [said.out.as_str(), said.err.as_str()].concat().split_whitespace().collect::<Vec<_>>().join(" ")
}

#[test]
fn place_is_the_same_however_its_address_is_written() {
    let home = Home::new().without_engines();
    let environment = home.sandbox_env();
    let endpoint =
        environment.iter().find(|(name, _)| name == "AWS_ENDPOINT_URL").expect("an endpoint").1.clone();
    let with = |arguments: &[&str], endpoint: &str| {
        let mut command = home.recipe_walk(arguments);
        run(command.envs(environment.iter().cloned()).env("AWS_ENDPOINT_URL", endpoint))
    };
    let upper = endpoint.replace("http", "HTTP");
    // Without engines it stops at the first measurement.
    with(&["--aws", "--yes", "--keep"], &endpoint);
    let session = only_session(&home);
    for same in [format!("{endpoint}/"), format!("{endpoint}//"), upper] {
        with(&["status", &session, "--remote", "--aws"], &same).expect(0);
    }
    with(&["cleanup", &session, "--yes"], &format!("{endpoint}/")).expect(0);
    // The SDK takes what it cannot read for nothing, and asks AWS itself.
    for bad in ["127.0.0.1:4566", "localhost", "ftp://127.0.0.1", "http://", "http://127.0.0.1:99999"] {
        let said = with(&["sessions", "--remote", "--aws"], bad);
        assert_eq!(said.code, Some(12), "{bad}: {}", said.err);
        assert!(
            said.err.contains("AWS_ENDPOINT_URL") && said.err.contains("unset AWS_ENDPOINT_URL"),
            "{}",
            said.err
        );
    }
    let alone = with(&["sessions", "--remote", "--aws"], "http://127.0.0.1");
    assert!(!alone.err.contains("services"), "{}", alone.err);
}

#[test]
fn class_is_found_by_the_name_that_was_typed() {
    let home = Home::new().without_engines();
    let class = "June (group 1), Ana & Ben";
    home.run(&["--sandbox", "--yes", "--keep", "--cohort", class]).expect(0);
    let board = home.run(&["board", "--cohort", class, "--sandbox", "--once", "--json"]).expect(0).json();
    assert_eq!(board["attendees"].as_array().expect("attendees").len(), 1, "{board}");
    home.run(&["cleanup", "--cohort", class, "--sandbox", "--yes"]).expect(0);
    let nameless = home.run(&["board", "--cohort", " () ", "--sandbox", "--once"]);
    assert!(nameless.code == Some(2) && nameless.err.contains("letter"), "{}", nameless.err);
}

#[test]
fn whole_walk_works_below_directories_of_any_name() {
    let home = Home::new();
    let state = home.path().join(ODD).join("x".repeat(90));
    let temporary = home.path().join(format!("t {ODD}"));
    std::fs::create_dir_all(&temporary).expect("a directory");
    let mut walk = home.recipe_walk(&["--sandbox", "--yes"]);
    let said = run(walk.env("XDG_STATE_HOME", &state).env("TMPDIR", &temporary)).expect(0);
    assert!(said.out.contains("Nothing is left"), "{}", said.out);
    let left: Vec<_> =
        std::fs::read_dir(&temporary).expect("there").flatten().map(|e| e.file_name()).collect();
    assert!(left.is_empty(), "{left:?}");
}

#[test]
fn temporary_directory_that_is_not_there_is_passed_over() {
    let home = Home::new().without_engines();
    let state = home.path().join("y".repeat(110));
    let mut walk = home.recipe_walk(&["--sandbox", "--yes"]);
    run(walk.env("XDG_STATE_HOME", &state).env("TMPDIR", "/nonexistent")).expect(0);
    assert!(!std::path::Path::new("/nonexistent").exists());
}

#[test]
fn names_that_are_no_text_are_refused_or_left_out() {
    let home = Home::new();
    let odd = home.path().join(std::ffi::OsStr::from_bytes(b"not \xff text"));
    std::fs::create_dir(&odd).expect("a directory");
    let program = odd.join("recipe-walk");
    symlink(PROGRAM, &program).expect("a link");
    let said = run(home.command(&program).args(["cleanup", "rw-nosuch00"]));
    assert!(said.code != Some(101) && !said.err.contains("panicked"), "{}", said.err);
    let state = run(home.recipe_walk(&["sessions"]).env("XDG_STATE_HOME", &odd));
    assert!(state.code == Some(6) && state.err.contains("UTF-8"), "{}", state.err);
}

#[test]
fn too_few_open_files_are_told_before_anything_is_made() {
    let home = Home::new();
    let limited = |limit: &str, arguments: &str| {
        let script = format!("ulimit {limit}; exec '{PROGRAM}' {arguments}");
        run(home.command("sh").args(["-c", &script]))
    };
    for arguments in ["--sandbox --yes", "doctor", "sandbox serve"] {
        let said = limited("-n 64", arguments);
        assert_eq!(said.code, Some(14), "{arguments}: {}", told(&said));
        assert!(told(&said).contains("64 files open at once"), "{arguments}: {}", told(&said));
    }
    assert!(!home.state().join("sessions").exists(), "nothing was begun");
    // A low limit that may be raised is raised.
    let said = limited("-S -n 64", "doctor");
    assert!(!told(&said).contains("open at once"), "{}", told(&said));
}

#[test]
fn lone_loopback_address_is_told_before_anything_is_made() {
    let home = Home::new();
    let within = |arguments: &str| {
        let script = format!(
            "ip address add 127.0.0.1/32 dev lo && ip link set lo up && ip address del 127.0.0.1/8 dev lo 2>/dev/null; \
             exec '{PROGRAM}' {arguments}"
        );
        run(home.command("unshare").args(["--net", "--map-root-user", "sh", "-c", &script]))
    };
    if run(home.command("unshare").args(["--net", "--map-root-user", "ip", "link"])).code != Some(0) {
        eprintln!("left out: this machine lets nobody have a network namespace, or has no ip");
        return;
    }
    for arguments in ["--sandbox --yes", "doctor"] {
        let said = within(arguments);
        assert_eq!(said.code, Some(14), "{arguments}: {}", told(&said));
        assert!(
            told(&said).contains("127.0.0.1 alone") && told(&said).contains("ip address add"),
            "{}",
            told(&said)
        );
    }
}

#[test]
fn option_file_of_the_person_does_not_hide_the_database() {
    let home = Home::new();
    let file = home.path().join(".my.cnf");
    std::fs::write(&file, "this is no option file\n").expect("written");
    let said = run(home.recipe_walk(&["doctor"]).env("HOME", home.path())).expect(0);
    assert!(!told(&said).contains("not installed"), "{}", told(&said));
}

#[test]
fn open_directory_is_told_in_words_that_agree() {
    let home = Home::new().without_engines();
    let sandbox = home.state().join("sandbox");
    std::fs::set_permissions(&sandbox, std::fs::Permissions::from_mode(0o777)).expect("set");
    let said = home.run(&["--sandbox", "--yes"]);
    assert_eq!(said.code, Some(6), "{}", said.err);
    assert!(said.err.contains("others may write") && !said.err.contains("somebody else"), "{}", said.err);
}

#[test]
fn sandbox_says_itself_why_it_does_not_start() {
    let home = Home::new();
    let taken = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = taken.local_addr().expect("an address").port().to_string();
    let said = home.run(&["sandbox", "serve", "--detached", "--port", &port]);
    let lines: Vec<String> = serde_json::from_str(said.out.trim()).expect("lines");
    assert!(lines[0].contains(&port) && said.code == Some(14), "{said:?}");
}

#[test]
fn key_that_one_service_refuses_stops_before_anything_is_made() {
    let home = Home::new().without_engines();
    let environment = home.sandbox_env();
    let aws = |arguments: &[&str]| run(home.recipe_walk(arguments).envs(environment.iter().cloned()));
    let iam = ["iam:GetRole", "iam:SimulatePrincipalPolicy", "iam:GetPolicy"];
    let cache = ["elasticache:DescribeReplicationGroups"];
    for (operations, service) in [(&iam[..], "IAM"), (&cache[..], "ElastiCache")] {
        home.run(&["sandbox", "fault", "clear"]).expect(0);
        for operation in operations {
            home.run(&["sandbox", "fault", "add", operation, "unknown-key", "--times", "99"]).expect(0);
        }
        for arguments in [&["doctor", "--aws"][..], &["--aws", "--yes"]] {
            let said = aws(arguments);
            assert_eq!(said.code, Some(10), "{service} {arguments:?}: {}", told(&said));
            assert!(
                told(&said).contains(service) && told(&said).contains("does not take"),
                "{}",
                told(&said)
            );
        }
        assert_eq!(home.calls("CreateReplicationGroup"), 0);
    }
}

#[test]
fn program_that_gives_credentials_runs_once() {
    let home = Home::new().without_engines();
    let environment = home.sandbox_env();
    let of = |name: &str| {
        environment.iter().find(|(key, _)| key == name).map(|(_, value)| value.clone()).expect(name)
    };
    let (program, config, log) =
        (home.programs().join("give keys"), home.path().join("aws config"), home.programs().join("asked"));
    let text = format!(
        "#!/bin/sh\necho asked >> '{}'\necho '{{\"Version\":1,\"AccessKeyId\":\"{}\",\"SecretAccessKey\":\"{}\"}}'\n",
        log.display(),
        of("AWS_ACCESS_KEY_ID"),
        of("AWS_SECRET_ACCESS_KEY")
    );
    std::fs::write(&program, text).expect("written");
    std::fs::set_permissions(&program, std::fs::Permissions::from_mode(0o700)).expect("set");
    std::fs::write(
        &config,
        format!(
            "[default]\nregion = us-east-1\nendpoint_url = {}/\ncredential_process = \"{}\"\n",
            of("AWS_ENDPOINT_URL"),
            program.display()
        ),
    )
    .expect("written");
    run(home.recipe_walk(&["sessions", "--remote", "--aws"]).env("AWS_CONFIG_FILE", &config)).expect(0);
    assert_eq!(std::fs::read_to_string(&log).expect("asked"), "asked\n");
}

#[test]
fn bundle_of_certificates_that_cannot_be_read_is_named() {
    let home = Home::new();
    let keys = [
        ("AWS_ACCESS_KEY_ID", "AKIAEXAMPLE"),
        ("AWS_SECRET_ACCESS_KEY", "secret"),
        ("AWS_REGION", "us-east-1"),
    ];
    let bad = home.path().join("bad.pem");
    std::fs::write(&bad, "no certificate").expect("written");
    for bundle in ["/nowhere/bundle.pem", bad.to_str().expect("text")] {
        let mut command = home.recipe_walk(&["sessions", "--remote", "--aws"]);
        let said = run(command.envs(keys).env("AWS_CA_BUNDLE", bundle));
        assert!(said.code == Some(3) && said.err.contains(bundle), "{}", said.err);
    }
}

#[test]
fn list_of_what_counts_is_printed_in_both_ways() {
    let home = Home::new();
    let printed = home.run(&["environment"]).expect(0);
    let helped = home.run(&["help", "environment"]).expect(0);
    for name in ["XDG_STATE_HOME", "AWS_ENDPOINT_URL", "SIGTERM", "trusted-recipes"] {
        assert!(printed.out.contains(name) && helped.out.contains(name), "{name}");
    }
}
