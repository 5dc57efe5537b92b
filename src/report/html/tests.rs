use super::*;

#[test]
fn the_policy_allows_the_style_sheet_that_is_in_the_page() {
    use base64::Engine as _;
    use sha2::Digest as _;
    let sum = sha2::Sha256::digest(STYLE.as_bytes());
    let sum = base64::engine::general_purpose::STANDARD.encode(sum);
    assert_eq!(STYLE_DIGEST, format!("sha256-{sum}"), "renew STYLE_DIGEST");
}

#[test]
fn the_style_sheet_loads_nothing_and_ends_nothing() {
    for bad in ["http", "url(d", "@import", "</", "<"] {
        assert!(!STYLE.contains(bad), "{bad}");
    }
    assert_eq!(STYLE.matches("url(").count(), STYLE.matches("url(#").count());
}
