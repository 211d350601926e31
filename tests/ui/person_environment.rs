//! What a person's environment, files and disks say never leads a call of the sandbox anywhere else.

use crate::support::{Home, PROGRAM, run};

/// Variables and a profile that would each send a call elsewhere, or sign it with something else.
const ELSEWHERE: [(&str, &str); 10] = [
    ("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "true"),
    ("AWS_USE_FIPS_ENDPOINT", "true"),
    ("AWS_USE_DUALSTACK_ENDPOINT", "true"),
    ("AWS_ENDPOINT_URL_STS", "http://127.0.0.1:9"),
    ("AWS_ENDPOINT_URL_EC2", "http://127.0.0.1:9"),
    ("AWS_SESSION_TOKEN", "stale"),
    ("AWS_PROFILE", "elsewhere"),
    ("AWS_DEFAULT_PROFILE", "elsewhere"),
    ("HTTP_PROXY", "http://127.0.0.1:9"),
    ("http_proxy", "http://127.0.0.1:9"),
];

/// Writes a configuration whose default profile points elsewhere too; answers its path.
fn config(home: &Home) -> String {
    let file = home.path().join("aws-config");
    let text = "[default]\nendpoint_url = http://127.0.0.1:9\nuse_fips_endpoint = true\nignore_configured_endpoint_urls = true\n\
                services = other\n[services other]\nsts =\n  endpoint_url = http://127.0.0.1:9\n[profile elsewhere]\nregion = eu-west-3\n";
    std::fs::write(&file, text).expect("the file");
    file.display().to_string()
}

#[test]
fn sandbox_walk_takes_nothing_from_environment_or_files() {
    let home = Home::new().without_engines();
    let file = config(&home);
    for (name, value) in ELSEWHERE.into_iter().chain([("AWS_CONFIG_FILE", file.as_str())]) {
        let mut walk = home.recipe_walk(&["sessions", "--remote", "--sandbox"]);
        let said = run(walk.env(name, value));
        assert_eq!(said.code, Some(0), "{name}={value}: {}", said.err);
    }
    let mut walk = home.recipe_walk(&["--sandbox", "--yes"]);
    run(walk.envs(ELSEWHERE).env("AWS_CONFIG_FILE", &file)).expect(0);
}

#[test]
fn printed_environment_wins_over_all_that_leads_elsewhere() {
    let home = Home::new().without_engines();
    let file = config(&home);
    let aws = std::env::var("RECIPE_WALK_AWS").unwrap_or_else(|_| "aws".to_owned());
    let script = format!(
        "eval \"$('{PROGRAM}' sandbox env)\"; '{aws}' sts get-caller-identity --output text && \
         '{aws}' --endpoint-url \"$AWS_ENDPOINT_URL\" ec2 describe-vpcs --output text"
    );
    for (name, value) in ELSEWHERE.into_iter().chain([("AWS_CONFIG_FILE", file.as_str())]) {
        let said = run(home.command("sh").args(["-c", &script]).env(name, value)).expect(0);
        assert!(
            said.out.contains("user/sandbox") && said.out.contains("vpc-"),
            "{name}={value}: {}",
            said.out
        );
    }
}

#[test]
fn state_directory_that_runs_no_programs_is_refused_beforehand() {
    let home = Home::new();
    let state = home.programs();
    let within = |arguments: &str| {
        let mount = format!(
            "mount -t tmpfs -o noexec,mode=700 none '{0}' && export XDG_STATE_HOME='{0}' && '{PROGRAM}' {arguments}",
            state.display()
        );
        run(home.command("unshare").args(["--mount", "--map-root-user", "sh", "-c", &mount]))
    };
    if run(home.command("unshare").args(["--mount", "--map-root-user", "true"])).code != Some(0) {
        eprintln!("left out: this machine lets nobody have a mount namespace");
        return;
    }
    let walk = within("--sandbox --yes");
    assert_eq!(walk.code, Some(6), "{}", walk.err);
    assert!(walk.err.contains("no program can be run from") && walk.err.contains("noexec"), "{}", walk.err);
    assert!(walk.err.contains("XDG_STATE_HOME="), "{}", walk.err);
    let doctor = within("doctor");
    assert!(doctor.code != Some(0), "{}", doctor.out);
    assert!([doctor.out, doctor.err].concat().contains("no program can be run from"));
}

/// Variables and their values.
type Set<'a> = &'a [(&'a str, &'a str)];

#[test]
fn values_that_cannot_be_used_are_named_and_never_panic() {
    let home = Home::new();
    let bom = home.path().join("bom");
    std::fs::write(&bom, "\u{feff}[default]\nregion = us-east-1\n").expect("the file");
    let own = home.path().join("own");
    std::fs::write(&own, "[profile workshop]\nregion = us-east-1\n").expect("the file");
    let (bom, own) = (bom.display().to_string(), own.display().to_string());
    let keys = [("AWS_ACCESS_KEY_ID", "AKIAEXAMPLE"), ("AWS_SECRET_ACCESS_KEY", "secret")];
    let cases: [(Set<'_>, &[&str]); 7] = [
        (&[("AWS_ACCESS_KEY_ID", "AKIAEXAMPLE\r")], &["AWS_ACCESS_KEY_ID", "\\r"]),
        (&[("AWS_SECRET_ACCESS_KEY", "sec ret\n")], &["AWS_SECRET_ACCESS_KEY", "not shown"]),
        (&[("AWS_SESSION_TOKEN", "\u{feff}token")], &["AWS_SESSION_TOKEN"]),
        (&[("AWS_REGION", "us-east-1\r")], &["AWS_REGION", "\\r"]),
        (&[("AWS_CONFIG_FILE", &bom)], &["bom", "byte order mark"]),
        (&[("AWS_CONFIG_FILE", "/dev")], &["/dev", "no regular file"]),
        (&[("AWS_PROFILE", "wrokshop"), ("AWS_CONFIG_FILE", &own)], &["wrokshop", "workshop"]),
    ];
    for (set, words) in cases {
        for arguments in
            [&["doctor", "--aws"][..], &["doctor", "--fresh"], &["sessions", "--remote", "--aws"]]
        {
            let mut command = home.recipe_walk(arguments);
            let region = ("AWS_REGION", "us-east-1");
            let said = run(command.envs(keys).envs([region]).envs(set.iter().copied()));
            let told = [said.out.as_str(), said.err.as_str()].concat();
            assert!(said.code != Some(101) && !told.contains("panicked"), "{set:?} {arguments:?}: {told}");
            assert!(!told.contains("sec ret"), "{told}");
            if arguments[1] != "--fresh" {
                let told = told.split_whitespace().collect::<Vec<_>>().join(" ");
                assert!(words.iter().all(|word| told.contains(word)), "{set:?} {arguments:?}: {told}");
            }
        }
    }
}
