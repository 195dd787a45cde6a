//! A report for programs.

use serde_json::{Value, json as object};

use crate::{
    check::Report,
    difference::{Difference, Side, Unknown, Wrong},
};

/// `{"equivalent", "resources", "attributes", "guests", "unknown", "differences": [{"kind", "resource", "resource_kind", "path", "terraform",
/// "cloudformation", "model", "wrong"}]}`. A side is `{"value", "file", "line", "rule"}`, or `null` where it says nothing.
pub fn json(report: &Report) -> Value {
    let Report { resources, attributes, unknown, guests, differences, subject: _ } = report;
    object!({
        "equivalent": report.is_equivalent(),
        "resources": resources,
        "attributes": attributes,
        "guests": guests,
        "unknown": unknown.iter().map(not_known).collect::<Vec<_>>(),
        "differences": differences.iter().map(difference).collect::<Vec<_>>(),
    })
}

fn not_known(unknown: &Unknown) -> Value {
    let Unknown { resource, resource_kind, path } = unknown;
    object!({ "resource": resource, "resource_kind": resource_kind, "path": path })
}

fn difference(difference: &Difference) -> Value {
    let Difference { kind, resource, resource_kind, path, terraform, cloudformation, model, wrong } =
        difference;
    object!({
        "kind": kind.as_str(),
        "resource": resource,
        "resource_kind": resource_kind,
        "path": path,
        "terraform": terraform.as_ref().map(side),
        "cloudformation": cloudformation.as_ref().map(side),
        "model": model,
        "wrong": wrong.map(Wrong::as_str),
    })
}

fn side(side: &Side) -> Value {
    let Side { value, file, line, rule } = side;
    object!({ "value": value, "file": file, "line": line, "rule": rule })
}
