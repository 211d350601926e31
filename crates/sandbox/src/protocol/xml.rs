//! Writing answers as XML.

use crate::model::{node::Node, text::is_unwritable};
use quick_xml::{
    Writer,
    escape::partial_escape,
    events::{BytesDecl, BytesEnd, BytesStart, BytesText, Event},
};
use std::borrow::Cow;

/// The whole document with its declaration; an empty namespace is none.
pub(crate) fn document(root: &Node, namespace: &str) -> String {
    let mut writer = Writer::new_with_indent(Vec::new(), b' ', 2);
    let mut all = || -> std::io::Result<()> {
        writer.write_event(Event::Decl(BytesDecl::new("1.0", Some("UTF-8"), None)))?;
        write(root, namespace, &mut writer)
    };
    // Writing into memory cannot fail.
    if let Err(error) = all() {
        tracing::error!(%error, "cannot write XML");
    }
    // Everything in it was text before, so that nothing is ever replaced and the bytes are not copied.
    String::from_utf8(writer.into_inner())
        .unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned())
}

fn write(node: &Node, namespace: &str, writer: &mut Writer<Vec<u8>>) -> std::io::Result<()> {
    let mut start = BytesStart::new(node.name.as_ref());
    if !namespace.is_empty() {
        start.push_attribute(("xmlns", namespace));
    }
    if node.text.is_none() && node.children.is_empty() {
        return writer.write_event(Event::Empty(start));
    }
    writer.write_event(Event::Start(start))?;
    if let Some(text) = &node.text {
        writer.write_event(Event::Text(BytesText::from_escaped(escaped(text))))?;
    }
    for child in &node.children {
        write(child, "", writer)?;
    }
    writer.write_event(Event::End(BytesEnd::new(node.name.as_ref())))
}

/// A text as it stands in a document. A carriage return is a reference: as itself, readers take it for the end of a line.
fn escaped(text: &str) -> Cow<'_, str> {
    match partial_escape(writable(text)) {
        text if text.contains('\r') => Cow::Owned(text.replace('\r', "&#13;")),
        text => text,
    }
}

/// Shows the replacement character for what XML 1.0 cannot carry at all, so that no value makes an answer unreadable, and
/// none is shortened without a word. Requests with such values are refused before; names that are told not to exist and
/// what engines say can still have them.
fn writable(text: &str) -> Cow<'_, str> {
    if text.contains(is_unwritable) {
        Cow::Owned(text.replace(is_unwritable, "\u{fffd}"))
    } else {
        Cow::Borrowed(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    impl Node {
        /// The document that it makes.
        pub(crate) fn document(&self) -> String {
            document(self, "")
        }
    }

    #[test]
    fn writes_escaped_text_lists_and_empty_elements() {
        let element = Node::new("R")
            .leaf("A", "a<b&\u{1}c\r")
            .opt("B", None::<&str>)
            .leaves("L", "item", ["1", "2"])
            .list("E", "item", []);
        let text = document(&element, "urn:x");
        assert_eq!(
            text,
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<R xmlns=\"urn:x\">\n  <A>a&lt;b&amp;\u{fffd}c&#13;</A>\n  <L>\n    \
             <item>1</item>\n    <item>2</item>\n  </L>\n  <E/>\n</R>"
        );
        assert_eq!(element.find("L/item"), Some("1"));
    }
}
