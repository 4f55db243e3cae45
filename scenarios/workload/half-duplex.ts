/**
 * Send times in half duplex. Slots of `slotUs` belong to the clients and the server in turn, from T0 or the start of
 * the load on, and the clients have the first. A message due in a slot of the other side waits for the next slot.
 * Senders from `firstServerSender` on are the server's.
 */
export function delayToOwnSlot(
  dueUs: Float64Array,
  sender: Int32Array,
  firstServerSender: number,
  slotUs: number,
): Float64Array {
  return dueUs.map((due, message) => {
    const slot = Math.floor(due / slotUs);
    const side = sender[message]! < firstServerSender ? 0 : 1;
    return slot % 2 === side ? due : (slot + 1) * slotUs;
  });
}
