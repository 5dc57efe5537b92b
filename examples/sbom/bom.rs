//! A bill of materials in `CycloneDX` 1.6: every crate that is linked into the binary for a target,
//! with the features as built, its licence, who made it, and the checksum of Cargo.lock; inside a crate
//! the C library that it brings along. What only runs while building or testing (build scripts, macros, development dependencies) is not in the binary and
//! not in the list. Equal inputs give equal bytes.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

/// What separates the columns that cargo is asked for: it stands in no name, licence or address.
const TAB: char = '\t';

/// Who hands the program out, and this bill with it.
const MAINTAINERS: &str = "The maintainers of Plimsoll";
/// What libmimalloc-sys compiles of the C library, in its directory: Cargo.toml asks for this one.
pub const MIMALLOC: &str = "c_src/mimalloc/v2";

/// Where a crate comes from.
struct Origin {
    /// Its sources on this machine.
    dir: PathBuf,
    /// Whom it names as its authors; many crates name nobody.
    authors: Vec<String>,
}

/// One crate as cargo tells of it.
#[derive(Clone, Debug, Default)]
struct Package {
    name: String,
    version: String,
    licence: String,
    repository: String,
    features: Vec<String>,
    /// Names and versions of what it uses.
    uses: BTreeSet<(String, String)>,
}

/// A name and a version.
pub type Key = (String, String);

/// The bill of materials for a target, without digest of a binary, time or number.
///
/// # Errors
/// When cargo or rustc cannot be asked, or say what is not understood.
pub fn make(target: &str) -> Result<Value, String> {
    let (root, packages) = packages(target)?;
    let (checksums, origins) = (checksums()?, origins(target)?);
    let rust = rust()?;
    let mut components = vec![standard_library(&rust)];
    let mut dependencies = Vec::new();
    for (key, package) in &packages {
        let mut uses: Vec<String> = package.uses.iter().map(purl).collect();
        if *key == root {
            uses.push(std_purl(&rust));
        } else {
            let checksum = checksums
                .get(key)
                .ok_or_else(|| format!("{} {} has no checksum in Cargo.lock", key.0, key.1))?;
            let origin = origins
                .get(key)
                .ok_or_else(|| format!("cargo metadata does not name {} {}", key.0, key.1))?;
            components.push(component(key, package, checksum, origin)?);
        }
        uses.sort();
        dependencies.push(json!({ "ref": purl(key), "dependsOn": uses }));
    }
    dependencies.push(json!({ "ref": std_purl(&rust) }));
    components.sort_by_key(|c| c["bom-ref"].to_string());
    let own = packages.get(&root).ok_or("cargo tree does not name the program")?;
    Ok(json!({
        "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": {
            "lifecycles": [{ "phase": "build" }],
            "tools": { "components": [
                { "type": "application", "name": "plimsoll-sbom", "version": root.1 },
                { "type": "application", "name": "rustc", "version": rust },
            ] },
            "authors": [{ "name": MAINTAINERS }],
            "supplier": { "name": MAINTAINERS },
            "component": program(&root, own, target),
        },
        "components": components,
        "dependencies": dependencies,
    }))
}

/// Writes down which binary the bill belongs to.
pub fn belongs_to(bom: &mut Value, binary: &[u8]) {
    bom["metadata"]["component"]["hashes"] =
        json!([{ "alg": "SHA-256", "content": hex(&Sha256::digest(binary)) }]);
}

/// Writes down when it was made, in seconds since 1970.
///
/// # Errors
/// When that is no time.
pub fn made_at(bom: &mut Value, epoch: &str) -> Result<(), String> {
    let seconds: i64 = epoch.trim().parse().map_err(|_| format!("`{epoch}` is no time"))?;
    let time = jiff::Timestamp::from_second(seconds).map_err(|error| error.to_string())?;
    bom["metadata"]["timestamp"] = json!(time.to_string());
    Ok(())
}

/// Numbers the bill after what is in it, so that two that differ have different numbers.
pub fn number(bom: &mut Value) {
    let digest = Sha256::digest(bom.to_string().as_bytes());
    let number = uuid::Uuid::new_v5(&uuid::Uuid::NAMESPACE_URL, &digest);
    bom["serialNumber"] = json!(format!("urn:uuid:{number}"));
}

/// Where the sources of each crate lie, by name and version.
///
/// # Errors
/// When cargo cannot be asked.
pub fn sources(target: &str) -> Result<BTreeMap<Key, PathBuf>, String> {
    Ok(origins(target)?.into_iter().map(|(key, origin)| (key, origin.dir)).collect())
}

fn origins(target: &str) -> Result<BTreeMap<Key, Origin>, String> {
    let args = ["metadata", "--locked", "--format-version", "1", "--filter-platform", target];
    let metadata: Value =
        serde_json::from_str(&ask(&cargo(), &args)?).map_err(|error| error.to_string())?;
    let text = |package: &Value, key: &str| Some(package[key].as_str()?.to_owned());
    let packages = metadata["packages"].as_array().into_iter().flatten();
    let each = packages.filter_map(|package| {
        let dir = PathBuf::from(text(package, "manifest_path")?).parent()?.to_owned();
        let authors = package["authors"].as_array().into_iter().flatten();
        let authors = authors.filter_map(|author| author.as_str().map(person)).collect();
        Some(((text(package, "name")?, text(package, "version")?), Origin { dir, authors }))
    });
    Ok(each.collect())
}

/// The name of an author without the address, which nobody needs in order to know who it is.
fn person(author: &str) -> String {
    let name = author.split('<').next().unwrap_or_default().trim();
    if name.is_empty() { author.trim_matches(['<', '>', ' ']) } else { name }.to_owned()
}

/// Who supplies a crate: the account that its sources are kept under, with the address of it.
fn supplier(repository: &str) -> Option<Value> {
    let (scheme, rest) = repository.split_once("://")?;
    let mut parts = rest.split('/');
    let (host, account) = (parts.next()?, parts.next().filter(|account| !account.is_empty())?);
    Some(json!({ "name": account, "url": [format!("{scheme}://{host}/{account}")] }))
}

fn program(key: &Key, package: &Package, target: &str) -> Value {
    json!({
        "type": "application",
        "bom-ref": purl(key),
        "name": key.0,
        "version": key.1,
        "purl": purl(key),
        "supplier": { "name": MAINTAINERS },
        "licenses": [{ "expression": package.licence }],
        "properties": [{ "name": "plimsoll:target", "value": target }],
    })
}

fn component(
    key: &Key,
    package: &Package,
    checksum: &str,
    origin: &Origin,
) -> Result<Value, String> {
    let mut component = json!({
        "type": "library",
        "bom-ref": purl(key),
        "name": key.0,
        "version": key.1,
        "purl": purl(key),
        "scope": "required",
        "hashes": [{ "alg": "SHA-256", "content": checksum }],
        "licenses": [{ "expression": package.licence }],
    });
    if !origin.authors.is_empty() {
        let each = origin.authors.iter().map(|name| json!({ "name": name }));
        component["authors"] = each.collect();
    }
    if let Some(supplier) = supplier(&package.repository) {
        component["supplier"] = supplier;
    }
    if !package.repository.is_empty() {
        component["externalReferences"] = json!([{ "type": "vcs", "url": package.repository }]);
    }
    if !package.features.is_empty() {
        let features = package.features.join(",");
        component["properties"] = json!([{ "name": "plimsoll:features", "value": features }]);
    }
    if let Some(bundled) = bundled(key, &origin.dir)? {
        component["components"] = json!([bundled]);
    }
    Ok(component)
}

/// The C library that a crate compiles from what it carries: no other copy of it is linked.
fn bundled((name, version): &Key, dir: &Path) -> Result<Option<Value>, String> {
    let (library, version, licence, supplier) = if name == "libmimalloc-sys" {
        ("mimalloc", mimalloc(dir)?, "MIT", "Microsoft Corporation")
    } else if let Some((_, bundled)) = version.split_once("+zstd.") {
        ("zstd", bundled.to_owned(), "BSD-3-Clause", "Meta Platforms, Inc.")
    } else {
        return Ok(None);
    };
    let purl = format!("pkg:generic/{library}@{version}");
    Ok(Some(json!({
        "type": "library",
        "bom-ref": purl,
        "name": library,
        "version": version,
        "purl": purl,
        "scope": "required",
        "supplier": { "name": supplier },
        "licenses": [{ "license": { "id": licence } }],
    })))
}

/// The version of mimalloc as its header has it: two digits each of minor and patch behind the major.
fn mimalloc(dir: &Path) -> Result<String, String> {
    let path = dir.join(MIMALLOC).join("include/mimalloc.h");
    let text =
        std::fs::read_to_string(&path).map_err(|error| format!("{}: {error}", path.display()))?;
    let number = text.lines().find_map(|line| line.strip_prefix("#define MI_MALLOC_VERSION"));
    let number = number.and_then(|rest| rest.split_whitespace().next()?.parse::<u32>().ok());
    let number = number.ok_or_else(|| format!("{}: it tells no version", path.display()))?;
    Ok(format!("{}.{}.{}", number / 10_000, number / 100 % 100, number % 100))
}

/// The standard library is linked into every binary, and comes with the compiler.
fn standard_library(rust: &str) -> Value {
    json!({
        "type": "library",
        "bom-ref": std_purl(rust),
        "name": "rust-std",
        "version": rust,
        "purl": std_purl(rust),
        "scope": "required",
        "supplier": { "name": "The Rust Project", "url": ["https://www.rust-lang.org"] },
        "licenses": [{ "expression": "MIT OR Apache-2.0" }],
        "externalReferences": [{ "type": "vcs", "url": "https://github.com/rust-lang/rust" }],
    })
}

fn std_purl(rust: &str) -> String {
    format!("pkg:generic/rust-std@{rust}")
}

/// The address of a crate; the plus sign of a version is written as an escape.
fn purl((name, version): &Key) -> String {
    format!("pkg:cargo/{name}@{}", version.replace('+', "%2B"))
}

/// What is linked, as cargo resolves it for the target: with the features of the release, not
/// those that tests add.
fn packages(target: &str) -> Result<(Key, BTreeMap<Key, Package>), String> {
    let format = ["{p}", "{l}", "{r}", "{f}"].join(&TAB.to_string());
    let text = ask(
        &cargo(),
        &[
            "tree",
            "--locked",
            "--edges",
            "normal,no-proc-macro",
            "--target",
            target,
            "--prefix",
            "depth",
            "--charset",
            "ascii",
            "--format",
            &format,
        ],
    )?;
    let mut packages: BTreeMap<Key, Package> = BTreeMap::new();
    // The packages from the root down to the line before.
    let mut above: Vec<Key> = Vec::new();
    for line in text.lines().filter(|line| !line.trim().is_empty()) {
        let (depth, package) = parse(line).ok_or_else(|| format!("cargo tree says `{line}`"))?;
        let key = (package.name.clone(), package.version.clone());
        above.truncate(depth);
        if let Some(parent) = above.last().and_then(|parent| packages.get_mut(parent)) {
            parent.uses.insert(key.clone());
        }
        above.push(key.clone());
        packages.entry(key).or_insert(package);
    }
    let root = above.into_iter().next().ok_or("cargo tree says nothing")?;
    Ok((root, packages))
}

/// A line such as `2serde v1.0.2<tab>MIT OR Apache-2.0<tab>https://…<tab>default,std`, which ends
/// with ` (*)` where it stood before.
fn parse(line: &str) -> Option<(usize, Package)> {
    let mut columns = line.trim_end_matches(" (*)").split(TAB);
    let head = columns.next()?;
    let name = head.trim_start_matches(|c: char| c.is_ascii_digit());
    let depth = head.strip_suffix(name)?.parse().ok()?;
    let mut words = name.split(' ');
    let (name, version) = (words.next()?, words.next()?.strip_prefix('v')?);
    let licence = columns.next()?.replace('/', " OR ");
    let repository = columns.next()?.to_owned();
    let features = columns.next()?.split(',').filter(|f| !f.is_empty());
    let package = Package {
        name: name.to_owned(),
        version: version.to_owned(),
        licence,
        repository,
        features: features.map(str::to_owned).collect(),
        uses: BTreeSet::new(),
    };
    Some((depth, package))
}

/// Checksums by name and version.
fn checksums() -> Result<BTreeMap<Key, String>, String> {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.lock");
    let text = std::fs::read_to_string(path).map_err(|error| format!("{path}: {error}"))?;
    let lock: toml::Table = toml::from_str(&text).map_err(|error| format!("{path}: {error}"))?;
    let packages = lock.get("package").and_then(toml::Value::as_array);
    let text = |package: &toml::Value, key: &str| Some(package.get(key)?.as_str()?.to_owned());
    let each = packages.into_iter().flatten().filter_map(|package| {
        let key = (text(package, "name")?, text(package, "version")?);
        Some((key, text(package, "checksum")?))
    });
    Ok(each.collect())
}

/// The version of the compiler.
fn rust() -> Result<String, String> {
    let rustc = std::env::var("RUSTC").unwrap_or_else(|_| "rustc".to_owned());
    let text = ask(&rustc, &["-vV"])?;
    let release = text.lines().find_map(|line| line.strip_prefix("release: "));
    release.map(str::to_owned).ok_or_else(|| format!("rustc says `{text}`"))
}

fn cargo() -> String {
    std::env::var("CARGO").unwrap_or_else(|_| "cargo".to_owned())
}

fn ask(program: &str, args: &[&str]) -> Result<String, String> {
    let output = Command::new(program)
        .args(args)
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .map_err(|error| format!("{program}: {error}"))?;
    if !output.status.success() {
        return Err(format!("{program}: {}", String::from_utf8_lossy(&output.stderr)));
    }
    String::from_utf8(output.stdout).map_err(|error| format!("{program}: {error}"))
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
