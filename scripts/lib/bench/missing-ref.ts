import { gitRefusal, runGit } from "../../../results/model/environment.ts";
import { didYouMean } from "../../../scenarios/lib/errors.ts";

/**
 * What to do about a ref that git does not find in a folder: a sentence that begins with a blank. Where the repository
 * has a remote, the sentence has the command that brings the ref, as a shallow or detached checkout of CI needs it.
 */
export function missingRefRemedy(ref: string, folder: string): string {
  const refusal = gitRefusal(folder);
  if (refusal) return ` It cannot be a git ref: ${refusal.reason}. Otherwise name a folder.`;
  const git = (...args: string[]): string => runGit(folder, ...args) ?? "";
  const newest = ["--sort=-creatordate", "--count=20", "--format=%(refname:short)"];
  const known = git("for-each-ref", ...newest, "refs/heads", "refs/tags", "refs/remotes")
    .split("\n")
    .filter(Boolean);
  const remotes = git("remote").split("\n").filter(Boolean);
  const inRemote = remotes.map((remote) => `${remote}/${ref}`).find((name) => known.includes(name));
  if (inRemote !== undefined) return ` There is "${inRemote}": name that.`;
  const shallow = git("rev-parse", "--is-shallow-repository") === "true";
  const fetching = remotes.length === 0 ? "" : ` To fetch it: ${fetchCommand(ref, remotes, shallow)}.`;
  if (shallow && fetching) return ` This checkout is shallow and does not have it.${fetching}`;
  return (known.length > 0 ? didYouMean(ref, known) : " This repository has no branch and no tag.") + fetching;
}

/** The command that brings a ref into a checkout: a branch, a tag, a branch of a remote ("origin/main") or a commit. */
function fetchCommand(ref: string, remotes: readonly string[], shallow: boolean): string {
  const fetch = ["git fetch", ...(shallow ? ["--depth 1"] : [])].join(" ");
  const remote = remotes.find((name) => ref.startsWith(`${name}/`));
  if (remote !== undefined) {
    const branch = ref.slice(remote.length + 1);
    return `${fetch} ${remote} ${branch}:refs/remotes/${ref}`;
  }
  const from = remotes.includes("origin") ? "origin" : remotes[0]!;
  return /^[0-9a-f]{40}$/.test(ref) ? `${fetch} ${from} ${ref}` : `${fetch} ${from} ${ref}:${ref}`;
}
