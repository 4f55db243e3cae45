import { clockProofs } from "./clock-proofs.ts";
import { failureProofs } from "./failure-proofs.ts";
import type { AgentProof } from "./proof-steps.ts";
import { refusalProofs } from "./refusal-proofs.ts";
import { resultProofs } from "./result-proofs.ts";

/** The proofs, each on a stage of its own. Their numbers are their places. */
export const agentProofs: readonly AgentProof[] = [...resultProofs, ...clockProofs, ...failureProofs, ...refusalProofs];
