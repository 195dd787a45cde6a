//! The configuration comes through a real table: AWS's own command line calls an emulator.

use std::process::Command;

use jit_runners_model::contract::table::{CONFIGURATION, KEY, Key};
use jit_runners_witnesses::{
    emulator::{Aws, Emulator},
    tools,
};
use serde_json::json;

use crate::machine::{INSTANCE, Machine, REGION, ROLE_ID, VERSION};

const CHECK: &str = "an instance's configuration in an emulated table";
const TABLE: &str = "jit-runners-state";

struct Table<'emulator> {
    emulator: &'emulator Emulator,
    aws: Aws<'emulator>,
}

#[test]
fn an_instance_takes_its_configuration_once() {
    let Some(emulator) = Emulator::start(CHECK).unwrap() else { return };
    let Some(aws) = Aws::new(CHECK, &emulator).unwrap() else { return };
    let table = Table { emulator: &emulator, aws };
    table.create();

    let ended = table.instance().boot();
    assert!(ended.has_started(), "{}", ended.output);
    assert_eq!(table.item(), "None");

    // The configuration of another instance is there, and is not for this one.
    let machine = table.instance().that_gives_up();
    table.delete();
    table.put("i-0def", "another");
    let ended = machine.boot();
    ended.says("gives up: no configuration came");
    assert!(!ended.has_started());
}

impl Table<'_> {
    fn create(&self) {
        let key = format!("AttributeName={KEY}");
        self.ask(&[
            "create-table",
            "--billing-mode",
            "PAY_PER_REQUEST",
            "--key-schema",
            &format!("{key},KeyType=HASH"),
            "--attribute-definitions",
            &format!("{key},AttributeType=S"),
        ]);
    }

    /// An instance that asks this table, with its configuration in it.
    fn instance(&self) -> Machine {
        let machine = Machine::with_runner(VERSION, "").with_table(TABLE);
        let mut client = Command::new(tools::find("aws").unwrap());
        self.emulator.configure(&mut client);
        machine.use_real_aws(&client);
        self.put(INSTANCE, machine.configuration());
        machine
    }

    fn put(&self, instance: &str, configuration: &str) {
        let key = Key::configuration(ROLE_ID, instance);
        let item = json!({ KEY: { "S": key.as_str() }, CONFIGURATION: { "S": configuration }, "revision": { "N": "1" } });
        self.ask(&["put-item", "--item", &item.to_string()]);
    }

    fn delete(&self) {
        self.ask(&["delete-item", "--key", &Self::key()]);
    }

    fn item(&self) -> String {
        self.ask(&["get-item", "--key", &Self::key(), "--query", "Item", "--output", "text"])
            .trim()
            .to_owned()
    }

    fn key() -> String {
        json!({ KEY: { "S": Key::configuration(ROLE_ID, INSTANCE).as_str() } }).to_string()
    }

    fn ask(&self, arguments: &[&str]) -> String {
        let place = ["--table-name", TABLE, "--region", REGION];
        self.aws.text(&[&["dynamodb"], arguments, &place].concat()).unwrap()
    }
}
