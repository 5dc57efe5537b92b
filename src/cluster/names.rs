//! The names of everything in a long list, by the cheapest request that there is: the server's
//! table without objects, 140 bytes a row, while the objects take thousands.
//!
//! It is asked for once, while the pages of the objects arrive, and nothing rests on it: a server
//! that does not make tables is not asked again, and nobody is told.

use std::sync::Arc;

use serde::Deserialize;

use super::connect::Connection;
use super::request::TABLE;
use super::target::Target;
use crate::model::arriving::Arriving;
use crate::model::node::Node;

/// So many objects after the first page make a list long.
pub(super) const LONG: usize = 1_500;
/// Longest description that is kept of an object, in characters.
const MOST: usize = 60;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Table {
    kind: String,
    column_definitions: Vec<Column>,
    rows: Vec<Row>,
}

#[derive(Deserialize)]
struct Column {
    name: String,
    /// 0 for what is always shown.
    #[serde(default)]
    priority: i64,
}

#[derive(Deserialize)]
struct Row {
    cells: Vec<Node>,
}

/// Asks for them. One try, and none where it fails.
pub(super) async fn names(
    connection: &Connection,
    target: &Target,
    namespace: Option<&str>,
) -> Option<Vec<Arc<Arriving>>> {
    let url = format!("{}?includeObject=None&resourceVersion=0", target.path(namespace));
    let bytes = connection.once(&url, TABLE).await.ok()?;
    let namespace: Option<Box<str>> = namespace.map(Into::into);
    tokio::task::spawn_blocking(move || parse(&bytes, namespace.as_deref())).await.ok()?
}

/// Reads a table. None if it is something else, or has no names.
fn parse(bytes: &[u8], namespace: Option<&str>) -> Option<Vec<Arc<Arriving>>> {
    let table: Table = serde_json::from_slice(bytes).ok()?;
    if table.kind != "Table" {
        return None;
    }
    let at = table.column_definitions.iter().position(|c| c.name.eq_ignore_ascii_case("name"))?;
    let row = |row: Row| {
        let name = row.cells.get(at)?.as_str().filter(|name| !name.is_empty())?;
        let shown = table.column_definitions.iter().zip(&row.cells).enumerate();
        let others = shown.filter(|(place, (column, _))| *place != at && column.priority == 0);
        let words: Vec<String> = others.filter_map(|(_, (_, cell))| word(cell)).collect();
        let state: String = words.join(" ").chars().take(MOST).collect();
        let namespace = namespace.map(Into::into);
        Some(Arc::new(Arriving { namespace, name: name.into(), state: state.into() }))
    };
    table.rows.into_iter().map(row).collect()
}

fn word(cell: &Node) -> Option<String> {
    match cell {
        Node::Str(text) => Some(text.to_string()).filter(|text| !text.is_empty()),
        Node::Bool(_) | Node::Int(_) | Node::UInt(_) | Node::Float(_) => Some(format!("{cell:?}")),
        Node::Null | Node::List(_) | Node::Map(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TABLE: &str = r#"{"kind":"Table","apiVersion":"meta.k8s.io/v1","metadata":{},
      "columnDefinitions":[
        {"name":"Name","type":"string","format":"name","description":"","priority":0},
        {"name":"Ready","type":"string","format":"","description":"","priority":0},
        {"name":"Restarts","type":"integer","format":"","description":"","priority":0},
        {"name":"Node","type":"string","format":"","description":"","priority":1}],
      "rows":[{"cells":["web-0","2/2",3,"node-1"],"object":null},{"cells":["web-1","",0,null]}]}"#;

    #[test]
    fn a_table_gives_names_and_what_is_shown_first() {
        let rows = parse(TABLE.as_bytes(), Some("pay")).unwrap();
        let told: Vec<_> = rows.iter().map(|r| (&*r.name, &*r.state)).collect();
        assert_eq!(told, [("web-0", "2/2 3"), ("web-1", "0")]);
        assert_eq!(rows[0].namespace.as_deref(), Some("pay"));
        assert_eq!(parse(TABLE.as_bytes(), None).unwrap()[0].namespace, None);
    }

    #[test]
    fn what_is_no_table_gives_nothing() {
        for text in [
            "<html>",
            r#"{"kind":"PodList","items":[]}"#,
            &TABLE.replace("\"Name\"", "\"Title\""),
            &TABLE.replace("\"kind\":\"Table\"", "\"kind\":\"Chair\""),
            &TABLE.replace("\"web-0\"", "7"),
        ] {
            assert_eq!(parse(text.as_bytes(), None), None, "{text}");
        }
    }
}
