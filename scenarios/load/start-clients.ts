import { openDialer } from "./dialer.ts";
import type { WhenGone } from "./gone-clients.ts";
import { PersistentClients } from "./persistent-clients.ts";
import { ShortSessions } from "./short-sessions.ts";
import type { VirtualClients, WorkerAssignment } from "./virtual-clients.ts";

/**
 * The clients of one worker, not connected yet. `whenGone` is called with each client that is refused or dropped.
 * Throws a UserError where the transport cannot be loaded.
 */
export async function startClients(assignment: WorkerAssignment, whenGone?: WhenGone): Promise<VirtualClients> {
  const dialer = await openDialer(assignment);
  return assignment.settings.connectPerMessage
    ? new ShortSessions(assignment, dialer)
    : new PersistentClients(assignment, dialer, whenGone);
}
