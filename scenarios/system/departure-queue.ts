/** Items by their time, the earliest first, and of the same time the one that was added first: a binary heap. */
export class DepartureQueue<T> {
  private readonly heap: { dueUs: number; order: number; item: T }[] = [];
  private added = 0;

  /** Time of the earliest item; Infinity if there is none. */
  nextUs(): number {
    return this.heap[0]?.dueUs ?? Infinity;
  }

  add(dueUs: number, item: T): void {
    const entry = { dueUs, order: this.added++, item };
    let at = this.heap.push(entry) - 1;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (this.isBefore(this.heap[parent]!, entry)) break;
      this.heap[at] = this.heap[parent]!;
      at = parent;
    }
    this.heap[at] = entry;
  }

  /** Removes the earliest item. Throws if there is none. */
  take(): T {
    const [first] = this.heap;
    if (!first) throw new Error("the queue of departures is empty");
    const last = this.heap.pop()!;
    if (this.heap.length > 0) this.sink(last);
    return first.item;
  }

  /** Puts an entry in the place of the first one, and moves it down to where it belongs. */
  private sink(entry: { dueUs: number; order: number; item: T }): void {
    const { heap } = this;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && this.isBefore(heap[child + 1]!, heap[child]!)) child++;
      if (this.isBefore(entry, heap[child]!)) break;
      heap[at] = heap[child]!;
      at = child;
    }
    heap[at] = entry;
  }

  private isBefore(one: { dueUs: number; order: number }, other: { dueUs: number; order: number }): boolean {
    return one.dueUs < other.dueUs || (one.dueUs === other.dueUs && one.order < other.order);
  }
}
