// A slow or breaking network between a registry and whoever asks it: bytes pass as they are, later, and not all of them.
import { createServer, connect as dial, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort } from '../../cli/demo/server-process.ts';

export type Throttle = {
  readonly url: string;
  /** From now on: each answer begins so late, and goes on at this rate. */
  readonly slow: (latencyMs: number, bytesPerSecond: number) => void;
  /** The next answer longer than this stops there; resolves when it has. */
  readonly stall: (bytes: number) => Promise<void>;
  readonly free: () => void;
  readonly close: () => Promise<void>;
};

const PIECE = 64 * 1024;

export async function startThrottle(target: number): Promise<Throttle> {
  let pace = { latencyMs: 0, bytesPerSecond: Number.POSITIVE_INFINITY };
  let stalled: { readonly after: number; readonly reached: () => void } | undefined;
  const open = new Set<Socket>();
  const forward = async (from: Socket, to: Socket) => {
    // Per answer: a connection is kept alive over many.
    let since = Date.now();
    let sent = 0;
    for await (const chunk of from) {
      if (Date.now() - since > 200) sent = 0;
      if (sent === 0) await sleep(pace.latencyMs);
      for (let at = 0; at < chunk.length; at += PIECE) {
        const piece = chunk.subarray(at, at + PIECE);
        if (stalled !== undefined && sent >= stalled.after) {
          stalled.reached();
          while (stalled !== undefined) await sleep(20);
        }
        if (pace.bytesPerSecond < Number.POSITIVE_INFINITY) await sleep((1000 * piece.length) / pace.bytesPerSecond);
        to.write(piece);
        sent += piece.length;
        since = Date.now();
      }
    }
    to.end();
  };
  const server = createServer((socket) => {
    const behind = dial(target, '127.0.0.1');
    for (const one of [socket, behind]) {
      open.add(one);
      one.on('error', () => undefined).once('close', () => open.delete(one));
    }
    socket.pipe(behind);
    socket.once('close', () => behind.destroy());
    // What breaks off behind breaks off here.
    void forward(behind, socket).catch(() => socket.destroy());
  });
  const port = await freePort();
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  const free = () => {
    pace = { latencyMs: 0, bytesPerSecond: Number.POSITIVE_INFINITY };
    stalled = undefined;
  };
  return {
    url: `http://127.0.0.1:${port}`,
    slow: (latencyMs, bytesPerSecond) => {
      pace = { latencyMs, bytesPerSecond };
    },
    stall: (after) =>
      new Promise((reached) => {
        stalled = { after, reached };
      }),
    free,
    close: async () => {
      free();
      for (const one of open) one.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
