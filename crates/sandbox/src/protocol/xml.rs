//! Writing answers as XML.

use crate::model::node::Node;
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
        writer.write_event(Event::Text(BytesText::from_escaped(partial_escape(allowed(text)))))?;
    }
    for child in &node.children {
        write(child, "", writer)?;
    }
    writer.write_event(Event::End(BytesEnd::new(node.name.as_ref())))
}

/// Drops the characters that XML 1.0 cannot carry at all, so that no value makes an answer unreadable.
fn allowed(text: &str) -> Cow<'_, str> {
    let bad = |c: char| matches!(c, '\0'..='\u{8}' | '\u{b}' | '\u{c}' | '\u{e}'..='\u{1f}' | '\u{fffe}' | '\u{ffff}');
    if text.contains(bad) {
        Cow::Owned(text.chars().filter(|c| !bad(*c)).collect())
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
            .leaf("A", "a<b&\u{1}c")
            .opt("B", None::<&str>)
            .leaves("L", "item", ["1", "2"])
            .list("E", "item", []);
        let text = document(&element, "urn:x");
        assert_eq!(
            text,
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<R xmlns=\"urn:x\">\n  <A>a&lt;b&amp;c</A>\n  <L>\n    \
             <item>1</item>\n    <item>2</item>\n  </L>\n  <E/>\n</R>"
        );
        assert_eq!(element.find("L/item"), Some("1"));
    }
}
