//! Configuration, completions and man pages, the log, and words that were misspelt.

use crate::support::{Home, only_session, run};

#[test]
fn the_configuration_gives_defaults_and_its_mistakes_have_a_line() {
    let home = Home::new().without_engines();
    let dir = home.path().join(".config/recipe-walk");
    std::fs::create_dir_all(&dir).expect("a directory");
    let write = |text: &str| std::fs::write(dir.join("config.toml"), text).expect("written");
    write("place = \"sandbox\"\nowner = \"ana\"\ncohort = \"may\"\n");
    run(home.recipe_walk(&["--yes", "--keep"]).env("RECIPE_WALK_COHORT", "june")).expect(0);
    let list = home.run(&["sessions", "--json"]).expect(0).json();
    assert_eq!((&list[0]["owner"], &list[0]["cohort"]), (&"ana".into(), &"june".into()), "{list}");
    home.run(&["cleanup", "--yes"]).expect(0);
    write("# mine\nregoin = \"x\"\n");
    let said = home.run(&["sessions"]).expect(2);
    assert!(said.err.contains("config.toml:2: there is no setting 'regoin'"), "{}", said.err);
    assert!(said.err.contains("Did you mean 'region'?"), "{}", said.err);
    home.run(&["completions", "bash"]).expect(0);
    // A wrong variable is told too, but does not stop the program.
    write("");
    let said = run(home.recipe_walk(&["sessions"]).env("RECIPE_WALK_REGOIN", "x")).expect(0);
    assert!(said.err.contains("RECIPE_WALK_REGOIN is no setting"), "{}", said.err);
    assert!(said.err.contains("Did you mean RECIPE_WALK_REGION?"), "{}", said.err);
    write("place = \"aws\"\n");
    assert!(home.run(&["--yes"]).expect(2).err.contains("needs a place"), "money is never a default");
    std::fs::remove_file(dir.join("config.toml")).expect("removed");
}

#[test]
fn shells_and_man_get_what_they_need() {
    let home = Home::new();
    for (shell, sign) in
        [("bash", "complete -F"), ("zsh", "#compdef recipe-walk"), ("fish", "complete -c recipe-walk")]
    {
        let said = home.run(&["completions", shell]).expect(0).out;
        assert!(said.contains(sign) && said.contains("board"), "{said:.300}");
    }
    let file = home.path().join("completions");
    std::fs::write(&file, home.run(&["completions", "bash"]).expect(0).out).expect("written");
    assert_eq!(run(home.command("bash").arg("-n").arg(&file)).code, Some(0));
    let said = home.run(&["man", "--output", "man1"]).expect(0).out;
    assert!(said.contains("manual pages are in man1"), "{said}");
    let page = std::fs::read_to_string(home.path().join("man1/recipe-walk-board.1")).expect("a page");
    assert!(page.contains(".TH RECIPE-WALK-BOARD 1") && page.contains(".SH \"EXAMPLES\""), "{page}");
    let main = home.run(&["man"]).expect(0).out;
    assert!(main.contains("EXIT STATUS") && main.contains("CONFIGURATION"), "{main}");
}

#[test]
fn a_log_tells_the_calls_and_no_secret() {
    let home = Home::new().without_engines();
    let secret = home.sandbox_env().into_iter().find(|(k, _)| k == "AWS_SECRET_ACCESS_KEY").expect("a key").1;
    home.run(&["--sandbox", "--yes", "-vvv", "--log", "walk.log"]).expect(0);
    let log = std::fs::read_to_string(home.path().join("walk.log")).expect("the log");
    assert!(log.contains("ec2:CreateSecurityGroup") && log.contains("answered"), "{log:.500}");
    for gone in [secret.as_str(), "Signature=", "AWS4-HMAC-SHA256 Credential"] {
        assert!(!log.contains(gone), "the log holds {gone}");
    }
    let said = home.run(&["sessions", "-v", "--remote", "--sandbox", "--json"]).expect(0);
    assert!(said.err.contains("tag:GetResources") && said.json().is_array(), "{said:?}");
}

#[test]
fn misspelt_words_get_the_nearest_right_name() {
    let home = Home::new().without_engines();
    let said = home.run(&["reprot"]).expect(2).err;
    assert!(said.contains("'report'"), "{said}");
    // -v may stand anywhere; a walk's option before another command is refused, since it would have no effect.
    home.run(&["-v", "sessions"]).expect(0);
    let said = home.run(&["--sandbox", "sessions"]).expect(2).err;
    assert!(said.contains("'--sandbox'") && said.contains("comes after it"), "{said}");
    home.run(&["--sandbox", "--yes", "--keep"]).expect(0);
    let session = only_session(&home);
    let slip = format!("{}x", &session[..session.len() - 1]);
    let slip = if slip == session { format!("{}y", &session[..session.len() - 1]) } else { slip };
    let said = home.run(&["status", &slip]).expect(2).err;
    assert!(said.contains(&format!("Did you mean {session}?")), "{said}");
    home.run(&["cleanup", "--yes"]).expect(0);
}
