// Loopback only: nothing here is meant to be reached from another machine without a proxy that somebody configured.
import type { Server } from 'node:http';
import { UsageError } from './embedded.ts';

export async function listen(server: Server, url: URL): Promise<void> {
  if (!['127.0.0.1', 'localhost', '[::1]'].includes(url.hostname))
    throw new UsageError(`${url.hostname} is not this machine's loopback`);
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) =>
      reject(
        error.code === 'EADDRINUSE'
          ? new UsageError(
              `port ${url.port} is taken, perhaps by another \`countersign serve\`; \`init --base-url\` chooses the port of a folder`,
            )
          : error,
      ),
    );
    server.listen(Number(url.port), url.hostname.replace(/[[\]]/g, ''), resolve);
  });
}
