//! Findings by check: what can happen and what to change once, then every place.

use super::page::{Page, slug};
use super::signs;
use crate::model::decision::DecisionState;
use crate::model::finding::{Finding, Severity};
use crate::report::about::{self, Group};
use crate::report::document::Controls;
use crate::report::{CheckText, Input};

/// Which list of findings.
#[derive(Clone, Copy, PartialEq, Eq)]
enum List {
    Counted,
    Platform,
    Evidence,
}

impl List {
    fn prefix(self) -> &'static str {
        match self {
            Self::Counted => "check-",
            Self::Platform => "platform-",
            Self::Evidence => "evidence-",
        }
    }
}

/// Where in the page the findings of a check are: among those that `counts`, if one of them does.
#[must_use]
pub fn id_of(check: &str, counts: bool) -> String {
    let list = if counts { List::Counted } else { List::Platform };
    format!("{}{}", list.prefix(), slug(check))
}

/// Those that count.
pub fn findings(input: &Input<'_>, page: &mut Page) {
    let groups = about::by_check(input, input.counted().map(AsRef::as_ref));
    if groups.is_empty() {
        page.markup("<p>There is none.</p>\n");
    }
    write(input, List::Counted, &groups, page);
}

/// Those on objects of the platform itself.
pub fn platform(input: &Input<'_>, page: &mut Page) {
    page.markup(concat!(
        "<p>Static pods, add-ons of the provider, built-in roles and their bindings: listed, but ",
        "they decide no status and no score unless the platform is included.</p>\n"
    ));
    let all = input.result.findings.iter().map(AsRef::as_ref).filter(|f: &&Finding| f.platform);
    write(input, List::Platform, &about::by_check(input, all), page);
}

/// What evidence checks list.
pub fn evidence(input: &Input<'_>, page: &mut Page) {
    page.markup("<p>For a reviewer to look through; nothing here is a fault by itself.</p>\n");
    let all = input.result.evidence.iter().map(AsRef::as_ref);
    write(input, List::Evidence, &about::by_check(input, all), page);
}

fn write(input: &Input<'_>, list: List, groups: &[Group<'_>], page: &mut Page) {
    let controls = Controls::of(input);
    for group in groups {
        self::group(input, list, group, &controls, page);
    }
}

fn group(
    input: &Input<'_>,
    list: List,
    group: &Group<'_>,
    controls: &Controls<'_>,
    page: &mut Page,
) {
    let text = (input.check)(group.check);
    let usual = group.severity(input);
    let sign = signs::severity(usual);
    let id = format!("{}{}", list.prefix(), slug(group.check));
    let class = format!("check {}", sign.class);
    page.open("details", &[("class", &class), ("id", &id)]).markup("<summary>");
    if list != List::Evidence {
        sign.badge(page);
    }
    page.markup(" <span class=\"title\">").text(&text.title).markup("</span> ");
    page.element("code", &[], group.check).markup(" <span class=\"count\">");
    page.text(&size(list, group)).markup("</span></summary>\n<div class=\"body\">\n");
    explained(&text, page);
    served(group.check, controls, page);
    page.markup("<table class=\"stack findings\"><thead><tr><th scope=\"col\">Object</th>");
    page.markup("<th scope=\"col\">Where</th><th scope=\"col\">What</th>");
    if list != List::Evidence {
        page.markup("<th scope=\"col\">State</th>");
    }
    page.markup("</tr></thead><tbody>\n");
    for finding in &group.findings {
        row(input, list, finding, usual, page);
    }
    page.markup("</tbody></table>\n</div></details>\n");
}

fn size(list: List, group: &Group<'_>) -> String {
    let all = group.findings.len();
    match list {
        List::Evidence => format!("{all} listed"),
        _ if group.open == all => format!("{all} open"),
        _ => format!("{} of {all} open", group.open),
    }
}

fn explained(text: &CheckText, page: &mut Page) {
    if !text.why.is_empty() {
        page.markup("<p><strong>Why:</strong> ").prose(&text.why).markup("</p>\n");
    }
    if !text.fix.is_empty() {
        page.markup("<p><strong>Fix:</strong> ").prose(&text.fix).markup("</p>\n");
    }
    if !text.references.is_empty() {
        page.markup("<p class=\"meta\">Read on: ");
        for (at, address) in text.references.iter().enumerate() {
            page.markup(if at > 0 { ", " } else { "" }).link(address, address);
        }
        page.markup("</p>\n");
    }
    if let Some(file) = &text.file {
        page.markup("<p class=\"meta\">A check of your own, from ").element("code", &[], file);
        if let Some(id) = &text.replaces {
            page.markup(", in place of the built-in ").element("code", &[], id);
        }
        page.markup(".</p>\n");
    }
}

/// The controls that the check serves.
fn served(check: &str, controls: &Controls<'_>, page: &mut Page) {
    let controls = controls.of_check(check);
    if controls.is_empty() {
        return;
    }
    page.markup("<p class=\"meta\">Serves ");
    let mut framework = "";
    for control in controls {
        if control.framework == framework {
            page.markup(", ");
        } else {
            page.markup(if framework.is_empty() { "" } else { "; " });
            page.text(control.framework).markup(" ");
            framework = control.framework;
        }
        page.text(control.control);
    }
    page.markup(".</p>\n");
}

fn row(input: &Input<'_>, list: List, finding: &Finding, usual: Severity, page: &mut Page) {
    page.open("tr", &[("id", &finding.fingerprint)]).markup("<th scope=\"row\">");
    page.text(&about::object(finding));
    let container = finding.container.as_deref().map(|name| format!("container {name}"));
    let seen = about::seen(finding);
    let more: Vec<String> =
        container.into_iter().chain((!seen.is_empty()).then_some(seen)).collect();
    if !more.is_empty() {
        page.markup("<small>").text(&more.join(", ")).markup("</small>");
    }
    page.markup("</th><td>");
    if let Some(file) = about::file(finding) {
        page.text(&file).markup("<br>");
    }
    let path = about::path(finding);
    if !path.is_empty() {
        page.element("code", &[], &path);
    }
    match about::value(finding) {
        Some(value) => page.markup("<small>is ").element("code", &[], &value).markup("</small>"),
        None if finding.missing => page.markup("<small>is not set</small>"),
        None => page,
    };
    page.markup("</td><td>").text(&finding.message);
    if let Some(note) = &finding.note {
        page.markup("<small>").prose(note).markup("</small>");
    }
    if list != List::Evidence {
        page.markup("</td><td>");
        if finding.severity != usual {
            let sign = signs::severity(finding.severity);
            page.open("span", &[("class", sign.class)]).text(&sign.text()).close("span");
            page.markup("<br>");
        }
        state(input, finding, page);
        since(input, finding, page);
    }
    page.markup("</td></tr>\n");
}

/// When it was first seen, where earlier runs tell.
fn since(input: &Input<'_>, finding: &Finding, page: &mut Page) {
    let Some(time) = input.since(finding) else { return };
    let day = time.split_once('T').map_or(time, |(day, _)| day);
    page.markup("<small>since ").open("time", &[("datetime", time)]).text(day);
    page.markup("</time></small>");
}

/// What was decided.
fn state(input: &Input<'_>, finding: &Finding, page: &mut Page) {
    let now = input.state(finding);
    if now == DecisionState::Open && input.decision(finding).is_none() {
        page.markup("open");
        return;
    }
    signs::decision(now).badge(page);
    let Some(decision) = input.decision(finding) else { return };
    if decision.state != now {
        page.markup("<small>its acceptance is over</small>");
    }
    page.markup("<small>");
    if let Some(day) = &decision.expires {
        page.markup("until ").text(day).markup(" ");
    }
    if let Some(person) = &decision.approver {
        page.markup("by ").text(person);
    }
    if let Some(reason) = &decision.reason {
        page.markup("<br>").prose(reason);
    }
    if let Some(link) = &decision.link {
        page.markup("<br>").link(link, link);
    }
    page.markup("</small>");
}
