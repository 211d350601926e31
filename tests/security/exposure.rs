//! Secrets and exposure: one whole walk on real engines, looked at from every side.

use crate::support::{Home, PROGRAM, Said, only_session, run, until};
use serde_json::Value;
use std::collections::BTreeSet;
use std::io::{BufRead as _, BufReader, Read as _};
use std::os::unix::fs::PermissionsExt as _;
use std::os::unix::process::CommandExt as _;
use std::process::Stdio;

/// Command lines and environments of everything that runs in the home.
fn processes(home: &Home, seen: &mut BTreeSet<String>) {
    for (pid, line) in home.processes() {
        seen.insert(line);
        for part in ["environ", "comm"] {
            let text = std::fs::read(format!("/proc/{pid}/{part}")).unwrap_or_default();
            seen.insert(String::from_utf8_lossy(&text).into_owned());
        }
    }
}

#[test]
fn crashes_of_program_sandbox_and_engines_leave_no_core() {
    let home = Home::new();
    let walk = "ulimit -c unlimited 2>/dev/null; exec \"$0\" \"$@\"";
    let mut shell = home.command("sh");
    shell.args(["-c", walk, PROGRAM, "--sandbox", "--yes", "--keep"]);
    run(&mut shell).expect(0);
    let status = home.run(&["sandbox", "status", "--json"]).expect(0).json();
    let engines = status["engines"].as_array().expect("engines").iter().map(|engine| &engine["pid"]);
    let pids: Vec<i64> = engines.chain([&status["pid"]]).filter_map(Value::as_i64).collect();
    assert_eq!(pids.len(), 4, "two nodes, a database and the sandbox: {status}");
    let limits =
        pids.iter().map(|pid| std::fs::read_to_string(format!("/proc/{pid}/limits")).expect("limits"));
    for limits in limits {
        let core = limits.lines().find(|line| line.starts_with("Max core file size")).expect("a line");
        assert_eq!(core.split_whitespace().skip(4).take(2).collect::<Vec<_>>(), ["1", "1"], "{core}");
    }
    home.run(&["cleanup", "--yes"]).expect(0);
}

/// Every file below a directory that is not an engine's data or one of the secret files themselves.
fn files(dir: &std::path::Path, seen: &mut Vec<(String, Vec<u8>)>) {
    for entry in std::fs::read_dir(dir).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() {
            files(&path, seen);
        } else if let Ok(bytes) = std::fs::read(&path) {
            seen.push((path.display().to_string(), bytes));
        }
    }
}

/// Walks to the end, and collects command lines and environments of everything that ran meanwhile.
fn watched_walk(home: &Home) -> (Said, BTreeSet<String>) {
    let mut child = home
        .recipe_walk(&["-vvv", "--log", "walk.log", "--sandbox", "--yes", "--keep", "--engine", "redis"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the walk starts");
    let out = std::thread::spawn({
        let mut out = child.stdout.take().expect("out");
        move || std::io::read_to_string(&mut out).expect("text")
    });
    let err = std::thread::spawn({
        let mut err = child.stderr.take().expect("err");
        move || std::io::read_to_string(&mut err).expect("text")
    });
    let mut seen = BTreeSet::new();
    let code = loop {
        processes(home, &mut seen);
        if let Some(status) = child.try_wait().expect("the walk") {
            break status.code();
        }
    };
    let said = Said { code, out: out.join().expect("out"), err: err.join().expect("err") };
    (said.expect(0), seen)
}

#[test]
fn kept_walk_leaks_and_exposes_nothing_and_cleanup_removes_it() {
    let home = Home::new();
    let (said, seen) = watched_walk(&home);
    assert!(said.out.contains("recipe-walk cleanup"), "{}", said.out);
    assert!(seen.iter().any(|line| line.contains("redis-server")), "the engines were never seen: {seen:?}");
    let session = only_session(&home);
    let status = home.run(&["sandbox", "status", "--json"]).expect(0).json();
    let engines = status["engines"].as_array().expect("engines").len();
    assert_eq!(engines, 3, "two Redis nodes and one database: {status}");
    let access = std::fs::read_to_string(home.state().join("sandbox/access.json")).expect("access");
    let access: Value = serde_json::from_str(&access).expect("JSON");
    let mut secrets =
        vec![("the sandbox's key", access["secret_access_key"].as_str().expect("a key").to_owned())];
    for name in ["auth-token", "db-password"] {
        let path = format!("/recipe-walk/{session}/{name}");
        let found =
            home.aws(&["ssm", "get-parameter", "--with-decryption", "--name", &path]).expect(0).json();
        secrets.push((name, found["Parameter"]["Value"].as_str().expect("a value").to_owned()));
    }
    let list = |arguments: &[&str]| home.aws(arguments).expect(0).out;
    let mut outputs = vec![
        ("the walk's output".to_owned(), said.out),
        ("the walk's errors".to_owned(), said.err),
        ("command lines and environments".to_owned(), seen.into_iter().collect::<Vec<_>>().join("\n")),
        ("the history of commands".to_owned(), list(&["ssm", "list-commands"])),
        ("its invocations".to_owned(), list(&["ssm", "list-command-invocations", "--details"])),
        ("the parameters".to_owned(), list(&["ssm", "describe-parameters"])),
        ("the cache".to_owned(), list(&["elasticache", "describe-replication-groups"])),
        ("the database".to_owned(), list(&["rds", "describe-db-instances"])),
        ("the calls".to_owned(), home.run(&["sandbox", "calls", "--json"]).expect(0).out),
        ("the status".to_owned(), home.run(&["status", &session, "--json"]).expect(0).out),
    ];
    // Reports, transcripts and logs are taken home or handed on.
    for arguments in [
        &["report", "--format", "md"][..],
        &["report", "--format", "json"],
        &["transcript"],
        &["transcript", "--json"],
        &["handover"],
        &["status", &session],
        &["cleanup", &session, "--dry-run"],
    ] {
        let said = home.run(arguments).expect(0);
        outputs.push((arguments.join(" "), said.out + &said.err));
    }
    home.run(&["report", "--output", "page.html"]).expect(0);
    let mut written = Vec::new();
    files(&home.state().join("sessions"), &mut written);
    assert!(written.iter().any(|(path, _)| path.ends_with("journal.jsonl")), "{written:?}");
    for file in [
        home.state().join("sandbox/sandbox.log"),
        home.path().join("walk.log"),
        home.path().join("page.html"),
    ] {
        let text = std::fs::read(&file).expect("the file");
        assert!(!text.is_empty(), "{}", file.display());
        written.push((file.display().to_string(), text));
    }
    // The engines' logs, and what Systems Manager keeps of commands.
    let mut kept = Vec::new();
    files(&home.state().join("sandbox"), &mut kept);
    kept.retain(|(path, _)| path.contains("log") || path.contains("/commands/"));
    assert!(kept.iter().any(|(path, _)| path.contains("/commands/")), "no command is kept");
    written.extend(kept);
    outputs
        .extend(written.into_iter().map(|(path, text)| (path, String::from_utf8_lossy(&text).into_owned())));
    for (whose, secret) in &secrets {
        assert!(secret.len() >= 20, "{whose} is short");
        for (output, text) in &outputs {
            assert!(!text.contains(secret.as_str()), "{whose} leaked into {output}");
        }
    }
    exposure(&home);
    strangers(&home, &session);
    wrong_authority(&home, &session, &secrets[1].1, &secrets[2].1);
    let receipt = home.run(&["cleanup", &session, "--yes", "--json"]).expect(0).json();
    assert_eq!(receipt["left"], serde_json::json!([]), "{receipt}");
    assert!(receipt["items"].as_array().expect("items").iter().all(|i| !i["gone_at"].is_null()), "{receipt}");
    // A second clean-up sweeps again and finds nothing.
    home.run(&["cleanup", &session, "--yes"]).expect(0);
}

/// Asserts that the walk opened no way in from outside and made nothing public.
fn exposure(home: &Home) {
    let instances = home.aws(&["ec2", "describe-instances"]).expect(0).json();
    let instance = &instances["Reservations"][0]["Instances"][0];
    assert_eq!(instance["MetadataOptions"]["HttpTokens"], "required", "{instance}");
    assert!(instance["KeyName"].is_null(), "{instance}");
    let groups = home.aws(&["ec2", "describe-security-groups"]).expect(0).json();
    for group in groups["SecurityGroups"].as_array().expect("groups") {
        let name = group["GroupName"].as_str().expect("a name");
        let rules = group["IpPermissions"].as_array().expect("rules");
        if name.ends_with("-app") {
            assert_eq!(rules.len(), 0, "{group}");
        } else if name != "default" {
            // The rule opens one port to a group and to no address.
            assert_eq!(rules.len(), 1, "{group}");
            assert_eq!(rules[0]["IpRanges"], serde_json::json!([]), "{group}");
            assert_eq!(rules[0]["UserIdGroupPairs"].as_array().map(Vec::len), Some(1), "{group}");
        }
    }
    let databases = home.aws(&["rds", "describe-db-instances"]).expect(0).json();
    let database = &databases["DBInstances"][0];
    assert_eq!(database["PubliclyAccessible"], false, "{database}");
    assert_eq!(database["StorageEncrypted"], true, "{database}");
    let caches = home.aws(&["elasticache", "describe-replication-groups"]).expect(0).json();
    let cache = &caches["ReplicationGroups"][0];
    for field in ["TransitEncryptionEnabled", "AtRestEncryptionEnabled", "AuthTokenEnabled"] {
        assert_eq!(cache[field], true, "{field}: {cache}");
    }
}

/// Asserts that another user of the machine gets into no file, process or engine.
fn strangers(home: &Home, session: &str) {
    let state = home.run(&["status", session, "--json"]).expect(0).json();
    let fact = |name: &str| state["facts"][name].as_str().unwrap_or_default().to_owned();
    let ca = home.state().join("sandbox/ca/ca.pem");
    // Without the token every command is refused, on the primary's address and on the reader's.
    for host in ["cache.primary_host", "cache.reader_host"] {
        let mut command = home.command("redis-cli");
        command.args(["--tls", "--cacert"]).arg(&ca).args([
            "-h",
            &fact(host),
            "-p",
            &fact("cache.port"),
            "DBSIZE",
        ]);
        let said = run(&mut command);
        assert!((said.out + &said.err).contains("NOAUTH"), "{host}");
    }
    // No account of the database works without its password.
    let redis = format!("rediss://{}:{}", fact("cache.primary_host"), fact("cache.port"));
    for user in ["root", "admin", "mysql", "mariadb.sys", ""] {
        let mysql = format!("mysql://{user}@{}:{}/shop", fact("database.host"), fact("database.port"));
        let check = ["demo", "check", "--redis-url", &redis, "--mysql-url", &mysql, "--ca"];
        let mut command = home.recipe_walk(&check);
        command.arg(&ca).env("MYSQL_PASSWORD", "");
        assert_ne!(run(&mut command).code, Some(0), "{user:?} came in");
    }
    if !rustix::process::getuid().is_root() {
        return;
    }
    // The directories above are opened, so that the program's own must protect themselves.
    for dir in [home.path().to_owned(), home.path().join("state")] {
        std::fs::set_permissions(dir, std::fs::Permissions::from_mode(0o755)).expect("opened");
    }
    let nobody = |script: &str| {
        let mut command = home.command("sh");
        command.args(["-c", script]).current_dir("/").uid(65534).gid(65534);
        run(&mut command)
    };
    assert_eq!(nobody("true").code, Some(0), "the test itself works");
    let dir = home.state();
    for file in ["sandbox/access.json", "sandbox/world.jsonl", "sandbox/sandbox.log"] {
        assert!(dir.join(file).exists(), "{file}");
        assert_ne!(nobody(&format!("cat {}", dir.join(file).display())).code, Some(0), "{file}");
    }
    for part in ["sandbox", "sessions", "sandbox/engines", &format!("sessions/{session}")] {
        assert_ne!(nobody(&format!("ls {}", dir.join(part).display())).code, Some(0), "{part}");
    }
    let status = home.run(&["sandbox", "status", "--json"]).expect(0).json();
    let engines = status["engines"].as_array().expect("engines").iter();
    let pids: Vec<i64> =
        engines.map(|engine| &engine["pid"]).chain([&status["pid"]]).filter_map(Value::as_i64).collect();
    assert_eq!(pids.len(), 4, "the sandbox and its engines: {status}");
    for pid in pids {
        assert!(std::fs::read(format!("/proc/{pid}/environ")).is_ok(), "{pid} runs");
        assert_ne!(nobody(&format!("cat /proc/{pid}/environ")).code, Some(0), "{pid}");
    }
}

/// The demo refuses engines whose certificate another authority signed.
fn wrong_authority(home: &Home, session: &str, token: &str, password: &str) {
    let state = home.run(&["status", session, "--json"]).expect(0).json();
    let fact =
        |name: &str| state["facts"][name].as_str().unwrap_or_else(|| panic!("no {name}: {state}")).to_owned();
    let redis = format!("rediss://{}:{}", fact("cache.primary_host"), fact("cache.port"));
    let mysql = format!("mysql://admin@{}:{}/shop", fact("database.host"), fact("database.port"));
    let right = home.state().join("sandbox/ca/ca.pem");
    let wrong = home.path().join("wrong.pem");
    let mut openssl = home.command("openssl");
    openssl.args(["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=nobody"]);
    openssl.args(["-keyout", "/dev/null", "-out"]).arg(&wrong);
    run(&mut openssl).expect(0);
    let check = |ca: &std::path::Path| {
        let mut command = home.recipe_walk(&["demo", "check", "--redis-url", &redis, "--mysql-url", &mysql]);
        command.env("REDIS_PASSWORD", token).env("MYSQL_PASSWORD", password).arg("--ca").arg(ca);
        run(&mut command)
    };
    check(&right).expect(0);
    let refused = check(&wrong);
    assert!(refused.code == Some(5) && refused.err.contains("not signed by an authority"), "{refused:?}");
    assert!(!refused.err.contains(password) && !refused.err.contains(token), "{refused:?}");
}

/// Takes the port of a sandbox that has died, as another user, and prints what it is told.
const THIEF: &str = "import socket, sys\n\
    s = socket.socket()\n\
    s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)\n\
    s.bind(('127.0.0.1', int(sys.argv[1])))\n\
    s.listen()\n\
    print('ready', flush=True)\n\
    while True:\n    \
        c, _ = s.accept()\n    \
        print('told', c.recv(65536), flush=True)\n    \
        c.close()\n";

#[test]
fn thief_of_a_dead_sandboxes_port_is_told_nothing() {
    if !rustix::process::getuid().is_root() {
        return;
    }
    let home = Home::new().without_engines();
    home.run(&["sandbox", "fault", "add", "CreateReplicationGroup", "stall-before"]).expect(0);
    let mut command = home.recipe_walk(&["--sandbox", "--yes", "--keep"]);
    let walk = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("a walk");
    until("the walk is in the middle of it", || {
        home.run(&["sandbox", "fault", "list", "--json"]).expect(0).json()[0]["held"] == 1
    });
    let access = std::fs::read(home.state().join("sandbox/access.json")).expect("access");
    let access: Value = serde_json::from_slice(&access).expect("JSON");
    let port = access["endpoint"].as_str().and_then(|e| e.rsplit(':').next()).expect("a port").to_owned();
    let pid =
        access["pid"].as_i64().and_then(|pid| rustix::process::Pid::from_raw(pid as i32)).expect("a process");
    rustix::process::kill_process(pid, rustix::process::Signal::KILL).expect("it dies");
    // The thief uses the system's interpreter, from a directory that everybody may enter.
    let mut thief = home
        .command("python3")
        .env("PATH", "/usr/local/bin:/usr/bin:/bin")
        .current_dir("/")
        .args(["-c", THIEF, &port])
        .stdout(Stdio::piped())
        .uid(65534)
        .gid(65534)
        .spawn()
        .expect("a thief");
    let mut words = BufReader::new(thief.stdout.take().expect("its words"));
    let mut first = String::new();
    words.read_line(&mut first).expect("the port is taken");
    assert_eq!(first, "ready\n");
    let walked = walk.wait_with_output().expect("the walk ends");
    let told = String::from_utf8_lossy(&walked.stderr).into_owned();
    let looked = home.run(&["sandbox", "status"]);
    thief.kill().expect("the thief ends");
    thief.wait().expect("reaped");
    let mut heard = String::new();
    words.read_to_string(&mut heard).expect("the rest");
    assert_eq!(heard, "", "the thief heard of it");
    assert!(
        walked.status.code() != Some(0) && told.contains("user 65534") && told.contains("next: "),
        "{told}"
    );
    assert_ne!(looked.code, Some(0), "{looked:?}");
    // The port is free again: the session goes on where it was.
    home.serve(&["--no-engines"]);
    home.run(&["resume", "--yes", "--keep"]).expect(0);
    home.run(&["cleanup", "--yes"]).expect(0);
}

#[test]
fn the_instance_ends_itself_at_the_expiry() {
    let home = Home::new().without_engines();
    home.run(&["--sandbox", "--yes", "--keep"]).expect(0);
    let session = only_session(&home);
    let journal = std::fs::read_to_string(home.state().join("sessions").join(&session).join("journal.jsonl"));
    // The instance powers off after four hours, and powering off terminates it.
    assert!(journal.expect("the journal").contains("\"hours_to_live\":4"));
    let instances = home.aws(&["ec2", "describe-instances"]).expect(0).json();
    let id = instances["Reservations"][0]["Instances"][0]["InstanceId"].as_str().expect("an id").to_owned();
    let world = std::fs::read_to_string(home.state().join("sandbox/world.jsonl")).expect("the world");
    let lines = world.lines().map(|line| serde_json::from_str::<Value>(line).expect("JSON"));
    let rows = lines.flat_map(|line| line["ec2.instances"].as_object().cloned().unwrap_or_default());
    let instance = rows.map(|(_, row)| row).find(|row| row["id"] == id.as_str());
    assert_eq!(instance.expect("the instance")["shutdown_behavior"], "terminate");
    home.run(&["cleanup", "--yes"]).expect(0);
}

#[test]
fn budget_is_stated_and_exceeding_it_is_told() {
    let home = Home::new().without_engines();
    let env = home.sandbox_env();
    let on_account = |arguments: &[&str]| {
        let mut command = home.recipe_walk(arguments);
        run(command.envs(env.iter().cloned()))
    };
    // The endpoint is taken for an account, so the walk counts what AWS would bill. Without engines it stops at the first
    // measurement, after the cache's first hour has begun to count.
    let said = on_account(&["--aws", "--yes", "--keep", "--budget", "0.01"]);
    assert!(said.out.contains("budget $0.0100"), "{}", said.out);
    assert!(said.out.contains("an estimate: AWS on-demand list prices"), "{}", said.out);
    assert!(said.out.contains("over this session's budget of $0.0100"), "{}", said.out);
    let session = only_session(&home);
    assert!(said.out.contains(&format!("recipe-walk cleanup {session}")), "{}", said.out);
    let status = on_account(&["status", &session]).expect(0);
    assert!(status.out.contains("over this session's budget"), "{}", status.out);
    // A budget given on resume is the session's from then on.
    let said = on_account(&["resume", &session, "--yes", "--keep", "--budget", "5"]);
    assert!(said.out.contains("budget $5.00") && !said.out.contains("over this session's"), "{}", said.out);
    let status = on_account(&["status", &session]).expect(0);
    assert!(!status.out.contains("over this session's budget"), "{}", status.out);
    on_account(&["cleanup", &session, "--yes"]).expect(0);
    home.run(&["--sandbox", "--yes", "--budget", "nothing"]).expect(2);
}
