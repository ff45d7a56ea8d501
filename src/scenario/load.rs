//! From files to a [`Scenario`]: opens a file and everything that it extends or reads, merges, and reads values.
//!
//! This is one of the edges: the only place of the library that opens a scenario's files.

use std::collections::{BTreeMap, VecDeque};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use super::Scenario;
use super::address::{Address, split_at_sign};
use super::file;
use super::read::{Read, Reader, WHOLE_SCENARIO};
use super::tree::{self, Entry, Node, Value};
use crate::diagnostic::{Diagnostic, Diagnostics, Rule, Sources, Span, shortened, suggest};

/// The most bytes that a scenario may have.
const MOST_BYTES: u64 = 16 << 20;

/// The most files that a scenario builds on, one below the other.
const MOST_FILES_BELOW: usize = 64;

/// What came of loading a file.
#[derive(Debug)]
pub struct Loaded {
    /// The scenario, as far as it could be read: whether that is all of it, the diagnostics tell. Where they hold
    /// errors, it is good for finding more of them only, which [`crate::model::build`] does.
    pub scenario: Option<Scenario>,
    /// All texts that it was read from: the file itself first, then what it extends, then what was given beside it.
    pub sources: Sources,
    /// Everything that was found.
    pub diagnostics: Diagnostics,
    /// All files that the result depends on.
    pub inputs: Vec<Input>,
}

/// A file that a result depends on.
#[derive(Clone, Debug)]
pub struct Input {
    /// Where it was found.
    pub path: PathBuf,
    /// What it says.
    pub text: String,
}

/// Loads a scenario. `overrides` are texts `ADDRESS=VALUE` that replace single values, the last winning.
#[must_use]
pub fn load(path: &Path, overrides: &[String]) -> Loaded {
    Loader::default().load(path, overrides)
}

/// Loads a scenario from the texts that an earlier [`load`] with the same overrides has read, in their order, wherever the
/// files are by now and whatever they say.
#[must_use]
pub fn load_again(inputs: Vec<Input>, overrides: &[String]) -> Loaded {
    match open_again(inputs) {
        Ok(opened) => opened.vary(overrides.iter().map(|text| ("--set", text.as_str()))),
        Err(loaded) => loaded,
    }
}

/// Opens a scenario from the texts that an earlier [`load`] or [`open`] has read.
///
/// # Errors
/// What was found, if there is nothing to read.
pub fn open_again(inputs: Vec<Input>) -> Result<Opened, Loaded> {
    let path = inputs
        .first()
        .map_or_else(PathBuf::new, |first| first.path.clone());
    let kept = Arc::new(Mutex::new(Kept {
        waiting: inputs.into(),
        known: BTreeMap::new(),
    }));
    Loader {
        kept: Some(kept),
        ..Loader::default()
    }
    .open(&path)
}

/// A scenario whose files have been read and merged, and that can be read with other values again and again.
#[derive(Clone, Debug)]
pub struct Opened {
    loader: Loader,
    root: Node,
}

/// Opens a scenario with all that it extends.
///
/// # Errors
/// What was found, if there is nothing to read.
pub fn open(path: &Path) -> Result<Opened, Loaded> {
    Loader::default().open(path)
}

impl Opened {
    /// Reads it with some values replaced, the last winning; each comes with where it is written.
    #[must_use]
    pub fn vary<'o>(&self, overrides: impl IntoIterator<Item = (&'o str, &'o str)>) -> Loaded {
        let mut varied = self.clone();
        for (place, text) in overrides {
            varied.loader.set(&mut varied.root, place, text);
        }
        varied.loader.read(&varied.root)
    }

    /// Replaces some values for good; faults are reported whenever it is read.
    pub fn replace(&mut self, option: &str, overrides: &[String]) {
        for text in overrides {
            self.loader.set(&mut self.root, option, text);
        }
    }

    /// How many bytes all its texts have.
    #[must_use]
    pub fn length(&self) -> usize {
        self.loader.inputs.iter().map(|input| input.text.len()).sum()
    }

    /// What stands in it, merged.
    #[must_use]
    pub fn root(&self) -> &Node {
        &self.root
    }
}

/// Reads a file that is no scenario but written in the same way: it can neither extend nor read other files.
#[must_use]
pub fn load_as<T: Read>(path: &Path) -> (Option<T>, Sources, Diagnostics) {
    let mut loader = Loader::default();
    let Some(root) = loader.file(path, None) else {
        return (None, loader.sources, loader.diagnostics);
    };
    let mut open = |_: &Path, _: usize| Err("a file like this reads no others".to_owned());
    let mut reader = Reader {
        diagnostics: &mut loader.diagnostics,
        open: &mut open,
        opened: Vec::new(),
        whole: "the file",
    };
    let read = T::read(&root, &Address::root(), &mut reader);
    let is_sound = !loader.diagnostics.has_errors();
    (read.filter(|_| is_sound), loader.sources, loader.diagnostics)
}

/// Texts that stand for those of files.
#[derive(Clone, Debug)]
struct Kept {
    /// Those that have not been asked for yet, in the order in which they will be.
    waiting: VecDeque<Input>,
    /// The others, by the path under which they were asked for.
    known: BTreeMap<PathBuf, String>,
}

impl Kept {
    fn text(&mut self, path: &Path) -> Result<String, Refused> {
        if !self.known.contains_key(path) {
            let next = self.waiting.pop_front().ok_or_else(|| {
                let message = format!("the text of `{}` was not kept", path.display());
                (Rule::UnreadableFile, message, None)
            })?;
            self.known.insert(path.to_owned(), next.text);
        }
        Ok(self.known[path].clone())
    }
}

/// Reads a scenario from a text alone; it can neither extend nor read files.
#[must_use]
pub fn parse(name: &str, text: &str) -> Loaded {
    let mut loader = Loader::default();
    let source = loader.add(Path::new(name), text.to_owned());
    let root = tree::parse(&loader.sources, source, &mut loader.diagnostics);
    loader.read(&root)
}

#[derive(Clone, Debug, Default)]
struct Loader {
    sources: Sources,
    diagnostics: Diagnostics,
    inputs: Vec<Input>,
    /// The folder of each source, by its index.
    folders: Vec<PathBuf>,
    /// The files being extended, outermost first, with the place that names each.
    chain: Vec<(PathBuf, Option<Span>)>,
    /// The texts to read instead of files, if there are any.
    kept: Option<Arc<Mutex<Kept>>>,
}

impl Loader {
    fn load(self, path: &Path, overrides: &[String]) -> Loaded {
        match self.open(path) {
            Ok(mut opened) => {
                opened.replace("--set", overrides);
                opened.loader.read(&opened.root)
            }
            Err(loaded) => loaded,
        }
    }

    fn open(mut self, path: &Path) -> Result<Opened, Loaded> {
        match self.file(path, None) {
            Some(root) => Ok(Opened { loader: self, root }),
            None => Err(self.finish(None)),
        }
    }

    fn add(&mut self, path: &Path, text: String) -> usize {
        self.folders
            .push(path.parent().unwrap_or(Path::new("")).to_owned());
        self.inputs.push(Input {
            path: path.to_owned(),
            text: text.clone(),
        });
        self.sources.add(path.display().to_string(), text)
    }

    fn finish(self, scenario: Option<Scenario>) -> Loaded {
        Loaded {
            scenario,
            sources: self.sources,
            diagnostics: self.diagnostics,
            inputs: self.inputs,
        }
    }

    /// The tree of a file merged onto what it extends. `named_at` is the place of the `extends` that leads here.
    fn file(&mut self, path: &Path, named_at: Option<Span>) -> Option<Node> {
        let canonical = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
        if let Some(position) = self.chain.iter().position(|(earlier, _)| *earlier == canonical) {
            self.refuse_circle(position, path, named_at);
            return None;
        }
        if let (Some(span), true) = (named_at, self.chain.len() > MOST_FILES_BELOW) {
            let message = format!("this file stands below {} others", self.chain.len());
            let fault = Diagnostic::at(Rule::ExtendsDepth, span, message, "named here");
            let help = format!("a scenario builds on at most {MOST_FILES_BELOW} files, one below the other");
            self.diagnostics.push(fault.help(help));
            return None;
        }
        let text = match text_of(self.kept.as_deref(), path) {
            Ok(text) => text,
            Err((rule, message, help)) => {
                let fault = match named_at {
                    Some(span) => Diagnostic::at(rule, span, message, "named here"),
                    None => Diagnostic::without_place(rule, message),
                };
                self.diagnostics.push(fault.maybe_help(help));
                return None;
            }
        };
        let source = self.add(path, text);
        let own = tree::parse(&self.sources, source, &mut self.diagnostics);
        self.chain.push((canonical, named_at));
        let merged = self.extend(path, own);
        self.chain.pop();
        merged
    }

    /// Merges a file's own tree onto the file that its `extends` names, if there is one.
    fn extend(&mut self, path: &Path, mut own: Node) -> Option<Node> {
        let extends = own
            .table()
            .and_then(|table| table.get("extends"))
            .map(|entry| entry.node.clone());
        let Some(Node {
            span,
            value: Value::Text(name),
        }) = extends
        else {
            return Some(own);
        };
        let base = path.parent().unwrap_or(Path::new("")).join(name);
        let mut merged = self.file(&base, Some(span))?;
        if let Value::Table(table) = &mut own.value {
            table.remove("extends");
        }
        tree::merge(&mut merged, own);
        Some(merged)
    }

    fn refuse_circle(&mut self, position: usize, path: &Path, named_at: Option<Span>) {
        let Some(span) = named_at else { return };
        let message = format!("`{}` extends itself in a circle", path.display());
        let mut fault = Diagnostic::at(Rule::ExtendsCycle, span, message, "closes the circle");
        for (_, named_at) in self.chain.iter().skip(position + 1) {
            if let Some(earlier) = named_at {
                fault = fault.context(*earlier, "by way of this");
            }
        }
        self.diagnostics
            .push(fault.help("one of them must stand on its own"));
    }

    /// Replaces one value of the tree by what `ADDRESS=VALUE` says.
    fn set(&mut self, root: &mut Node, option: &str, text: &str) {
        let before = option.len() + 1;
        let source = self.sources.add_option(option, text);
        self.folders.push(PathBuf::new());
        let whole = Span {
            source,
            start: before,
            end: before + text.len(),
        };
        let refuse = |message: String, help: Option<String>| {
            Diagnostic::at(Rule::UnknownAddress, whole, message, "").maybe_help(help)
        };
        let Some((written, _, value)) = split_at_sign(text, &['=']) else {
            let fault = refuse(
                "an override is ADDRESS=VALUE".into(),
                Some("such as us_support.logistics.chance=0.6".into()),
            );
            return self.diagnostics.push(fault);
        };
        let address = match Address::parse(written) {
            Ok(address) => address,
            Err(message) => return self.diagnostics.push(refuse(message, None)),
        };
        if &*address.keys()[0] == "extends" {
            let fault = refuse(
                "`extends` cannot be set here".into(),
                Some("it belongs into a file".into()),
            );
            return self.diagnostics.push(fault);
        }
        match override_value(value, source, before + written.len() + 1) {
            Ok(node) => {
                let found = put(root, address.keys(), &address, &node, whole);
                if let Err((message, help)) = found {
                    self.diagnostics.push(refuse(message, help));
                }
            }
            Err((message, help)) => {
                let help = help.or_else(|| Some("a text needs quotes, as in a file: 'title=\"x\"'".into()));
                let value = shortened(value);
                self.diagnostics
                    .push(refuse(format!("`{value}` is no TOML value: {message}"), help));
            }
        }
    }

    fn read(mut self, root: &Node) -> Loaded {
        let is_broken = self
            .diagnostics
            .in_order()
            .iter()
            .any(|found| found.rule == Rule::Syntax);
        if is_broken || root.table().is_none_or(tree::Table::is_empty) {
            if !self.diagnostics.has_errors() {
                let fault = Diagnostic::without_place(
                    Rule::Empty,
                    format!("`{}` is empty", self.sources.all()[0].name),
                );
                self.diagnostics
                    .push(fault.help("`ceasefire new FILE` writes a scenario to start from"));
            }
            return self.finish(None);
        }
        let folders = self.folders.clone();
        let kept = self.kept.take();
        let mut open = |file: &Path, source: usize| {
            let path = folders[source].join(file);
            text_of(kept.as_deref(), &path).map_err(|(_, message, _)| message)
        };
        let mut reader = Reader {
            diagnostics: &mut self.diagnostics,
            open: &mut open,
            opened: Vec::new(),
            whole: WHOLE_SCENARIO,
        };
        let scenario = Scenario::read(root, &Address::root(), &mut reader);
        let opened = std::mem::take(&mut reader.opened);
        for (path, text) in opened {
            if !self.inputs.iter().any(|input| input.path == path) {
                self.inputs.push(Input { path, text });
            }
        }
        self.finish(scenario)
    }
}

/// Why a file cannot be a scenario: the rule that it breaks, the message, and what helps.
pub type Refused = (Rule, String, Option<String>);

/// The text of a file, or the one that was kept of it.
fn text_of(kept: Option<&Mutex<Kept>>, path: &Path) -> Result<String, Refused> {
    match kept {
        None => text(path),
        Some(kept) => kept.lock().unwrap_or_else(PoisonError::into_inner).text(path),
    }
}

/// The text of a file, or why it cannot be a scenario.
///
/// # Errors
/// The rule that it breaks, the message, and what helps.
pub fn text(path: &Path) -> Result<String, Refused> {
    let name = path.display();
    let bytes = file::read(path, MOST_BYTES).map_err(|error| unreadable(path, &error))?;
    if bytes.iter().all(u8::is_ascii_whitespace) {
        let help = "`ceasefire new FILE` writes a scenario to start from".to_owned();
        return Err((Rule::Empty, format!("`{name}` is empty"), Some(help)));
    }
    let not_text = |bytes: &[u8], at: usize| {
        let line = 1 + bytes[..at].iter().filter(|&&byte| byte == b'\n').count();
        let message = format!(
            "`{name}` is not UTF-8 text: line {line} holds the byte 0x{:02x}",
            bytes[at]
        );
        (Rule::NotUtf8, message, Some("save it as UTF-8".to_owned()))
    };
    // Text has no such byte; what has one is shown to nobody.
    if let Some(at) = bytes.iter().position(|&byte| byte == 0) {
        return Err(not_text(&bytes, at));
    }
    String::from_utf8(bytes).map_err(|error| not_text(error.as_bytes(), error.utf8_error().valid_up_to()))
}

/// Why a file cannot be read.
fn unreadable(path: &Path, error: &std::io::Error) -> Refused {
    use std::io::ErrorKind;
    let name = path.display();
    match error.kind() {
        ErrorKind::IsADirectory => (
            Rule::Directory,
            format!("`{name}` is a directory, not a scenario"),
            Some("name a file in it".to_owned()),
        ),
        ErrorKind::FileTooLarge => {
            let message = format!("`{name}` has more bytes than a scenario may have, {MOST_BYTES}");
            (Rule::TooLarge, message, None)
        }
        ErrorKind::NotFound => (
            Rule::UnreadableFile,
            format!("cannot read `{name}`: there is no such file"),
            neighbour(path),
        ),
        _ => (
            Rule::UnreadableFile,
            format!("cannot read `{name}`: {error}"),
            None,
        ),
    }
}

/// The file in the same folder whose name is nearest to that of a missing one.
fn neighbour(path: &Path) -> Option<String> {
    let folder = path
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty())
        .unwrap_or(Path::new("."));
    let mut names: Vec<String> = fs::read_dir(folder)
        .ok()?
        .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
        .collect();
    names.sort_unstable();
    let written = path.file_name()?.to_str()?;
    let near = crate::diagnostic::nearest(written, names.iter().map(String::as_str))?;
    Some(format!("did you mean `{}`?", path.with_file_name(near).display()))
}

/// Parses the value of an override, with spans that point into the override's text.
///
/// # Errors
/// What is wrong, and what would be right.
fn override_value(value: &str, source: usize, offset: usize) -> Result<Node, (String, Option<String>)> {
    if value.split(':').count() > 1 && value.split(':').all(|part| part.trim().parse::<f64>().is_ok()) {
        let help = "`sweep --axis` takes ranges".to_owned();
        return Err((
            "one value is expected, and this is a range".to_owned(),
            Some(help),
        ));
    }
    let mut sources = Sources::default();
    // Spaces keep the value at its place, so that its spans point into the override as the user wrote it.
    let prefix = "_ =";
    let padding = offset.saturating_sub(prefix.len());
    let index = sources.add("override", format!("{}{prefix}{value}", " ".repeat(padding)));
    let mut diagnostics = Diagnostics::default();
    let mut parsed = tree::parse(&sources, index, &mut diagnostics);
    if let Some(fault) = diagnostics.in_order().first() {
        let label = fault.place.as_ref().map_or("", |(_, label)| label.as_str());
        return Err((label.to_owned(), fault.help.first().cloned()));
    }
    let shift = (padding + prefix.len()) - offset;
    relocate(&mut parsed, source, shift);
    match &mut parsed.value {
        Value::Table(table) if table.len() > 1 => Err(("one value is expected".to_owned(), None)),
        Value::Table(table) => table
            .remove("_")
            .map(|entry| entry.node)
            .ok_or_else(|| ("nothing stands there".to_owned(), None)),
        _ => Err(("nothing stands there".to_owned(), None)),
    }
}

fn relocate(node: &mut Node, source: usize, shift: usize) {
    let moved = |span: &mut Span| {
        *span = Span {
            source,
            start: span.start.saturating_sub(shift),
            end: span.end.saturating_sub(shift),
        };
    };
    moved(&mut node.span);
    match &mut node.value {
        Value::List(items) => items.iter_mut().for_each(|item| relocate(item, source, shift)),
        Value::Table(table) => table.values_mut().for_each(|entry| {
            moved(&mut entry.key);
            relocate(&mut entry.node, source, shift);
        }),
        _ => {}
    }
}

/// Puts a value at an address; `*` puts it at each key, and at each item of a list. Tables on the way must exist, the last key need not.
fn put(
    node: &mut Node,
    keys: &[Arc<str>],
    address: &Address,
    value: &Node,
    span: Span,
) -> Result<(), (String, Option<String>)> {
    let Some((key, rest)) = keys.split_first() else {
        *node = value.clone();
        return Ok(());
    };
    match &mut node.value {
        Value::Table(_) | Value::List(_) if &**key == "*" => {
            let mut found = Err((format!("nothing matches `{address}`"), None));
            for inner in node.behind_any() {
                let is_on_the_way = matches!(inner.value, Value::Table(_) | Value::List(_));
                if is_on_the_way || rest.is_empty() {
                    found = put(inner, rest, address, value, span).or(found);
                }
            }
            found
        }
        Value::Table(table) if rest.is_empty() && !table.contains_key(&**key) => {
            table.insert(
                key.to_string(),
                Entry {
                    key: span,
                    node: value.clone(),
                },
            );
            Ok(())
        }
        Value::Table(table) => {
            let help = suggest(key, table.keys().map(String::as_str));
            let entry = table.get_mut(&**key).ok_or_else(|| {
                (
                    format!("nothing stands at `{address}`: there is no `{key}`"),
                    help,
                )
            })?;
            put(&mut entry.node, rest, address, value, span)
        }
        Value::List(items) => {
            let count = items.len();
            // One place has one name: `00` and `+0` are none.
            let index = key
                .parse::<usize>()
                .ok()
                .filter(|index| **key == index.to_string());
            let item = index.and_then(|index| items.get_mut(index));
            let help = format!("the list has the items 0 to {}", count.saturating_sub(1));
            let item = item.ok_or_else(|| {
                (
                    format!("nothing stands at `{address}`: the list has no item `{key}`"),
                    Some(help),
                )
            })?;
            put(item, rest, address, value, span)
        }
        _ => Err((
            format!(
                "nothing stands at `{address}`: what is before `{key}` is {}",
                node.kind()
            ),
            None,
        )),
    }
}
