import { openDialer } from "./dialer.ts";
import { PersistentClients } from "./persistent-clients.ts";
import { ShortSessions } from "./short-sessions.ts";
import type { VirtualClients, WorkerAssignment } from "./virtual-clients.ts";

/**
 * The clients of one worker, not connected yet. `lost` is called with a sentence for each connection that ends before
 * its time. Throws a UserError where the transport cannot be loaded.
 */
export async function startClients(
  assignment: WorkerAssignment,
  lost: (reason: string) => void,
): Promise<VirtualClients> {
  const dialer = await openDialer(assignment);
  return assignment.settings.connectPerMessage
    ? new ShortSessions(assignment, dialer)
    : new PersistentClients(assignment, dialer, lost);
}
