/** Errors of a terminal or a pipe whose other end is gone. */
const goneCodes = new Set(["EPIPE", "EIO", "ENXIO", "ECONNRESET", "ERR_STREAM_DESTROYED"]);

/**
 * Printing never ends this process. Where the reader is gone, such as `head` or a closed terminal, printing does
 * nothing from then on. Any other error, such as that of a full disk, goes to `failed`.
 */
export function outliveOutput(failed: (error: Error) => void = () => undefined): void {
  for (const stream of [process.stdout, process.stderr])
    stream.on("error", (error: NodeJS.ErrnoException) => {
      if (!goneCodes.has(error.code ?? "")) failed(error);
    });
}
