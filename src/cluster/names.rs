//! The names of everything in a long list, by the cheapest request that there is: the server's
//! table without objects, 150 bytes a row, while the objects take thousands.
//!
//! It is asked for once, while the pages of the objects arrive, and nothing rests on it: a server
//! that does not make tables is not asked again, and nobody is told.

use std::collections::HashMap;
use std::sync::Arc;

use serde::Deserialize;

use super::api_resource::ApiResource;
use super::connect::Connection;
use super::request::TABLE;
use crate::model::arriving::Arriving;
use crate::model::node::Node;
use crate::model::object::Object;

/// So many objects after the first page make a list long.
pub(super) const LONG: usize = 1_500;
/// Most namespaces that are asked one by one: of a real server that takes 1.2 ms each.
const MOST_PLACES: usize = 100;
/// Longest description that is kept of an object, in characters.
const MOST: usize = 60;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct NamesTable {
    kind: String,
    #[serde(default)]
    api_version: String,
    column_definitions: Vec<NamesColumn>,
    rows: Vec<NamesRow>,
}

#[derive(Deserialize)]
struct NamesColumn {
    name: String,
    /// 0 for what is always shown.
    #[serde(default)]
    priority: i64,
}

#[derive(Deserialize)]
struct NamesRow {
    cells: Vec<Node>,
}

/// Asks for them, in one namespace or everywhere. A table does not say where its rows are: those of
/// everywhere are asked for namespace by namespace, one after the other, as far as these are known
/// and not too many. One try, and none where it fails.
pub(super) async fn names(
    connection: &Connection,
    target: &ApiResource,
    namespace: Option<&str>,
    places: &[String],
) -> Option<Vec<Arc<Arriving>>> {
    let wide = namespace.is_none() && target.namespaced;
    if !wide || places.is_empty() || places.len() > MOST_PLACES {
        return table(connection, target, namespace).await;
    }
    let mut all = Vec::new();
    for place in places {
        all.extend(table(connection, target, Some(place)).await?);
    }
    Some(all)
}

async fn table(
    connection: &Connection,
    target: &ApiResource,
    namespace: Option<&str>,
) -> Option<Vec<Arc<Arriving>>> {
    let url = format!("{}?includeObject=None&resourceVersion=0", target.path(namespace));
    let bytes = connection.once(&url, TABLE, connection.inner.limits.page).await.ok()?.bytes;
    let namespace: Option<Box<str>> = namespace.map(Into::into);
    tokio::task::spawn_blocking(move || parse(&bytes, namespace.as_deref())).await.ok()?
}

/// Those of a list's names that none of these objects has. Objects of several namespaces may have
/// one name: then as many are left as there are more of them.
pub(super) fn missing(names: Vec<Arc<Arriving>>, objects: &[Arc<Object>]) -> Vec<Arc<Arriving>> {
    let mut there: HashMap<&str, Vec<&str>> = HashMap::with_capacity(objects.len());
    for object in objects {
        there.entry(&object.id.name).or_default().push(object.namespace());
    }
    let mut is_there = |name: &Arriving| {
        let Some(places) = there.get_mut(&*name.name) else { return false };
        let same = |place: &&str| name.namespace.as_deref().is_none_or(|own| own == *place);
        places.iter().position(same).map(|at| places.swap_remove(at)).is_some()
    };
    names.into_iter().filter(|name| !is_there(name)).collect()
}

/// Reads a table. None if it is something else, or has no names.
fn parse(bytes: &[u8], namespace: Option<&str>) -> Option<Vec<Arc<Arriving>>> {
    let table: NamesTable = serde_json::from_slice(bytes).ok()?;
    if table.kind != "Table" || table.api_version != "meta.k8s.io/v1" {
        return None;
    }
    let at = table.column_definitions.iter().position(|c| c.name.eq_ignore_ascii_case("name"))?;
    let row = |row: NamesRow| {
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
    use crate::cluster::list::ListResult;
    use crate::cluster::read::ReadStep;
    use crate::cluster::store::{Slot, Store};
    use crate::model::inventory::SourceInfo;
    use crate::model::kinds::Kind;
    use crate::model::read::ReadStatus;

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
            &TABLE.replace("meta.k8s.io/v1", "v1"),
            &TABLE.replace("\"web-0\"", "7"),
        ] {
            assert_eq!(parse(text.as_bytes(), None), None, "{text}");
        }
    }

    fn pod(name: &str, namespace: &str) -> Arc<Object> {
        let body = format!(
            r#"{{"apiVersion":"v1","kind":"Pod","metadata":{{"name":"{name}","namespace":"{namespace}"}}}}"#
        );
        Arc::new(Object::new(Node::from_json(body.as_bytes()).unwrap()).unwrap())
    }

    fn named(namespace: Option<&str>, names: &[&str]) -> Vec<Arc<Arriving>> {
        let name = |name: &&str| Arriving {
            namespace: namespace.map(Into::into),
            name: (*name).into(),
            state: "".into(),
        };
        names.iter().map(|n| Arc::new(name(n))).collect()
    }

    #[test]
    fn a_name_is_arriving_until_its_object_is_there() {
        let kind = Kind::new("", "Pod");
        let slot = Slot { kind: kind.clone(), namespace: None };
        let mut store = Store::new(SourceInfo::default());
        store.apply(ReadStep::Planned(vec![(slot.clone(), None)]));
        store.apply(ReadStep::Names(slot.clone(), named(None, &["a", "b", "b", "c"])));
        let coming = |store: &mut Store| -> Vec<String> {
            let inventory = store.parts().inventory();
            let coming = inventory.arriving.get(&kind).into_iter().flatten();
            coming.map(|name| name.name.to_string()).collect()
        };
        assert_eq!(coming(&mut store), ["a", "b", "b", "c"]);
        store.apply(ReadStep::Page(slot.clone(), 0, vec![pod("b", "x"), pod("new", "x")]));
        assert_eq!(coming(&mut store), ["a", "b", "c"]);
        let mut listed = ListResult::without(ReadStatus::Complete, None);
        listed.objects = vec![pod("a", "x"), pod("b", "x"), pod("new", "x")];
        listed.millis = Some(1);
        store.apply(ReadStep::Done(slot.clone(), None, listed));
        assert_eq!(coming(&mut store), [""; 0], "what is not there now was deleted meanwhile");
        store.apply(ReadStep::Names(slot, named(None, &["late"])));
        assert_eq!(coming(&mut store), [""; 0]);
    }

    #[test]
    fn names_of_one_namespace_are_not_taken_for_those_of_another() {
        let objects = [pod("web", "a")];
        assert_eq!(missing(named(Some("b"), &["web"]), &objects).len(), 1);
        assert_eq!(missing(named(Some("a"), &["web"]), &objects).len(), 0);
    }
}
