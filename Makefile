# `make` lists the targets. Cargo does the work; this file adds the outside tools that the tests call.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help

PYTHON ?= python3
TOOLS := .tools
TARGET := $(or $(CARGO_TARGET_DIR),target)
SKIPPED := $(TARGET)/skipped-checks.txt

.PHONY: help
help: ## List the targets
	@grep -hE '^[a-z._-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z._-]+):.*## /\1\t/' | expand -t 24

# `make -n` runs every line that contains `$(MAKE)`, so this variable has another name.
AGAIN = $(MAKE) --no-print-directory

# With CI=true the tests deploy the packages that people deploy, and otherwise the program that cargo has
# built for the tests anyway.
PACKAGED := $(filter true,$(CI))

.PHONY: test
test: ## Test everything, with every outside tool that this machine can have
	@$(AGAIN) tools || echo "WARNING: not every tool could be installed; see the skipped checks below" >&2
	@mkdir -p $(TARGET) && rm -f $(SKIPPED)
	$(if $(PACKAGED),@$(AGAIN) lambda.zip)
	@status=0; $(if $(PACKAGED),JIT_RUNNERS_PACKAGES=bin) tools/test.py || status=$$?; \
		echo "The functions were deployed from $(if $(PACKAGED),the packages of \`make lambda.zip\`,the program of the test profile; \`CI=true make test\` takes the packages of \`make lambda.zip\`)."; \
		$(AGAIN) skipped; exit $$status

# Skipped checks are listed last, where people see them: a run with skipped checks must not look like a complete one.
.PHONY: skipped
skipped:
	@if [[ -s $(SKIPPED) ]]; then \
		echo "################ $$(wc -l < $(SKIPPED)) CHECK(S) SKIPPED ################"; \
		sort $(SKIPPED); \
		echo "################ nothing of the above was proved ################"; \
	else echo "No check was skipped."; fi

# Cargo knows which files have changed, so make has no dependencies here.
.PHONY: lambda.zip
lambda.zip: $(TOOLS)/lambda/.installed ## Build the functions and pack them: bin/*.zip
	tools/lambda.sh

.PHONY: generate
generate: ## Write generated/
	cargo run --quiet -- generate

.PHONY: snapshots
snapshots: ## Accept what changed in snapshots/; read the diff afterwards
	INSTA_UPDATE=always cargo test --package jit-runners-generator

.PHONY: bench
bench: ## Time `generate` and `check`, beside `cdk synth`, and how time grows with the model
	generator/benches/compare.sh
	cargo bench --package jit-runners-generator --bench scaling

# This test always exists. Here it runs with more requests to measure, and alone.
.PHONY: figures
figures: lambda.zip ## How fast the deployed functions are on the emulator
	JIT_RUNNERS_PACKAGES=bin JIT_RUNNERS_FIGURES=1 cargo test --workspace --test outside -- --nocapture figures_of_the_deployed_functions

.PHONY: bench.start
bench.start: lambda.zip ## Time the start of the functions in bin/, and their memory, without TLS and with it
	runtime/functions/benches/start.py
	runtime/functions/benches/start.py --tls

.PHONY: simulate
simulate: ## Run the handlers in SEEDS (20000) simulated worlds, and in small ones with every two faults
	cargo run --quiet --release --package jit-runners-simulation --bin simulate -- --seeds $(or $(SEEDS),20000)
	cargo run --quiet --release --package jit-runners-simulation --bin simulate -- --exhaustive
	for file in runtime/simulation/long/*.yaml; do \
		cargo run --quiet --release --package jit-runners-simulation --bin simulate -- --scenario $$file; done

.PHONY: scenarios
scenarios: ## Write the schema of scenarios, and the page with their keys
	cargo run --quiet --release --package jit-runners-simulation --bin simulate -- --write-schema .

.PHONY: comparison
comparison: ## Write docs/comparison.md, its numbers and its picture: others' policies in the same simulated worlds
	cargo run --quiet --release --package jit-runners-simulation --bin compare

.PHONY: fuzz
fuzz: ## Fuzz both readers of `check`, and what the functions read, each for SECONDS (60)
	fuzz/run.sh $(or $(SECONDS),60)

# `ami.build-distribute` and `ami.copy` copy images to these regions, and `ami.prune` looks for old images in them.
REGIONS ?= us-east-2 us-west-2 eu-west-1 eu-central-1
AMI = $(PYTHON) -B packer/ami
# `--name value` for each of these variables that has a value: REGION, SUBNET_ID, ...
options = $(foreach name,$(1),$(if $($(name)),--$(shell tr 'A-Z_' 'a-z-' <<<$(name)) "$($(name))"))
switches = $(foreach name,$(1),$(if $(filter true,$($(name))),--$(shell tr 'A-Z_' 'a-z-' <<<$(name))))
BUILD_OPTIONS := REGION ARCHITECTURE BASE_IMAGE EXTRA_SCRIPT GENERATED INSTANCE_TYPE KMS_KEY_ID SUBNET_ID VOLUME_SIZE

.PHONY: ami.validate
ami.validate: ## Check the template of the runner image with Packer
	$(AMI) validate $(call options,$(BUILD_OPTIONS))

.PHONY: ami.build
ami.build: ## Build the runner image, private, in one REGION
	$(AMI) build $(call options,$(BUILD_OPTIONS))

.PHONY: ami.build-test
ami.build-test: ## Build the runner image under a name of its own, to try
	$(AMI) build-test $(call options,$(BUILD_OPTIONS))

.PHONY: ami.build-distribute
ami.build-distribute: ## Build the runner image and copy it to REGIONS; for everybody with PUBLIC=true
	$(AMI) build-distribute $(call options,$(BUILD_OPTIONS) REGIONS) $(call switches,PUBLIC)

.PHONY: ami.copy
ami.copy: ## Copy the image AMI_ID of REGION to REGIONS; for everybody with PUBLIC=true
	$(AMI) copy $(call options,REGION REGIONS) $(call switches,PUBLIC) "$(AMI_ID)"

.PHONY: ami.prune
ami.prune: ## Say which images are older than the KEEP (3) newest and not in use; remove them with APPLY=true
	$(AMI) prune $(call options,REGION REGIONS KEEP PREFIX) $(call switches,APPLY)

.PHONY: fmt
fmt: ## Format the code
	cargo fmt --all
	cargo fmt --manifest-path fuzz/Cargo.toml

.PHONY: lint
lint: ## Check format and lints
	cargo fmt --all --check
	cargo fmt --manifest-path fuzz/Cargo.toml --check
	cargo clippy --workspace --all-targets -- -D warnings
	cargo clippy --locked --manifest-path fuzz/Cargo.toml --target-dir $(TARGET)/fuzz -- -D warnings

.PHONY: tools
tools: $(TOOLS)/venv/.installed $(TOOLS)/checkov/.installed $(TOOLS)/moto/.installed $(TOOLS)/npm/.installed ## Install the pinned tools below .tools/

$(TOOLS)/venv/.installed: tools/requirements.txt
$(TOOLS)/checkov/.installed: tools/requirements-checkov.txt
$(TOOLS)/lambda/.installed: tools/requirements-lambda.txt
$(TOOLS)/moto/.installed: tools/requirements-moto.txt
$(TOOLS)/venv/.installed $(TOOLS)/checkov/.installed $(TOOLS)/lambda/.installed $(TOOLS)/moto/.installed:
	$(PYTHON) -m venv --clear $(@D)
	$(@D)/bin/pip install --quiet --disable-pip-version-check --requirement $<
	@touch $@

# The archives are enough: the tests read single files from them. Without npm their check is skipped.
$(TOOLS)/npm/.installed: tools/npm-packages.txt
	@rm -rf $(@D) && mkdir -p $(@D)
	@if command -v npm >/dev/null; then \
		packages="$$(realpath $<)"; cd $(@D) && xargs npm pack --silent < "$$packages"; \
	else echo "npm is missing: names of AWS provider 6 cannot be checked" >&2; exit 0; fi
	@touch $@

.PHONY: clean
clean: ## Remove what was built and installed
	cargo clean
	rm -rf $(TOOLS) bin
