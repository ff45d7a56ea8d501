//! The scenario that `ceasefire new` writes: small, commented, and ready to run.

/// A scenario to start from. It uses most of the language once, in the order in which a planner thinks, and loads
/// without an error or a warning.
pub const TEMPLATE: &str = include_str!("template.toml");

#[cfg(test)]
mod tests {
    use super::TEMPLATE;
    use crate::sampling::Source;
    use crate::scenario::Scenario;
    use crate::scenario::load::parse;
    use crate::study::run::{Order, Unwatched, run};
    use crate::study::trace::trace;
    use crate::{diagnostic, model, plan};

    fn meant() -> (Scenario, model::Model) {
        let mut loaded = parse("new.toml", TEMPLATE);
        let scenario = loaded.scenario.take();
        let model = scenario
            .as_ref()
            .and_then(|scenario| model::build(scenario, "new", &mut loaded.diagnostics));
        let found = loaded.diagnostics.in_order();
        let told: Vec<String> = found
            .iter()
            .map(|found| diagnostic::render(found, &loaded.sources, false))
            .collect();
        assert!(told.is_empty(), "{}", told.join("\n"));
        (scenario.unwrap(), model.unwrap())
    }

    #[test]
    fn it_has_what_a_planner_starts_from_and_no_faults() {
        let (scenario, model) = meant();
        assert_eq!(model.objectives.len(), 4);
        assert!(scenario.ceasefire.is_some() && scenario.us_support.contains_key("logistics"));
        assert!((3..=4).contains(&scenario.contributors.len()));
        assert!(!scenario.drivers.is_empty() && !scenario.effects.is_empty());
        assert_eq!(model.claims.len(), 1);
        let widest = TEMPLATE.lines().map(|line| line.chars().count()).max();
        assert!(widest.is_some_and(|widest| widest <= 100), "{widest:?}");
    }

    #[test]
    fn it_plays_and_its_claim_holds() {
        let (_, model) = meant();
        let plan = plan::Plan::new(&model);
        let pool = rayon::ThreadPoolBuilder::new().num_threads(1).build().unwrap();
        let order = Order {
            source: Source::random(1),
            first: 0,
            trials: 20_000,
        };
        assert!(run(&plan, order, &pool, &Unwatched).is_some());
        let claim = &model.claims[0];
        let by = claim.day.unwrap();
        let ready = (0..2_000).filter(|&number| {
            trace(&model, &plan, Source::random(1), number)
                .mission
                .first_ready
                .is_some_and(|ready| ready <= by)
        });
        #[allow(clippy::cast_precision_loss, reason = "a count of at most 2,000")]
        let share = ready.count() as f64 / 2_000.0;
        // An answer that is neither 0 nor 1, and a claim well below it: who tries the file first sees both at work.
        assert!(
            share < 0.9 && claim.at_least.is_some_and(|least| share > least + 0.05),
            "{share}"
        );
    }

    #[test]
    fn every_trial_can_be_told() {
        let (scenario, model) = meant();
        let plan = plan::Plan::new(&model);
        let told = crate::story::explain(&model, &scenario);
        let stories = (0..200)
            .map(|number| crate::story::timeline(&model, &trace(&model, &plan, Source::random(1), number)));
        for text in std::iter::once(told).chain(stories) {
            assert!(
                text.lines()
                    .all(|line| line.chars().count() <= crate::story::WIDTH),
                "{text}"
            );
        }
    }
}
