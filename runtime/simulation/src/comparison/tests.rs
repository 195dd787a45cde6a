//! The page and the picture.

use super::{scale::Scale, *};

fn cell(stranded: f64, half: f64) -> Cell {
    Cell {
        stranded,
        half,
        most: half * 2.0,
        last: half * 3.0,
        wasted: 0.5,
        github: 2.0,
        ec2: 1.0,
        launches: 3.0,
    }
}

fn comparison(cells: &[Cell; 5]) -> Comparison {
    let row = Row {
        name: "matrix",
        shows: "A matrix.",
        jobs: 256,
        cells: cells.to_vec(),
        prompt: cells[1..3].to_vec(),
    };
    Comparison { seeds: 3, rows: vec![row], growth: vec![Growth { jobs: 10_000, ..Growth::default() }] }
}

#[test]
fn the_page_says_where_somebody_else_is_ahead() {
    let page = |theirs| {
        page(&comparison(&[cell(0.0, 50.0), theirs, cell(0.0, 50.0), cell(0.0, 50.0), cell(0.0, 50.0)]))
    };
    let ahead = page(cell(7.0, 40.0));
    assert!(
        ahead.contains("half of the jobs**: `matrix` 50 s (per webhook: 40 s, with 7 stranded). A policy"),
        "{ahead}"
    );
    assert!(ahead.contains("**Stranded jobs**: nowhere."));
    let level = page(cell(0.0, 49.0));
    assert!(level.contains("half of the jobs**: nowhere."), "{level}");
}

#[test]
fn a_job_that_never_starts_is_told_as_that_and_is_no_best() {
    let never = cell(9.0, f64::INFINITY);
    let comparison = comparison(&[cell(0.0, 50.0), never, never, never, never]);
    let page = page(&comparison);
    assert!(page.contains("| matrix | **50 s** | never | never | never | never |"), "{page}");
    let chart = chart(&comparison);
    assert!(!chart.contains("inf") && !chart.contains("NaN"), "{chart}");
}

#[test]
fn the_middle_one_is_taken_and_endless_is_the_greatest() {
    assert!((median(vec![3.0, f64::INFINITY, 1.0]) - 3.0).abs() < 1e-9);
    assert!(median(vec![3.0, f64::INFINITY, f64::INFINITY]).is_infinite());
}

#[test]
fn scales_hold_all_values() {
    for values in [vec![0.0, 18.2], vec![0.0], vec![0.7, 1.4], vec![0.3, 28.0]] {
        for scale in [Scale::linear(&values), Scale::logarithmic(&values), Scale::times(&values)] {
            let places: Vec<_> = values.iter().map(|value| scale.place(*value)).collect();
            assert!(places.iter().all(|place| (0.0..=1.0).contains(place)), "{values:?} {scale:?}");
            assert!((2..=11).contains(&scale.ticks.len()), "{values:?} {scale:?}");
        }
    }
    let linear = Scale::linear(&[0.0, 18.2]);
    assert_eq!(linear.ticks.last().map(|(_, label)| label.as_str()), Some("20"));
    let decades = Scale::logarithmic(&[0.3, 28.0]);
    let labels: Vec<_> = decades.ticks.iter().map(|(_, label)| label.as_str()).collect();
    assert_eq!(labels, ["0.3", "1", "3", "10", "30"]);
    assert!((decades.place(3.0) - 0.5).abs() < 0.01);
    assert!(Scale::times(&[40.0, f64::INFINITY]).place(f64::INFINITY) >= 1.0);
}

#[test]
fn two_runs_of_the_same_tasks_measure_the_same() {
    let scenario = Scenario::named("fifty-jobs").unwrap();
    let tasks: Vec<_> = Contender::ALL.iter().map(|contender| (scenario, *contender, 3)).collect();
    let measured = measure_all(&tasks, |_, _| {}).unwrap();
    assert_eq!(measured, measure_all(&tasks, |_, _| {}).unwrap());
    assert!(measured.iter().all(|measured| measured.jobs == 50));
    assert!(measured[0].cell.stranded < 0.5);
}
