//! Parts of screens.

/// A part of a screen that has a heading and columns of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Section {
    /// Ways to begin.
    Begin,
    /// Saved sessions.
    Sessions,
    /// Contexts of the kubeconfig.
    Contexts,
    /// Frameworks and their scores.
    Frameworks,
    /// Where most is gained.
    Mend,
    /// What is unknown and why.
    Gaps,
    /// Namespaces and their findings.
    Namespaces,
    /// Themes of checks and their findings.
    Themes,
    /// What is wrong with documents of files.
    Problems,
    /// What was read.
    Reads,
    /// Why a control has its status.
    Reasons,
    /// Checks of a control, with their findings.
    Checks,
    /// Controls that rest on something.
    Controls,
    /// Findings.
    Findings,
    /// Findings of two runs.
    Compared,
    /// Frameworks in two runs.
    FrameworkShifts,
    /// Controls that have another status in the later of two runs.
    ControlShifts,
    /// Findings about which something was decided between two runs.
    Decided,
    /// Kinds of objects.
    Kinds,
    /// Objects.
    Objects,
    /// Messages.
    Messages,
    /// Questions that a person has to answer.
    Questions,
    /// Findings that count no more because somebody says so.
    Exceptions,
    /// Where other tools come to another end than the checks.
    Disagreements,
    /// Subjects and the worst they can do.
    Holders,
    /// Roles and who is bound to them.
    Roles,
    /// Rights of one subject.
    Rights,
    /// Rights that come with a subject's groups.
    GroupRights,
    /// Who can do what was asked.
    Can,
    /// What runs as an account.
    RunsAs,
    /// Bindings of a role.
    Bindings,
    /// Rules of a role.
    Rules,
    /// Namespaces and how far their pods are isolated.
    Zones,
    /// Workloads of a namespace and how far they are isolated.
    Stations,
    /// Network policies.
    Policies,
    /// Policies that are not evaluated.
    Foreign,
    /// Who may reach a workload.
    Entering,
    /// Where a workload may go.
    Leaving,
    /// What could not be read.
    NotKnown,
    /// Tenants.
    Tenants,
    /// Frameworks of a tenant.
    TenantScores,
    /// Clusters side by side.
    Clusters,
    /// Checks that fail in some clusters and not in others.
    Differs,
    /// Checks that fail in some clusters and are not known in the others.
    MayDiffer,
    /// Findings that a patch clears.
    Clears,
    /// Findings that fail only with the patch, or worse.
    Appears,
    /// Findings that the patch leaves.
    Left,
    /// Controls of which the patch changes the status.
    Moves,
}
