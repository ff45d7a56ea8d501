//! Temporary driver.
use ceasefire::*;
fn main() {
    let args: Vec<String> = std::env::args().collect();
    let loaded = scenario::load::load(std::path::Path::new(&args[2]), &[]);
    let mut diagnostics = loaded.diagnostics.clone();
    let model = loaded
        .scenario
        .as_ref()
        .and_then(|s| model::build(s, "x", &mut diagnostics));
    for d in diagnostics.in_order() {
        eprintln!("{}\n", diagnostic::render(d, &loaded.sources, false));
    }
    let Some(model) = model else { std::process::exit(2) };
    let plan = plan::Plan::new(&model);
    if args[1] == "trace" {
        let n: u64 = args[3].parse().unwrap();
        for t in 0..n {
            println!(
                "{}",
                serde_json::to_string(&study::trace::trace(&model, &plan, 1, t)).unwrap()
            );
        }
        return;
    }
    let pool = rayon::ThreadPoolBuilder::new()
        .num_threads(args.get(4).map_or(2, |n| n.parse().unwrap()))
        .build()
        .unwrap();
    let start = std::time::Instant::now();
    let trials = args[3].parse().unwrap();
    let tally = study::run::run(
        &plan,
        study::run::Order {
            seed: 1,
            first: 0,
            trials,
        },
        &pool,
        &study::run::Unwatched,
    )
    .unwrap();
    let elapsed = start.elapsed();
    let results = estimate::Results::new(&model, &plan, &tally, 0.95);
    println!(
        "{:?} {:.0} ns/trial",
        elapsed,
        elapsed.as_nanos() as f64 / trials as f64
    );
    println!("by 180 {:?}", results.mission.ready_by.get(180));
    println!("{:?}", results.mission.ready_by.last());
    for o in &results.objectives {
        println!("{} {:?}", o.subject, o.ready_by.last());
    }
    for g in &results.gates {
        println!(
            "{} {} {:?} {:?}",
            g.open.subject,
            g.open.label,
            g.bottleneck,
            g.ready_if_granted.last()
        );
    }
}
