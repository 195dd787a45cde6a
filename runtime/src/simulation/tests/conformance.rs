//! The simulated ports answer as the real ones have to.

use super::{Scripted, notes, started};
use crate::{conformance, simulation::world::WorldSettings};

#[test]
fn the_table_is_one_that_handlers_can_rely_on() {
    let found = notes();
    let told = std::rc::Rc::clone(&found);
    let act = move |ports: super::SimPorts, _| {
        let told = std::rc::Rc::clone(&told);
        Box::pin(async move {
            if told.borrow().is_empty() {
                let differences = conformance::table(&ports).await;
                told.borrow_mut().push(differences);
            }
        }) as _
    };
    let scripted = Scripted { rebalancer: Some(Box::new(act)), ..Scripted::default() };
    let mut run = started(WorldSettings::quiet(1), scripted);
    while found.borrow().is_empty() {
        run.step();
    }
    assert_eq!(found.borrow()[0].as_slice(), [""; 0]);
}
