//! The lock of a state directory: one server holds it for as long as it lives.

use super::private;
use std::{
    fs::{File, TryLockError},
    io,
    path::Path,
};

/// Takes it, which the system frees however its holder ends; `None` if another process has it.
pub(crate) fn take(dir: &Path) -> io::Result<Option<File>> {
    let file = private::take(&dir.join("lock"))?;
    match file.try_lock() {
        Ok(()) => Ok(Some(file)),
        Err(TryLockError::WouldBlock) => Ok(None),
        Err(TryLockError::Error(error)) => Err(error),
    }
}
