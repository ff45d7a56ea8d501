//! Coalitions of any number: scenarios like `coalition30.toml`, as texts.

use std::fmt::Write as _;

/// How many contributors `coalition30.toml` has: what amounts to ask for is scaled from there.
const FEW: u32 = 30;

/// What stands above the contributors.
const HEAD: &str = r#"format = 1
title = "Benchmark: a coalition"
start = 2025-01-01
horizon = "365d"

[ceasefire]
chance = 0.6
after = { weibull = { shape = 1.2, scale = 200 } }
lasts = { weibull = { shape = 0.7, scale = 300 } }
again = { exponential = { mean = 60 } }

[us_support.logistics]
chance = 0.4
after = { lognormal = { median = 30, p90 = 90 } }

[us_support.air_defence]
chance = 0.3
after = { lognormal = { median = 30, p90 = 90 } }

[us_support.intelligence]
chance = 0.5
after = { lognormal = { median = 30, p90 = 90 } }

[capabilities.troops]
unit = "soldiers"

[capabilities.combat_aircraft]
unit = "aircraft"

[capabilities.ships]
unit = "ships"

[capabilities.training_teams]
unit = "teams"
"#;

/// A scenario of so many contributors with two packages each over four capabilities.
///
/// The contributors are those of `coalition30.toml` over and over, and what the objectives ask for grows with their
/// number, so that about as much of the coalition is needed whatever its size. With 30 it is the same model.
#[must_use]
pub fn scenario(contributors: u32) -> String {
    let mut text = HEAD.to_owned();
    for number in 0..contributors {
        write_contributor(&mut text, number).expect("a text takes every text");
    }
    write_objectives(&mut text, contributors).expect("a text takes every text");
    text
}

fn write_contributor(text: &mut String, number: u32) -> std::fmt::Result {
    let kind = number % FEW;
    let name = format!("contributors.c{number:02}");
    let notice = "notice_to_move = { pert = { min = 20, mode = 45, max = 120 } }";
    writeln!(text, "\n[{name}]\nchance = 0.{}", 35 + 2 * kind)?;
    if number % 5 < 2 {
        writeln!(text, "requires = [\"us_support.logistics\"]")?;
    }
    let (median, p90) = (20 + kind, 3 * (20 + kind));
    writeln!(
        text,
        "decision = {{ lognormal = {{ median = {median}, p90 = {p90} }} }}"
    )?;
    let (mode, max) = (800 + 100 * kind, 3000 + 100 * kind);
    writeln!(text, "\n[{name}.provides.troops]")?;
    writeln!(
        text,
        "amount = {{ triangular = {{ min = 200, mode = {mode}, max = {max} }} }}\n{notice}"
    )?;
    let (capability, mode, max) = match number % 3 {
        0 => ("combat_aircraft", 6, 18),
        1 => ("ships", 1, 4),
        _ => ("training_teams", 2, 6),
    };
    writeln!(text, "\n[{name}.provides.{capability}]")?;
    writeln!(
        text,
        "amount = {{ triangular = {{ min = 0, mode = {mode}, max = {max} }} }}\n{notice}"
    )
}

fn write_objectives(text: &mut String, contributors: u32) -> std::fmt::Result {
    let [troops, many_aircraft, aircraft, ships, many_teams, teams] =
        [20_000, 60, 30, 8, 20, 12].map(|amount| f64::from(amount * contributors) / f64::from(FEW));
    write!(
        text,
        r#"
[[correlations]]
of = ["contributors.*.chance"]
rho = 0.3

[objectives.peace_on_land]
requires = [{{ capability = "troops", at_least = {troops}, label = "soldiers" }}]

[objectives.safe_skies]
requires = [{{ any = [
  {{ capability = "combat_aircraft", at_least = {many_aircraft} }},
  {{ all = ["us_support.air_defence", {{ capability = "combat_aircraft", at_least = {aircraft} }}] }},
], label = "aircraft, fewer with U.S. air defence" }}]

[objectives.safe_seas]
requires = [{{ capability = "ships", at_least = {ships}, label = "ships" }}]

[objectives.strong_ukrainian_military]
requires = [{{ any = [
  {{ capability = "training_teams", at_least = {many_teams} }},
  {{ all = ["us_support.intelligence", {{ capability = "training_teams", at_least = {teams} }}] }},
], label = "training teams, fewer with U.S. intelligence" }}]

[mission]
requires = [{{ held = "14d", condition = "ceasefire", label = "ceasefire held two weeks" }}]
"#
    )
}
