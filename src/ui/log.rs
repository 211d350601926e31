//! The log: one layer, on standard error or in a file, without secrets.

use crate::ui::door;
use recipe_walk_engine::redact;
use rustix::fs::OFlags;
use std::fs::{File, OpenOptions, Permissions};
use std::io::{self, Write};
use std::os::unix::fs::{FileTypeExt as _, MetadataExt as _, OpenOptionsExt as _, PermissionsExt as _};
use std::path::Path;
use std::sync::Arc;
use tracing_subscriber::fmt::MakeWriter;

/// How much is told.
pub(crate) fn filter(verbose: u8, usual: &str) -> String {
    let ours = |level: &str| {
        ["recipe_walk", "recipe_walk_cloud", "recipe_walk_engine", "recipe_walk_sandbox"]
            .map(|name| format!("{name}={level}"))
            .join(",")
    };
    match verbose {
        0 => usual.to_owned(),
        1 => format!("warn,{}", ours("info")),
        2 => format!("warn,{}", ours("debug")),
        3 => format!("info,aws_config=debug,aws_smithy_runtime=debug,{}", ours("trace")),
        _ => "trace".to_owned(),
    }
}

/// Where lines go.
#[derive(Clone)]
struct Sink(Option<Arc<File>>);

/// Takes secrets out of each line on its way. An event is written at once, so that no secret is cut in two.
struct Redacted<W>(W);

impl<W: Write> Write for Redacted<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let text = String::from_utf8_lossy(bytes);
        self.0.write_all(door::line(&redact::secrets(&text)).as_bytes())?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

impl<'a> MakeWriter<'a> for Sink {
    type Writer = Redacted<Box<dyn Write + 'a>>;

    fn make_writer(&'a self) -> Self::Writer {
        Redacted(match &self.0 {
            Some(file) => Box::new(file.as_ref()),
            None => Box::new(io::stderr()),
        })
    }
}

/// Begins the log: to the file, which only its owner can read, else to standard error. `RECIPE_WALK_LOG` goes over the
/// level.
pub(crate) fn begin(filter: &str, file: Option<&Path>) -> io::Result<()> {
    let filter = std::env::var("RECIPE_WALK_LOG").unwrap_or_else(|_| filter.to_owned());
    let filter = tracing_subscriber::EnvFilter::try_new(filter).unwrap_or_default();
    let file = file.map(open).transpose()?.map(Arc::new);
    let _ =
        tracing_subscriber::fmt().with_env_filter(filter).with_writer(Sink(file)).with_ansi(false).try_init();
    Ok(())
}

fn open(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    // A pipe without a reader is refused at once.
    options.create(true).append(true).mode(0o600).custom_flags(OFlags::NONBLOCK.bits().cast_signed());
    let file = options.open(path)?;
    let us = rustix::process::geteuid().as_raw();
    let meta = file.metadata()?;
    let kind = meta.file_type();
    // A terminal or another device is nobody's to read. A link counts as its owner's word for where to write; one to a pipe
    // of ours may be the system's.
    let foreign = match (kind.is_file(), kind.is_fifo()) {
        (true, _) => meta.uid() != us || std::fs::symlink_metadata(path)?.uid() != us,
        (false, pipe) => pipe && meta.uid() != us,
    };
    if foreign {
        let why = "it belongs to another user, who could read the log; choose a file of yours";
        return Err(io::Error::new(io::ErrorKind::PermissionDenied, why));
    }
    if kind.is_file() {
        file.set_permissions(Permissions::from_mode(0o600))?;
    }
    Ok(file)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_lose_their_secrets_on_the_way() {
        let mut out = Vec::new();
        let mut writer = Redacted(&mut out);
        writer.write_all(b"call with password=hunter2 and AKIAIOSFODNN7EXAMPLE\n").expect("written");
        let text = String::from_utf8(out).expect("text");
        assert!(!text.contains("hunter2") && !text.contains("IOSFODNN7"), "{text}");
        assert!(text.starts_with("call with password=[redacted] and AKIA"), "{text}");
        // As the engines' own clients take them; the engine itself knows no such names.
        for line in
            ["mysql --password HUNTER", "MYSQL_PWD=HUNTER REDISCLI_AUTH=HUNTER", "mysql://u:a/HUNTER@h/x"]
        {
            let mut out = Vec::new();
            Redacted(&mut out).write_all(line.as_bytes()).expect("written");
            let text = String::from_utf8(out).expect("text");
            assert!(!text.contains("HUNTER") && text.contains("[redacted]"), "{text}");
        }
    }

    #[test]
    fn an_existing_file_becomes_its_owners_alone() {
        use std::os::unix::fs::{PermissionsExt as _, chown, lchown, symlink};
        let dir = tempfile::tempdir().expect("a directory");
        let path = dir.path().join("log");
        std::fs::write(&path, "before\n").expect("written");
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o666)).expect("changed");
        open(&path).expect("opened").write_all(b"after\n").expect("written");
        assert_eq!(std::fs::metadata(&path).expect("there").permissions().mode() & 0o777, 0o600);
        assert_eq!(std::fs::read_to_string(&path).expect("read"), "before\nafter\n");
        open(Path::new("/dev/null")).expect("no file, and nobody's secret");
        if rustix::process::geteuid().is_root() {
            let link = dir.path().join("link");
            symlink(&path, &link).expect("a link");
            lchown(&link, Some(65534), None).expect("given away");
            assert_eq!(open(&link).expect_err("refused").kind(), io::ErrorKind::PermissionDenied);
            chown(&path, Some(65534), None).expect("given away");
            assert_eq!(open(&path).expect_err("refused").kind(), io::ErrorKind::PermissionDenied);
        }
    }

    #[test]
    fn more_is_told_the_more_is_asked_for() {
        assert_eq!(filter(0, "off"), "off");
        assert!(filter(1, "off").contains("recipe_walk_cloud=info"));
        assert!(filter(3, "off").contains("aws_smithy_runtime=debug"));
        for verbose in 0..6 {
            assert!(tracing_subscriber::EnvFilter::try_new(filter(verbose, "off")).is_ok());
        }
    }
}
