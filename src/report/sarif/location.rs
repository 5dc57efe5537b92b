//! Where a result is: a file with a line, and the object with the path in it.

use std::collections::HashMap;

use serde_json::{Value, json};

use super::safe;
use crate::model::finding::Finding;
use crate::report::{Input, about};

/// The files that were read, and their places in the list of artifacts.
pub struct Files {
    list: Vec<String>,
    index: HashMap<String, usize>,
}

impl Files {
    /// The files of the source, then those that only findings name.
    pub fn of(input: &Input<'_>) -> Self {
        let mut files = Self { list: Vec::new(), index: HashMap::new() };
        let results = input.result.findings.iter().chain(&input.result.evidence);
        let named = results.filter_map(|f| f.file.as_deref());
        for file in input.source.files.iter().map(String::as_str).chain(named) {
            if !files.index.contains_key(file) {
                files.index.insert(file.to_owned(), files.list.len());
                files.list.push(file.to_owned());
            }
        }
        files
    }

    /// The list of artifacts.
    pub fn artifacts(&self) -> Vec<Value> {
        let each =
            |file: &String| json!({ "location": address(file), "roles": ["analysisTarget"] });
        self.list.iter().map(each).collect()
    }

    /// Names a file.
    pub fn location(&self, file: &str) -> Value {
        let mut place = address(file);
        if let (Some(map), Some(index)) = (place.as_object_mut(), self.index.get(file)) {
            map.insert("index".to_owned(), json!(index));
        }
        place
    }
}

/// A relative file is relative to where the scan was started, which for a pipeline is the root of
/// the sources.
fn address(file: &str) -> Value {
    let path = file.strip_prefix("./").unwrap_or(file);
    if path.starts_with('/') {
        return json!({ "uri": format!("file://{}", encode(path)) });
    }
    json!({ "uri": encode(path), "uriBaseId": "%SRCROOT%" })
}

/// A path as a URI: everything that is not unreserved is percent-encoded, a backslash is a slash.
fn encode(path: &str) -> String {
    let mut out = String::with_capacity(path.len());
    for byte in path.replace('\\', "/").bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'/' => {
                out.push(char::from(byte));
            }
            byte => out.push_str(&format!("%{byte:02X}")),
        }
    }
    out
}

/// The location of a finding.
pub fn of(finding: &Finding, files: &Files) -> Value {
    let object = safe(&about::object(finding));
    let path = safe(&about::path(finding));
    let name = if path.is_empty() { object.clone() } else { format!("{object}:{path}") };
    let short = finding.object.as_ref().map_or("cluster", |o| &o.name);
    let mut location = json!({
        "logicalLocations": [{
            "name": safe(if path.is_empty() { short } else { path.as_str() }),
            "fullyQualifiedName": name,
            "kind": if path.is_empty() { "object" } else { "property" },
        }],
    });
    if let (Some(map), Some(file)) = (location.as_object_mut(), finding.file.as_deref()) {
        let mut place = json!({ "artifactLocation": files.location(file) });
        if let (Some(place), Some(line)) = (place.as_object_mut(), finding.line) {
            place.insert("region".to_owned(), json!({ "startLine": line }));
        }
        map.insert("physicalLocation".to_owned(), place);
    }
    location
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_files_become_addresses() {
        assert_eq!(address("./a b/c%.yaml")["uri"], "a%20b/c%25.yaml");
        assert_eq!(address("/srv/ü.yaml"), json!({ "uri": "file:///srv/%C3%BC.yaml" }));
        assert_eq!(address("a:b\u{1b}")["uri"], "a%3Ab%1B");
    }
}
