//! The inventory that is made of what was gathered.

use super::{Batch, unread};
use crate::model::inventory::{Inventory, Problem, ProblemKind, SourceInfo, SourceKind};
use crate::model::read::{Read, ReadStatus};
use crate::source::files::Options;
use crate::source::implied;

impl Batch {
    /// Says in the read of each file how many of its documents are not assessed: a later file may have
    /// an object of the same name.
    fn tell_lost(&mut self) {
        for read in self.reads.iter_mut().filter(|read| read.status == ReadStatus::Complete) {
            let message = match self.lost.get(&read.resource) {
                None => continue,
                Some(1) => "1 document is not assessed".to_owned(),
                Some(n) => format!("{n} documents are not assessed"),
            };
            read.status = ReadStatus::Partial;
            read.message = Some(message);
        }
    }

    /// Adds what a cluster adds to manifests that are everything there is, and says so.
    fn imply(&mut self) {
        let accounts = implied::default_accounts(&self.objects);
        let roots = implied::root_certificates(&self.objects);
        let roles = implied::built_in_roles(&self.objects);
        for (what, items, why) in [
            (
                "default service accounts",
                accounts.len(),
                "every namespace has one, and pods run as these",
            ),
            (
                "root certificates",
                roots.len(),
                "every namespace has kube-root-ca.crt, and pods read these",
            ),
            ("built-in roles", roles.len(), "every cluster has them, and these are bound"),
        ] {
            if items > 0 {
                let message =
                    format!("not in the manifests; {why}: judged as a cluster creates them");
                let read = unread(ReadStatus::Complete, message);
                self.reads.push(Read { resource: what.to_owned(), items, ..read });
            }
        }
        self.objects.extend(accounts);
        self.objects.extend(roots);
        self.objects.extend(roles);
    }

    pub(in crate::source::files) fn finish(mut self, options: &Options) -> Inventory {
        self.tell_lost();
        self.tell_unjudged();
        self.tell_patched();
        // What could not be read may be what is missed: absence cannot be concluded then.
        let whole = self.lost.is_empty();
        if options.complete && !whole {
            let message = "the manifests are not taken as complete, because not all of them could \
                           be read";
            self.problems.push(Problem {
                kind: ProblemKind::Document,
                file: None,
                line: None,
                column: None,
                object: None,
                check: None,
                message: message.to_owned(),
            });
        }
        implied::aggregate(&mut self.objects);
        if options.complete && whole {
            self.imply();
        }
        let source = SourceInfo {
            kind: SourceKind::Files,
            kubernetes: options
                .kube_version
                .as_deref()
                .map(|v| format!("v{}", v.trim_start_matches('v'))),
            files: self.files,
            closed_world: options.complete && whole,
            ..SourceInfo::default()
        };
        let mut inventory = Inventory::new(source, self.objects, self.reads);
        inventory.problems = self.problems;
        inventory
    }
}
