//! Building and writing XML answers.

use quick_xml::{
    Writer,
    escape::partial_escape,
    events::{BytesDecl, BytesEnd, BytesStart, BytesText, Event},
};
use std::{borrow::Cow, fmt::Display};

/// An XML element under construction; by value, so that answers read like the document they make.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Element {
    name: Cow<'static, str>,
    xmlns: Option<Cow<'static, str>>,
    text: Option<String>,
    children: Vec<Element>,
}

impl Element {
    /// An empty element.
    pub(crate) fn new(name: impl Into<Cow<'static, str>>) -> Self {
        Self { name: name.into(), ..Self::default() }
    }

    /// An element without a name: what a handler returns as the children of its result.
    pub(crate) fn result() -> Self {
        Self::default()
    }

    /// Sets the text.
    #[must_use]
    pub(crate) fn text(mut self, text: impl Display) -> Self {
        self.text = Some(text.to_string());
        self
    }

    /// Sets the namespace.
    #[must_use]
    pub(crate) fn xmlns(mut self, namespace: impl Into<Cow<'static, str>>) -> Self {
        self.xmlns = Some(namespace.into());
        self
    }

    /// Appends a child.
    #[must_use]
    pub(crate) fn child(mut self, child: Element) -> Self {
        self.children.push(child);
        self
    }

    /// Appends a child if there is one.
    #[must_use]
    pub(crate) fn maybe(mut self, child: Option<Element>) -> Self {
        self.children.extend(child);
        self
    }

    /// Appends children.
    #[must_use]
    pub(crate) fn children(mut self, children: impl IntoIterator<Item = Element>) -> Self {
        self.children.extend(children);
        self
    }

    /// Appends a child that holds only text.
    #[must_use]
    pub(crate) fn leaf(self, name: impl Into<Cow<'static, str>>, value: impl Display) -> Self {
        self.child(Element::new(name).text(value))
    }

    /// Appends a child that holds only text, if there is any.
    #[must_use]
    pub(crate) fn opt(self, name: impl Into<Cow<'static, str>>, value: Option<impl Display>) -> Self {
        match value {
            Some(value) => self.leaf(name, value),
            None => self,
        }
    }

    /// Appends a list: a wrapper `name` whose elements are all called `item`, whatever they were called before.
    #[must_use]
    pub(crate) fn list(
        self,
        name: impl Into<Cow<'static, str>>,
        item: impl Into<Cow<'static, str>>,
        items: impl IntoIterator<Item = Element>,
    ) -> Self {
        let item = item.into();
        let renamed = items.into_iter().map(|e| e.renamed(item.clone()));
        self.child(Element::new(name).children(renamed))
    }

    /// Appends a list of texts.
    #[must_use]
    pub(crate) fn leaves<T: Display>(
        self,
        name: impl Into<Cow<'static, str>>,
        item: impl Into<Cow<'static, str>>,
        items: impl IntoIterator<Item = T>,
    ) -> Self {
        self.list(name, item, items.into_iter().map(|text| Element::default().text(text)))
    }

    /// The same element under another name.
    #[must_use]
    pub(crate) fn renamed(mut self, name: impl Into<Cow<'static, str>>) -> Self {
        self.name = name.into();
        self
    }

    /// The children alone.
    pub(crate) fn into_children(self) -> Vec<Element> {
        self.children
    }

    /// The text of the first element found by walking down `path` (names joined by `/`), for tests and fault hooks.
    pub(crate) fn find(&self, path: &str) -> Option<&str> {
        match path.split_once('/') {
            None => self.children.iter().find(|c| c.name == path)?.text.as_deref(),
            Some((first, rest)) => {
                self.children.iter().filter(|c| c.name == first).find_map(|c| c.find(rest))
            }
        }
    }

    /// All elements at the end of `path` (names joined by `/`).
    pub(crate) fn at(&self, path: &str) -> Vec<&Element> {
        let (first, rest) = path.split_once('/').unwrap_or((path, ""));
        let found = self.children.iter().filter(|c| c.name == first);
        if rest.is_empty() { found.collect() } else { found.flat_map(|c| c.at(rest)).collect() }
    }

    /// The texts of all elements at the end of `path`.
    pub(crate) fn texts(&self, path: &str) -> Vec<&str> {
        self.at(path).into_iter().filter_map(|element| element.text.as_deref()).collect()
    }

    /// The whole document with its declaration.
    pub(crate) fn document(&self) -> String {
        let mut writer = Writer::new_with_indent(Vec::new(), b' ', 2);
        let mut write = || -> std::io::Result<()> {
            writer.write_event(Event::Decl(BytesDecl::new("1.0", Some("UTF-8"), None)))?;
            self.write(&mut writer)
        };
        // Writing into memory cannot fail.
        if let Err(error) = write() {
            tracing::error!(%error, "cannot write XML");
        }
        // Everything in it was text before, so that nothing is ever replaced and the bytes are not copied.
        String::from_utf8(writer.into_inner())
            .unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned())
    }

    fn write(&self, writer: &mut Writer<Vec<u8>>) -> std::io::Result<()> {
        let mut start = BytesStart::new(self.name.as_ref());
        if let Some(namespace) = &self.xmlns {
            start.push_attribute(("xmlns", namespace.as_ref()));
        }
        if self.text.is_none() && self.children.is_empty() {
            return writer.write_event(Event::Empty(start));
        }
        writer.write_event(Event::Start(start))?;
        if let Some(text) = &self.text {
            writer.write_event(Event::Text(BytesText::from_escaped(partial_escape(allowed(text)))))?;
        }
        for child in &self.children {
            child.write(writer)?;
        }
        writer.write_event(Event::End(BytesEnd::new(self.name.as_ref())))
    }
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

    #[test]
    fn writes_escaped_text_lists_and_empty_elements() {
        let element = Element::new("R")
            .xmlns("urn:x")
            .leaf("A", "a<b&\u{1}c")
            .opt("B", None::<&str>)
            .leaves("L", "item", ["1", "2"])
            .list("E", "item", []);
        let text = element.document();
        assert_eq!(
            text,
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<R xmlns=\"urn:x\">\n  <A>a&lt;b&amp;c</A>\n  <L>\n    \
             <item>1</item>\n    <item>2</item>\n  </L>\n  <E/>\n</R>"
        );
        assert_eq!(element.find("L/item"), Some("1"));
    }
}
