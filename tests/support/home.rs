//! A home of its own for each test: clean environment, own state directory, and proof that nothing is left behind.

use super::aws_cli;
use super::checkout::boundary_file;
use super::process::{PROGRAM, Said, pause, run, until};
use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;

/// A home directory that goes with the test, and everything that was started in it.
pub(crate) struct Home {
    dir: tempfile::TempDir,
    programs: OnceLock<tempfile::TempDir>,
}

impl Home {
    pub(crate) fn new() -> Self {
        let dir = tempfile::Builder::new().prefix("rw-test-").tempdir().expect("a directory");
        Self { dir, programs: OnceLock::new() }
    }

    pub(crate) fn path(&self) -> &Path {
        self.dir.path()
    }

    /// A directory for programs that PATH is to find, and for scripts: its name has no colon, which PATH cannot hold, and
    /// nothing that a shell would have to be told of, whatever TMPDIR has.
    pub(crate) fn programs(&self) -> &Path {
        let made = self.programs.get_or_init(|| {
            let usual = std::env::temp_dir();
            let plain = |c: char| c.is_ascii_alphanumeric() || "/-_.".contains(c);
            let below =
                if usual.display().to_string().chars().all(plain) { &usual } else { Path::new("/tmp") };
            tempfile::Builder::new().prefix("rw-test-").tempdir_in(below).expect("a directory")
        });
        made.path()
    }

    /// Where the program keeps its state.
    pub(crate) fn state(&self) -> PathBuf {
        self.path().join("state/recipe-walk")
    }

    /// The environment of every program started here.
    pub(crate) fn environment(&self) -> Vec<(&'static str, String)> {
        let path = std::env::var("PATH").unwrap_or_default();
        vec![
            ("HOME", self.path().display().to_string()),
            ("XDG_STATE_HOME", self.path().join("state").display().to_string()),
            ("TMPDIR", std::env::temp_dir().display().to_string()),
            ("PATH", format!("{path}:/usr/sbin:/sbin")),
            // Another locale for the whole suite: who has none sees the same in other characters.
            ("LANG", std::env::var("RECIPE_WALK_TEST_LANG").unwrap_or_else(|_| "C.UTF-8".into())),
            ("TERM", "xterm-256color".into()),
            ("AWS_EC2_METADATA_DISABLED", "true".into()),
        ]
    }

    /// A program in this home, with nothing of the test's own environment.
    pub(crate) fn command(&self, program: impl AsRef<OsStr>) -> Command {
        let mut command = Command::new(program);
        command.env_clear().envs(self.environment()).current_dir(self.path()).stdin(Stdio::null());
        command
    }

    /// The program under test.
    pub(crate) fn recipe_walk(&self, arguments: &[&str]) -> Command {
        let mut command = self.command(PROGRAM);
        command.args(arguments);
        command
    }

    /// Runs it to its end.
    pub(crate) fn run(&self, arguments: &[&str]) -> Said {
        run(&mut self.recipe_walk(arguments))
    }

    /// Starts a sandbox without engines: the control plane alone, for wide tests.
    pub(crate) fn without_engines(self) -> Self {
        self.serve(&["--no-engines"]);
        self
    }

    /// Starts a detached sandbox and waits until it answers.
    pub(crate) fn serve(&self, arguments: &[&str]) {
        let mut all = vec!["sandbox", "serve", "--detached"];
        all.extend(arguments);
        let log = std::fs::File::create(self.path().join("serve.log")).expect("a log");
        let child: Child = self
            .recipe_walk(&all)
            .stdout(log.try_clone().expect("the log twice"))
            .stderr(log)
            .spawn()
            .expect("the sandbox starts");
        let pid = child.id();
        // Reaped by a thread, so that it does not stay behind as a zombie that looks alive.
        std::thread::spawn(move || {
            let mut child = child;
            let _ = child.wait();
        });
        until("the sandbox answers", || {
            let said = self.run(&["sandbox", "status", "--json"]);
            assert!(Path::new(&format!("/proc/{pid}")).exists(), "the sandbox ended: {said:?}");
            said.code == Some(0)
        });
    }

    /// Serves as an account that somebody else administers: the sandbox's key may do what this policy says, and there is
    /// the policy that bounds the roles of instances.
    pub(crate) fn serve_under(&self, policy: &Path, more: &[&str]) {
        let (policy, boundary) = (policy.display().to_string(), boundary_file().display().to_string());
        self.serve(&[&["--policy", &policy, "--boundary", &boundary], more].concat());
    }

    /// The environment that `sandbox env` prints.
    pub(crate) fn sandbox_env(&self) -> Vec<(String, String)> {
        let said = self.run(&["sandbox", "env"]).expect(0);
        said.out
            .lines()
            .filter_map(|l| l.strip_prefix("export ")?.split_once('='))
            .map(|(k, v)| (k.to_owned(), v.trim_matches(['\'', '"']).to_owned()))
            .collect()
    }

    /// The ordinary AWS CLI against this home's sandbox. Every call names the endpoint, as docs/aws.md,
    /// "Measured on one machine" advises.
    pub(crate) fn aws(&self, arguments: &[&str]) -> Said {
        let env = self.sandbox_env();
        let endpoint = env.iter().find(|(k, _)| k == "AWS_ENDPOINT_URL").expect("an endpoint").1.clone();
        let all = [arguments, &["--endpoint-url", &endpoint, "--output", "json"]].concat();
        let own = self.environment().into_iter().map(|(name, value)| (name.to_owned(), value));
        let environment: Vec<(String, String)> = own.chain(env).collect();
        aws_cli::run(&environment, &all).unwrap_or_else(|| {
            let program = std::env::var("RECIPE_WALK_AWS").unwrap_or_else(|_| "aws".to_owned());
            run(self.command(program).envs(environment).args(all))
        })
    }

    /// How often a call was made so far.
    pub(crate) fn calls(&self, operation: &str) -> usize {
        let calls = self.run(&["sandbox", "calls", "--json"]).expect(0).json();
        calls.as_array().expect("calls").iter().filter(|c| c["operation"] == operation).count()
    }

    /// Processes that were started in this home and still run: pid and command line.
    pub(crate) fn processes(&self) -> Vec<(i32, String)> {
        let home = self.path().display().to_string();
        let Ok(entries) = std::fs::read_dir("/proc") else { return Vec::new() };
        entries
            .filter_map(|e| {
                let pid: i32 = e.ok()?.file_name().to_str()?.parse().ok()?;
                let read = |name| std::fs::read(format!("/proc/{pid}/{name}")).unwrap_or_default();
                let (line, env) = (read("cmdline"), read("environ"));
                let line = String::from_utf8_lossy(&line).replace('\0', " ");
                let ours = line.contains(&home) || String::from_utf8_lossy(&env).contains(&home);
                (ours && !line.is_empty()).then_some((pid, line))
            })
            .collect()
    }
}

impl Drop for Home {
    fn drop(&mut self) {
        let _ = self.recipe_walk(&["sandbox", "stop"]).output();
        // It has given everything back by then; its process may need a moment more to end.
        let begun = std::time::Instant::now();
        while !self.processes().is_empty() && begun.elapsed().as_secs() < 5 {
            pause();
        }
        let left = self.processes();
        for (pid, _) in &left {
            let _ = Command::new("kill").args(["-9", &pid.to_string()]).output();
        }
        if !std::thread::panicking() {
            assert!(left.is_empty(), "still running: {left:?}");
        }
    }
}

/// The only session of a home.
pub(crate) fn only_session(home: &Home) -> String {
    let list = home.run(&["sessions", "--json"]).expect(0).json();
    let sessions = list.as_array().expect("a list");
    assert_eq!(sessions.len(), 1, "{list}");
    sessions[0]["session"].as_str().expect("a name").to_owned()
}

/// A journal's lines, changed and sealed again as its program would have written them.
pub(crate) fn resealed(lines: &str) -> String {
    let (mut all, mut seal) = (String::new(), 0);
    for line in lines.lines() {
        let content = line.split(",\"sum\":\"").next().expect("a line");
        let mut hasher = crc32fast::Hasher::new_with_initial(seal);
        hasher.update(content.as_bytes());
        seal = hasher.finalize();
        all.extend([content, &format!(",\"sum\":\"{seal:08x}\"}}\n")]);
    }
    all
}
