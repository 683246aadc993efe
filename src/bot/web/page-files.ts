/**
 * The built page. Its plugin is loaded with the first visit (it costs 6 MiB), so it lives in a small app of its own
 * behind the server: a bot that nobody looks at does not carry it.
 */
import { access } from 'node:fs/promises';
import { join } from 'node:path';
import type { FastifyInstance, FastifyReply } from 'fastify';
import { problem } from '../../platform/http-problem.ts';

export interface PageFiles {
  /** Answers with the file the URL names, or with the page itself: the page finds its own way from there. */
  show(reply: FastifyReply): Promise<null>;
  close(): Promise<void>;
}

/** Files with a dot in the last part of their path; everything else is an address within the page. */
const FILE = /\.[a-z0-9]+$/i;

export function createPageFiles(folder: string): PageFiles {
  let files: Promise<FastifyInstance> | undefined;

  return {
    async show(reply) {
      const path = reply.request.url.split('?', 1)[0] ?? '/';
      if (path.startsWith('/api/')) return notFound(reply, `There is nothing at ${path}.`);
      if (!(await isBuilt(folder))) {
        return notFound(reply, 'The console page is not built. Run "npm run build", or use the API.');
      }
      files ??= createFiles(folder);
      const app = await files;
      reply.hijack();
      for (const [name, value] of Object.entries(reply.getHeaders())) {
        if (value !== undefined) reply.raw.setHeader(name, value);
      }
      const request = reply.request.raw;
      if (!FILE.test(path)) request.url = '/index.html';
      app.routing(request, reply.raw);
      return null;
    },
    async close() {
      await (await files)?.close();
    },
  };
}

async function createFiles(folder: string): Promise<FastifyInstance> {
  const [{ default: fastify }, { default: serveStatic }] = await Promise.all([
    import('fastify'),
    import('@fastify/static'),
  ]);
  const app = fastify({ logger: false });
  await app.register(serveStatic, {
    root: folder,
    preCompressed: true,
    dotfiles: 'ignore',
    index: false,
    cacheControl: false,
    setHeaders: (reply, path) => {
      // Built names carry a hash of what is in them; the page that names them must always be fresh.
      const isHashed = path.includes(`${join(folder, 'assets')}/`);
      void reply.setHeader('cache-control', isHashed ? 'public, max-age=31536000, immutable' : 'no-cache');
    },
  });
  app.setNotFoundHandler((_request, reply) => {
    const { status, body } = problem('NOT_FOUND', 'There is no such file.');
    return reply.code(status).send(body);
  });
  await app.ready();
  return app;
}

async function isBuilt(folder: string): Promise<boolean> {
  try {
    await access(join(folder, 'index.html'));
    return true;
  } catch {
    // Not built: the caller says so.
    return false;
  }
}

function notFound(reply: FastifyReply, message: string): null {
  const { status, body } = problem('NOT_FOUND', message);
  reply.code(status).send(body);
  return null;
}
