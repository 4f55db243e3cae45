/**
 * When messages may be sent where only one side may speak at a time: the clients in the first turn from T0 (or the
 * start of the load), the hub in the second, and so on. What comes due in the other side's turn waits for the next of
 * its own. Senders from `firstVoice` on are the hub's. Pure.
 */
export function delayToOwnSlot(
  dueUs: Float64Array,
  sender: Int32Array,
  firstVoice: number,
  turnUs: number,
): Float64Array {
  return dueUs.map((due, message) => {
    const turn = Math.floor(due / turnUs);
    const side = sender[message]! < firstVoice ? 0 : 1;
    return turn % 2 === side ? due : (turn + 1) * turnUs;
  });
}
