//! What an operation answers, whatever protocol carries it.

use std::{borrow::Cow, fmt::Display};

/// A named value under construction: a text, or named values in their order, of which several may have one name. By
/// value, so that answers read like what they make.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Node {
    pub(crate) name: Cow<'static, str>,
    pub(crate) text: Option<String>,
    pub(crate) children: Vec<Node>,
}

impl Node {
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

    /// Appends a child.
    #[must_use]
    pub(crate) fn child(mut self, child: Node) -> Self {
        self.children.push(child);
        self
    }

    /// Appends a child if there is one.
    #[must_use]
    pub(crate) fn maybe(mut self, child: Option<Node>) -> Self {
        self.children.extend(child);
        self
    }

    /// Appends children.
    #[must_use]
    pub(crate) fn children(mut self, children: impl IntoIterator<Item = Node>) -> Self {
        self.children.extend(children);
        self
    }

    /// Appends a child that holds only text.
    #[must_use]
    pub(crate) fn leaf(self, name: impl Into<Cow<'static, str>>, value: impl Display) -> Self {
        self.child(Node::new(name).text(value))
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
        items: impl IntoIterator<Item = Node>,
    ) -> Self {
        let item = item.into();
        let renamed = items.into_iter().map(|e| e.renamed(item.clone()));
        self.child(Node::new(name).children(renamed))
    }

    /// Appends a list of texts.
    #[must_use]
    pub(crate) fn leaves<T: Display>(
        self,
        name: impl Into<Cow<'static, str>>,
        item: impl Into<Cow<'static, str>>,
        items: impl IntoIterator<Item = T>,
    ) -> Self {
        self.list(name, item, items.into_iter().map(|text| Node::default().text(text)))
    }

    /// The same element under another name.
    #[must_use]
    pub(crate) fn renamed(mut self, name: impl Into<Cow<'static, str>>) -> Self {
        self.name = name.into();
        self
    }

    /// The children alone.
    pub(crate) fn into_children(self) -> Vec<Node> {
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
    pub(crate) fn at(&self, path: &str) -> Vec<&Node> {
        let (first, rest) = path.split_once('/').unwrap_or((path, ""));
        let found = self.children.iter().filter(|c| c.name == first);
        if rest.is_empty() { found.collect() } else { found.flat_map(|c| c.at(rest)).collect() }
    }

    /// The texts of all elements at the end of `path`.
    pub(crate) fn texts(&self, path: &str) -> Vec<&str> {
        self.at(path).into_iter().filter_map(|element| element.text.as_deref()).collect()
    }
}
