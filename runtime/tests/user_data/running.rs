//! An instance after its boot, and what is left at its end.

use std::{
    fs,
    path::PathBuf,
    process::{Child, Command},
    thread,
    time::{Duration, Instant},
};

use crate::machine::Machine;

/// An instance after its boot.
pub(crate) struct Running {
    machine: Machine,
    process: Child,
}

/// An instance at its end.
pub(crate) struct Ended {
    running: Running,
    /// What its console shows.
    pub(crate) output: String,
    /// What was called, in order.
    pub(crate) calls: Vec<String>,
}

impl Running {
    pub(crate) fn new(machine: Machine, process: Child) -> Self {
        Self { machine, process }
    }

    /// Waits for a file of the world.
    pub(crate) fn wait_for(&self, name: &str) -> &Self {
        self.wait_until(name, |machine| machine.world(name).is_some());
        self
    }

    /// Sends a signal to the user data.
    pub(crate) fn signal(&self, signal: &str) -> &Self {
        send(signal, &self.process.id().to_string());
        self
    }

    /// Waits for the end of the user data, and of the instance.
    pub(crate) fn end(mut self) -> Ended {
        self.wait_for_end();
        let group = self.process.id().to_string();
        self.wait_until("the end of all its processes", |_| !group_lives(&group));
        self.ended()
    }

    /// Waits for the end of the instance, whose runner may still be alive.
    pub(crate) fn end_beside_its_runner(mut self) -> Ended {
        self.wait_for_end();
        self.ended()
    }

    fn wait_for_end(&mut self) {
        let started = Instant::now();
        while self.process.try_wait().unwrap().is_none() {
            assert!(started.elapsed() < TIMEOUT, "it never ends:\n{}", self.output());
            thread::sleep(Duration::from_millis(20));
        }
        // The watchdog may be what ends the instance.
        self.wait_until("the end", |machine| {
            machine.file("proc/sysrq-trigger").is_some()
                || machine.world("shutdown-refused").is_none()
                    && machine.calls().iter().any(|call| call == "shutdown -h now")
        });
    }

    fn ended(self) -> Ended {
        let (output, calls) = (self.output(), self.machine.calls());
        assert_eq!(self.machine.files_with_configuration(), Vec::<PathBuf>::new(), "{output}");
        assert_eq!(self.machine.world("seen-in-command-line"), None, "{output}");
        Ended { running: self, output, calls }
    }

    /// Waits for a call.
    pub(crate) fn wait_for_call(&self, call: &str) -> &Self {
        self.wait_until(call, |machine| machine.calls().iter().any(|it| it == call));
        self
    }

    /// Waits until the console shows this.
    pub(crate) fn wait_until_said(&self, text: &str) -> &Self {
        self.wait_until(text, |_| self.output().contains(text));
        self
    }

    /// The machine.
    pub(crate) fn machine(&self) -> &Machine {
        &self.machine
    }

    fn wait_until(&self, what: &str, reached: impl Fn(&Machine) -> bool) {
        let started = Instant::now();
        while !reached(&self.machine) {
            assert!(started.elapsed() < TIMEOUT, "{what} never comes:\n{}", self.output());
            thread::sleep(Duration::from_millis(20));
        }
    }

    /// What the console shows.
    pub(crate) fn output(&self) -> String {
        fs::read_to_string(self.machine.path("output")).unwrap()
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        send("KILL", &format!("-{}", self.process.id()));
        // The runner's own group, where the user data could not end it.
        if let Some(runner) = self.machine.world("runner") {
            send("KILL", &format!("-{}", runner.trim()));
        }
        self.process.wait().ok();
    }
}

impl Ended {
    /// The machine.
    pub(crate) fn machine(&self) -> &Machine {
        &self.running.machine
    }

    /// How often something was called with a command line that starts like this.
    pub(crate) fn count(&self, start: &str) -> usize {
        self.calls.iter().filter(|call| call.starts_with(start)).count()
    }

    /// Whether the runner was started with its configuration.
    pub(crate) fn has_started(&self) -> bool {
        let machine = self.machine();
        machine.world("seen-digest").is_some_and(|digest| digest.starts_with(&machine.configuration_digest()))
    }

    /// Whether nothing of the runner is left. Killed processes may need a moment.
    pub(crate) fn runner_is_gone(&self) -> bool {
        let Some(runner) = self.machine().world("runner") else { return true };
        self.running.wait_until("the end of the runner", |_| !group_lives(runner.trim()));
        true
    }

    /// Asserts that the console says this.
    #[track_caller]
    pub(crate) fn says(&self, text: &str) -> &Self {
        assert!(self.output.contains(text), "`{text}` is not in:\n{}", self.output);
        self
    }
}

/// How long a test waits for what must come.
const TIMEOUT: Duration = Duration::from_mins(1);

/// Sends a signal to a process, or to a group with `-` before its number. It may be gone already.
fn send(signal: &str, process: &str) {
    let kill = format!("kill -{signal} -- {process} 2>/dev/null || :");
    assert!(Command::new("/bin/bash").args(["-c", &kill]).status().unwrap().success());
}

/// Whether a process of this group is alive, and not a zombie.
fn group_lives(group: &str) -> bool {
    fs::read_dir("/proc").unwrap().filter_map(Result::ok).any(|process| {
        let stat = fs::read_to_string(process.path().join("stat")).unwrap_or_default();
        // After the name, which may hold anything: state, parent, group
        // (<https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html>).
        let mut fields = stat.rsplit(')').next().unwrap_or_default().split_whitespace();
        fields.next().is_some_and(|state| state != "Z") && fields.nth(1) == Some(group)
    })
}
