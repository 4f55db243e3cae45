import { execFileSync, execSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { gitRefusal, projectFolder, runGit } from "../../../results/model/environment.ts";
import { missingRefRemedy } from "./missing-ref.ts";

const withGit = runGit(projectFolder, "--version") !== null;

let folder: string;

function git(where: string, ...args: string[]): string {
  const who = ["-c", "user.name=Test", "-c", "user.email=test@localhost", "-c", "commit.gpgsign=false"];
  return execFileSync("git", [...who, ...args], { cwd: where, encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] });
}

describe.skipIf(!withGit)("a ref that is missing", () => {
  const at = (name: string): string => join(folder, name);

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "missing ref ü "));
    git(folder, "init", "--quiet", "--initial-branch=main", "full");
    for (const message of ["one", "two"]) git(at("full"), "commit", "--quiet", "--allow-empty", "-m", message);
    git(at("full"), "tag", "v1");
    git(at("full"), "branch", "feature");
    git(folder, "clone", "--quiet", "--depth=1", "--branch=feature", pathToFileURL(at("full")).href, "shallow");
    git(at("shallow"), "checkout", "--quiet", "--detach");
    git(at("shallow"), "branch", "--delete", "feature");
    git(folder, "clone", "--quiet", "full", "clone");
    git(at("clone"), "checkout", "--quiet", "--detach");
    git(at("clone"), "branch", "--delete", "--force", "main");
  });
  afterAll(() => rmSync(folder, { recursive: true }));
  afterEach(() => vi.unstubAllEnvs());

  it.each(["main", "origin/main", "v1"])("%s comes into a shallow, detached checkout with the command shown", (ref) => {
    const remedy = missingRefRemedy(ref, at("shallow"));
    const [, command] = /^ This checkout is shallow and does not have it\. To fetch it: (git fetch .+)\.$/.exec(
      remedy,
    )!;
    execSync(command!, { cwd: at("shallow"), stdio: "ignore" });
    expect(runGit(at("shallow"), "rev-parse", "--verify", ref)).not.toBeNull();
  });

  it("is found under the name of its remote", () => {
    expect(missingRefRemedy("main", at("clone"))).toBe(' There is "origin/main": name that.');
  });

  it("may be a typing error, or not fetched yet", () => {
    expect(missingRefRemedy("v2", at("clone"))).toMatch(
      /^ Did you mean "v1"\? The choices are: .+\. To fetch it: git fetch origin v2:v2\.$/,
    );
    expect(missingRefRemedy("mian", at("full"))).toMatch(/^ Did you mean "main"\? The choices are: [^:]+\.$/);
  });

  it("is not to be had outside a repository, and where git refuses the folder it says why", () => {
    expect(missingRefRemedy("main", folder)).toBe(
      " It cannot be a git ref: there is no git repository here. Otherwise name a folder.",
    );
    vi.stubEnv("GIT_TEST_ASSUME_DIFFERENT_OWNER", "1");
    expect(gitRefusal(at("full"))).toMatchObject({ repository: true });
    expect(missingRefRemedy("main", at("full"))).toMatch(
      /^ It cannot be a git ref: git refuses: detected dubious ownership in repository at '.+'\. To add an exception for this directory, call: git config --global --add safe\.directory .+\. Otherwise name a folder\.$/,
    );
  });
});
